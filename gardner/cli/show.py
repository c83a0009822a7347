"""`gardner show`: what a file holds."""

from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, print_json

HEADER = ("command", "parameters", "version", "seed", "status", "seconds")


def show(
    file: Annotated[Path, typer.Argument(help="A netCDF file written with --out.")],
    gaps: Annotated[bool, typer.Option("--gaps", help="The gap distribution P(r, l) of every bond layer.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the overlaps, or the gaps (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Print what a saved solution or sweep says, or draw it."""
    from gardner.cli.solve import deliver
    from gardner.results.solution import load, read_dataset
    from gardner.theory.planted import report

    dataset = read_dataset(file)
    if dataset.attrs.get("kind") == "sweep" and not gaps:
        from gardner.cli.sweep import show_sweep

        show_sweep(dataset, file, plot, force, json)
        return
    check_outputs(None, plot, force)
    if gaps:
        from gardner.cli.gaps import show_gaps

        show_gaps(dataset, file, plot, json)
        return
    if dataset.attrs.get("kind") == report.KIND:
        _show_planted(report.dataset_document(dataset), plot, json)
        return
    if str(dataset.attrs.get("kind")).startswith("mc "):
        _show_monte_carlo(dataset, plot, json)
        return
    deliver(load(file), plot, json)


def _show_monte_carlo(dataset, plot: Path | None, json: bool) -> None:
    from gardner.cli.mc import print_monte_carlo
    from gardner.results.solution import from_attribute

    writes = Writes()
    with writes:
        if plot is not None:
            from gardner.plotting import montecarlo as pictures

            pictures.save(dataset, plot)
    header = {name: from_attribute(dataset.attrs[name]) for name in HEADER if name in dataset.attrs}
    document = header | from_attribute(dataset.attrs["document"])
    if json:
        print_json(document)
    else:
        print_monte_carlo(document)
    writes.report()


def _show_planted(document: dict, plot: Path | None, json: bool) -> None:
    writes = Writes()
    with writes:
        if plot is not None:
            from gardner.plotting import planted as pictures

            pictures.save(pictures.profiles_of_documents([document]), plot)
    from gardner.cli.planted import deliver_planted

    deliver_planted(document, json)
    writes.report()
