"""Results of the symmetric closure beyond its first transition end with the verdict on it; others do not."""

import pytest

LINE = "the symmetric closure is the paper's approximation; beyond its first transition"
BEYOND = [
    ("solve", "random", "--alpha", "3", "--depth", "3", "--levels", "2"),
    ("solve", "planted", "--alpha", "3", "--depth", "3"),
    ("transitions", "planted", "--depth", "3"),
    ("penetration", "planted", "--count", "3"),
    ("sweep", "planted", "--alpha", "2,3", "--depth", "3", "--out", "sweep.nc"),
    ("sweep", "random", "--alpha", "2,3", "--depth", "3", "--levels", "2", "--out", "sweep.nc"),
]


@pytest.mark.parametrize("arguments", BEYOND, ids=lambda arguments: " ".join(arguments[:2]))
def test_last_line_is_the_verdict_on_symmetric_and_none_on_directed(cli, arguments):
    symmetric = cli(*arguments)
    assert symmetric.code == 0 and symmetric.out.splitlines()[-1].startswith(LINE), symmetric.err
    force = ("--force",) if "--out" in arguments else ()
    directed = cli(*arguments, "--closure", "directed", "--json", *force)
    assert directed.code == 0 and directed.document["closure_verdict"] is None
    if force:
        assert cli(*arguments, "--json", *force).document["closure_verdict"].startswith(LINE)
        assert cli("show", "sweep.nc").out.splitlines()[-1].startswith(LINE)


def test_liquid_is_not_judged(cli):
    assert LINE not in cli("solve", "planted", "--alpha", "2.4", "--depth", "3").out
    assert (
        cli("solve", "random", "--alpha", "2.4", "--depth", "3", "--levels", "2", "--json").document["closure_verdict"]
        is None
    )


def test_saved_solutions_are_judged_when_shown(cli):
    for setting in ("planted", "random"):
        cli("solve", setting, "--alpha", "3", "--depth", "3", "--out", f"{setting}.nc")
        assert cli("show", f"{setting}.nc").out.splitlines()[-1].startswith(LINE)


def test_capacity_of_nets_with_hidden_units_is_judged(cli):
    assert LINE not in cli("capacity").out
    assert cli("capacity", "--depth", "2", "--levels", "0").out.splitlines()[-1].startswith(LINE)
