"""`gardner capacity` through the installed entry point."""

import pytest

KEYS = {"command", "parameters", "version", "seed", "status", "seconds", "alpha_c", "method", "alpha_at"}


def test_one_step_capacity_as_json(cli):
    done = cli("capacity", "--margin", "-0.5", "--levels", "1", "--json")
    assert done.code == 0
    assert set(done.document) >= KEYS
    assert done.document["alpha_c"] == pytest.approx(4.70014, abs=6e-6)
    assert done.document["alpha_at"] == pytest.approx(3.95070, abs=6e-6)


def test_zero_margin_and_infinite_numbers(cli):
    done = cli("capacity", "--json")
    assert done.document["alpha_c"] == 2.0 and done.document["alpha_at"] is None
    deep = cli("capacity", "--depth", "3", "--levels", "0", "--json")
    assert deep.document["alpha_c"] is None and deep.document["counting_bound"] == pytest.approx(16.262683, abs=1e-6)


def test_table_names_the_bound_and_the_caveat(cli):
    done = cli("capacity", "--depth", "2")
    assert done.code == 0
    assert "8.735258" in done.out and "counting bound α ≤ 9.088607" in done.out and "not a proof" in done.out


def test_binary_weights_end_at_zero_entropy(cli):
    one = cli("capacity", "--weights", "binary", "--json").document
    assert one["alpha_c"] == pytest.approx(0.8330786, abs=5e-8) and one["counting_bound"] == 1.0
    two = cli("capacity", "--weights", "binary", "--depth", "2", "--levels", "1")
    assert two.code == 0 and "α_c = 1.997598" in two.out and "mean number of nets" in two.out
    for more in (("--exponents", "--margin", "-0.5"), ("--levels", "9")):
        refused = cli("capacity", "--weights", "binary", *more)
        assert refused.code == 2 and len(refused.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--margin", "nan"),
        ("--depth", "0"),
        ("--levels", "-1"),
        ("--margin", "-9"),
        ("--depth", "2,x"),
        ("--depth", "3:2"),
        ("--depth", "1:2000"),
        ("--depth", "2", "--levels", "5"),
        ("--depth", "2", "--closure", "none"),
        ("--depth", "2", "--closure", "directed", "--levels", "0"),
        ("--margin", "101"),
        ("--margin", "1e300"),
        ("--depth", "1001"),
        ("--depth", "100000000"),
    ],
)
def test_impossible_input_is_one_line_and_exit_2(cli, arguments):
    done = cli("capacity", *arguments, "--json")
    assert done.code == 2 and done.out == "" and len(done.err.strip().splitlines()) == 1


def test_a_margin_without_an_answer_says_so_in_one_line(cli):
    done = cli("capacity", "--depth", "2", "--margin", "-2", "--json")
    lines = [line for line in done.err.strip().splitlines() if line.startswith("stalled")]
    assert done.code == 3 and done.document["status"] == "stalled" and done.document["alpha_c"] is None
    assert len(lines) == 1 and "without bound" in lines[0] and "--margin" in lines[0]


def test_no_warning_of_the_libraries_leaks(cli):
    for margin in ("-1e-4", "-2.9"):
        done = cli("capacity", "--margin", margin, "--levels", "2")
        assert done.code == 0 and "Warning" not in done.err


def test_figure_and_its_data(cli, tmp_path):
    done = cli("capacity", "--plot", "curve.svg")
    assert done.code == 0
    assert (tmp_path / "curve.svg").read_text().startswith("<?xml")
    assert (tmp_path / "curve.csv").read_text().startswith("margin,alpha_rs,alpha_c,error,alpha_at")


@pytest.mark.slow
def test_a_depth_that_stalls_leaves_the_others_in_table_and_picture(cli, tmp_path):
    """κ = -0.3: one step ends at L = 2, and has no end at L = 6."""
    done = cli(
        "capacity", "--depth", "2,6", "--margin", "-0.3", "--closure", "symmetric", "--plot", "depth.svg", "--json"
    )
    assert done.code == 0 and [point["status"] for point in done.document["points"]] == ["converged", "stalled"]
    assert done.document["points"][0]["alpha_c"] == pytest.approx(27.930188, abs=1e-6)
    assert done.document["points"][1]["alpha_c"] is None and "L = 6" in done.err
    assert (tmp_path / "depth.svg").exists() and len((tmp_path / "depth.csv").read_text().splitlines()) == 3


def test_table_against_depth_states_how_capacity_grows(cli):
    done = cli("capacity", "--depth", "1:6", "--closure", "symmetric")
    assert done.code == 0 and "an exponential is off by up to" in done.out and "36.190679" in done.out


def test_exponents_of_jamming_as_json_and_as_a_picture(cli, tmp_path):
    done = cli("capacity", "--margin", "-0.5", "--exponents", "--levels", "7", "--json", "--plot", "jam.svg")
    assert done.code == 0
    assert done.document["exponents"]["gamma"] == pytest.approx(0.41269, abs=6e-6)
    assert done.document["measured"]["theta"]["error"] < 2e-3
    assert done.document["contacts"]["value"] == pytest.approx(1.0, abs=1e-3)
    assert (tmp_path / "jam.svg").read_text().startswith("<?xml") and (tmp_path / "jam.csv").exists()


@pytest.mark.parametrize("arguments", [(), ("--margin", "-0.5", "--depth", "2"), ("--margin", "-0.5", "--levels", "3")])
def test_exponents_are_for_one_layer_at_negative_margin(cli, arguments):
    done = cli("capacity", "--exponents", *arguments, "--json")
    assert done.code == 2 and done.out == "" and len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("words, closures", [("", ["symmetric", "directed"]), ("--levels 2", ["symmetric"])])
def test_the_picture_of_one_depth_costs_no_more_than_its_number(cli, monkeypatch, words, closures):
    """With several steps a directed net of six layers takes minutes: it is not drawn unasked."""
    drawn = []
    monkeypatch.setattr("gardner.cli.capacity._draw_beside", lambda *given: drawn.extend(given[3]))
    assert cli("capacity", "--depth", "2", *words.split(), "--plot", "a.svg").code == 0
    assert drawn == closures
