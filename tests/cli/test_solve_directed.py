"""`gardner solve random --closure directed`: documents, files, continuation, ends of branches, wrong input."""

from command import interrupted

import gardner

CASE = ("solve", "random", "--closure", "directed", "--alpha", "6", "--depth", "2", "--parisi", "0.5")


def test_document_names_the_closure_and_has_the_reference_value(cli):
    outcome = cli(*CASE, "--json")
    document = outcome.document
    assert outcome.code == 0 and document["closure"] == document["parameters"]["closure"] == "directed"
    assert abs(document["free_entropy"] + 0.73144188) < 1e-6
    assert abs(document["q_ea"][1] - 0.80616282) < 1e-6


def test_file_show_and_continuation(cli, tmp_path):
    assert cli(*CASE, "--out", "run.nc", "--plot", "run.svg").code == 0
    assert (tmp_path / "run.svg").exists()
    shown = cli("show", "run.nc")
    assert shown.code == 0 and "directed closure" in shown.out
    again = cli(*CASE, "--from", "run.nc", "--json")
    assert again.code == 0 and again.document["iterations"] < 15


def test_end_of_a_branch_is_a_result(cli):
    outcome = cli(
        "solve", "random", "--closure", "directed", "--alpha", "22", "--depth", "2", "--levels", "0", "--json"
    )
    document = outcome.document
    assert outcome.code == 3 and document["status"] == "no_solution" and document["free_entropy"] is None
    assert min(document["Q_ea"]) > 0.99  # where it was last seen
    assert "the branch ends" in outcome.err


def test_unknown_closure_is_refused(cli, tmp_path):
    outcome = cli("solve", "random", "--closure", "bent", "--alpha", "2", "--depth", "2", "--out", "run.nc")
    assert outcome.code == 2 and len(outcome.err.strip().splitlines()) == 1
    assert "must be one of symmetric, directed" in outcome.err and not (tmp_path / "run.nc").exists()


def test_interruption_saves_a_directed_state(tmp_path):
    arguments = "--alpha 6 --depth 4 --levels 12 --method damped --out run.nc --json"
    done = interrupted(tmp_path, "solve", "random", "--closure", "directed", *arguments.split())
    assert done.code == 130, done.err
    state = gardner.load(tmp_path / "run.nc")
    assert state.status == "interrupted" and state.closure == "directed" and '"interrupted"' in done.out
