"""`gardner compare amp`: how a stopped comparison goes on, its report, and what it refuses."""

from gardner.comparison.messages import runs

SMALL = ("--depth", 2, "--alpha", 5, "--connectivities", "6,8", "--widths", "64,128", "--samples", 2,
         "--starts", "0.6", "--iterations", 20, "--budget", "1m")  # fmt: skip


def test_a_stopped_comparison_goes_on_and_its_report_is_shown(cli, tmp_path, monkeypatch):
    work, seen = runs.run_amp, []

    def stops(run, *given, **options):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(run)
        return work(run, *given, **options)

    monkeypatch.setattr(runs, "run_amp", stops)
    stopped = cli("compare", "amp", *SMALL, "--out", "report")
    assert stopped.code == 130 and len(list((tmp_path / "report" / "runs").glob("*.nc"))) == 2
    assert cli("compare", "amp", *SMALL, "--out", "report").code == 2  # --resume is needed
    other = cli("compare", "amp", *SMALL, "--seed", 3, "--out", "report", "--resume")
    assert other.code == 2 and "seed = 0" in other.err
    seen.clear()
    monkeypatch.setattr(
        runs, "run_amp", lambda run, *given, **options: seen.append(run) or work(run, *given, **options)
    )
    done = cli("compare", "amp", *SMALL, "--out", "report", "--resume", "--json")
    assert done.code in (0, 3) and len(seen) == 1, done.err
    assert {"verdict", "nishimori", "observables", "pairs", "phases"} <= set(done.document)
    assert len(done.document["runs"]) == 3 and "plan (" in done.err
    shown = cli("show", "report")
    assert shown.code == 0 and "Do the messages know what they know?" in shown.out
    assert (tmp_path / "report" / "figures" / "amp-overlaps.svg").is_file()
    seen.clear()
    again = cli("compare", "amp", *SMALL, "--out", "report", "--force", "--json")
    assert len(seen) == 3 and again.document["observables"] == done.document["observables"]


def test_nets_of_which_none_settles_are_not_resolved(cli):
    few = ("--iterations", 2)
    done = cli("compare", "amp", *SMALL, *few, "--out", "report")
    assert done.code == 3 and "not resolved: too few nets count; raise --budget or --iterations" in done.err
    assert "max_iterations" in done.out
