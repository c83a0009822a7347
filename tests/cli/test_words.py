"""What a command says, and where: encodings, closed streams, interruptions, refusals, tables."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from command import GARDNER, interrupted, run_here
from hostile import HUGE, SMALLEST, TREE, options

from gardner.cli import streams
from gardner.cli.common import parts_of_table
from gardner.runtime import progress

PLANTED = ("solve", "planted", "--alpha", "2", "--depth", "1")
OPTIONS = [
    (words, option.opts[0])
    for words, command in TREE.items()
    for option in command.params
    if option.param_type_name == "option" and not getattr(option, "is_flag", False) and option.name != "help"
]


def call(*words):
    """`gardner` in this process and folder: exit code, standard output, standard error."""
    done = run_here(Path.cwd(), *words)
    return done.code, done.out, done.err


def run(*arguments, **options):
    return subprocess.run([GARDNER, *arguments], timeout=120, **({"capture_output": True} | options))


# encodings and streams


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "iso8859-7"])
def test_terminals_of_few_letters_get_every_line(tmp_path, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = run(*PLANTED, "--out", "run.nc", cwd=tmp_path, env=environment)
    shown = done.stdout.decode(encoding)
    assert done.returncode == 0 and not done.stderr and (tmp_path / "run.nc").exists()
    greek = "α" if encoding == "iso8859-7" else "alpha"
    assert (
        f"symmetric closure, spherical weights: {greek} = 2, L = 1" in shown
        and "0.72829817" in shown
        and "?" not in shown
    )


def test_help_and_errors_fit_an_ascii_terminal():
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run("solve", "random", "--help", env=environment)
    assert done.returncode == 0 and "alpha = M/N" in done.stdout.decode("ascii")
    done = run("solve", "random", "--depth", "2", env=environment)
    (line,) = done.stderr.decode("ascii").splitlines()
    assert done.returncode == 2 and "usage: gardner solve random --alpha ... --depth ..." in line


def test_letters_have_readable_names():
    with pytest.raises(UnicodeDecodeError):
        streams.readable(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"))
    text = "α λ Λ ∂s/∂m ≤ 2² é ∫q │ ─ ☃ …"
    stands = streams.readable(UnicodeEncodeError("ascii", text, 0, len(text), "ordinal"))
    assert stands == ("alpha lambda Lambda ds/dm <= 2^2 e int q | - ? ...", len(text))


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_closed_streams_lose_no_result(tmp_path, closed):
    def close():
        for number in closed:
            os.close(number)

    done = run(*PLANTED, "--out", "run.nc", cwd=tmp_path, preexec_fn=close)
    assert done.returncode == 0
    shown = run("show", "run.nc", "--json", cwd=tmp_path)
    assert b'"converged"' in shown.stdout  # and nothing was printed into the file
    assert (b"0.72829817" in done.stdout) == (1 not in closed)
    if closed == (2,):  # an error must not go to standard output instead
        wrong = run(*PLANTED, "--field", "-1", cwd=tmp_path, preexec_fn=close)
        assert wrong.returncode == 2 and not wrong.stdout


def test_a_reader_that_leaves_early_is_no_failure(tmp_path):
    with subprocess.Popen([GARDNER, *PLANTED, "--out", "run.nc"], cwd=tmp_path, stdout=-1, stderr=-1) as process:
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(60) == 0 and not error and (tmp_path / "run.nc").exists()


def test_output_on_a_full_disk_is_told_once(tmp_path):
    with open("/dev/full", "w") as full:
        done = run(*PLANTED, "--out", "run.nc", cwd=tmp_path, stdout=full, capture_output=False, stderr=-1)
    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 2 and "standard output: cannot be written (No space left" in line
    assert (tmp_path / "run.nc").exists()


# interruptions


def stopped(folder, *arguments):
    """Exit code, standard output, and what is said after Ctrl-C, without progress and news of a compilation."""
    done = interrupted(folder, *arguments)
    before = (" ".join(arguments[:2]), f"gardner {arguments[0]}: ", "compiling the ")
    said = [text for text in done.err.splitlines() if not text.startswith(before)]
    return done.code, done.out, said


def test_interruption_before_a_result_says_that_nothing_is_saved(tmp_path):
    code, out, said = stopped(tmp_path, "solve", "sk", "--beta", "2", "--levels", "400")
    assert (code, out, said) == (130, "", ["gardner: interrupted; nothing was saved"])


def test_interruption_of_a_search_says_how_to_go_on_only_if_that_is_possible(tmp_path):
    slow = ("solve", "random", "--alpha", "50", "--depth", "12", "--levels", "60", "--method", "damped", "--json")
    code, out, said = stopped(tmp_path, *slow)
    assert code == 130 and '"interrupted"' in out
    assert said == ["interrupted; the last state of the search is printed, but not saved: --out FILE keeps it"]
    code, out, said = stopped(tmp_path, *slow, "--out", "run.nc")
    assert code == 130 and said == ["interrupted; the last state of the search is in run.nc: --from run.nc goes on"]


def test_interrupted_monte_carlo_without_a_file_advises_no_resumption(tmp_path):
    code, out, said = stopped(
        tmp_path, *"mc planted --width 8 --depth 1 --alpha 1 --sweeps 1e9 --points 100000".split()
    )
    assert (code, out, len(said)) == (130, "", 1) and "--resume" not in said[0]
    assert said[0].endswith(("nothing was saved", "were done, and none is kept: --out keeps them"))


def test_interruption_after_the_file_is_written_names_it(tmp_path, monkeypatch):
    from gardner.theory.planted.solve import PlantedSolution

    def stop(solution):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(PlantedSolution, "tell", stop)
    assert call(*PLANTED, "--out", "run.nc") == (130, "", "gardner: interrupted; run.nc is complete\n")


def test_interrupted_limit_leaves_the_solution(tmp_path, monkeypatch):
    """Ctrl-C while k → ∞ is computed: the solution is saved and printed."""
    from gardner.analysis import limit

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(limit, "full_rsb_limit", stop)
    words = "solve random --alpha 3 --depth 2 --levels 4 --extrapolate --out run.nc".split()
    code, out, err = call(*words)
    assert code == 130 and "status converged" in out and err.endswith("gardner: interrupted; run.nc is complete\n")


# progress


def test_long_work_that_reports_nothing_has_a_heartbeat(capsys):
    with progress.heartbeat("sums", patience=0.1, interval=0.2):
        time.sleep(0.7)
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 4 and all(re.fullmatch(r"sums: at work, 0:0\d", line) for line in lines)


def test_reports_from_deep_inside_reach_the_active_progress(capsys, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(progress, "PLAIN_INTERVAL", 0.0)
    progress.tell("nobody listens")
    with progress.Progress("transitions planted"):
        from gardner.theory.transitions.planted_transitions import planted_transitions

        planted_transitions("symmetric", 3)
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("transitions planted: ") for line in lines)
    assert any("following the crystal" in line for line in lines) and any("α = " in line for line in lines)


# refusals


def test_table_of_commands_is_complete():
    assert set(SMALLEST) == set(TREE)


def test_missing_options_are_named_with_the_usage():
    code, out, err = call("sweep", "random", "--depth", "2")
    assert code == 2 and not out and len(err.splitlines()) == 1
    assert "'--alpha'" in err and "usage: gardner sweep random --alpha … --depth … --out … [OPTIONS]" in err
    code, out, err = call("ultrametric")
    assert code == 2 and "usage: gardner ultrametric FILE" in err
    code, out, err = call("solve")
    assert code in (0, 2) and "Commands:" in out and not err  # 0 with the parser of typer 0.15


@pytest.mark.parametrize("words, option", OPTIONS)
def test_empty_values_are_refused_in_one_line(words, option):
    for empty in ([f"{option}="], [option, ""], [option, "  "]):
        code, out, err = call(*words.split(), *SMALLEST[words].split(), *empty)
        assert (
            code == 2 and not out and err == f"gardner: {option}: an empty value is given; give one, or leave it out\n"
        )


@pytest.mark.parametrize(
    "words",
    [
        "solve random --alpha 2 --depth 2 --parisi ,",
        "mc training --depth ,",
        "mc training --alpha , --depth 4",
        "penetration random --window :",
        "fieldtheory lattice --sizes ,",
        "fieldtheory learning-rate --dynamics ,",
        "fieldtheory learning-rate --system net --hidden ,",
        "fieldtheory linear-net --widths ,",
        "compare planted --depth 1 --alpha 1 --out report --connectivities ,",
        "solve random --alpha 2 --depth 2 --input-overlap ,",
    ],
)
def test_lists_without_an_entry_are_refused_in_one_line(monkeypatch, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*words.split())
    assert code == 2 and not out and len(err.splitlines()) == 1 and not list(tmp_path.iterdir())


FILES = ("show", "report", "ultrametric")  # these read a file first
COUNTS = [
    (words, option)
    for words, command in TREE.items()
    if words not in FILES
    for option, kind in options(command).items()
    if kind is int
]


@pytest.mark.parametrize("words, option", COUNTS)
def test_counts_beyond_a_machine_word_are_refused_in_one_line(monkeypatch, tmp_path, words, option):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*words.split(), *SMALLEST[words].split(), option, HUGE)
    assert code == 2 and not out and len(err.splitlines()) == 1, err
    assert (HUGE in err or "leave" in err) and not list(tmp_path.iterdir())


def test_every_command_with_a_count_is_in_the_sweep_above():
    assert len(COUNTS) > 60 and {"--seed", "--depth", "--levels", "--workers", "--threads"} <= {o for _, o in COUNTS}


def test_boundary_layers_of_fixed_patterns_have_no_hierarchy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import gardner

    gardner.save(gardner.solve_random(6, 2, 2), Path("run.nc"))
    for option, value in (("--layers", "0"), ("--seed", HUGE), ("--replicas", HUGE), ("--layers", HUGE)):
        code, out, err = call("ultrametric", "run.nc", option, value)
        assert code == 2 and not out and len(err.splitlines()) == 1, err


# tables


def test_tables_fit_the_terminal_and_show_every_column():
    columns = ["l", *(f"column {c}" for c in range(5))]
    rows = [["12", *(f"{c + 0.123456789:.8f}" for c in range(5))]]
    for width in (20, 40, 60, 100):
        parts = parts_of_table(columns, rows, width)
        assert all(part[0] == 0 and len(part) > 1 for part in parts)
        assert sorted(c for part in parts for c in part[1:]) == [1, 2, 3, 4, 5]
    assert parts_of_table(columns, rows, 100) == [[0, 1, 2, 3, 4, 5]]


def test_narrow_terminals_get_unbroken_numbers(tmp_path):
    done = run(*PLANTED, env=os.environ | {"COLUMNS": "40"}, cwd=tmp_path)
    table = [line for line in done.stdout.decode().splitlines() if re.match(r" +\d ", line)]
    assert table and max(map(len, table)) <= 40 and sum("0.72829817" in line for line in table) == 1
