"""Planted results as the plain documents that the command line prints and as an xarray dataset for netCDF.

Only the part of a document that is particular to the planted setting is made here; the common header comes from
whoever prints or writes it.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from gardner.errors import FileFormatError
from gardner.results.solution import Header, from_attribute, to_attribute
from gardner.theory.planted.generalization import linear_bound
from gardner.theory.planted.solve import PlantedBranch, PlantedSolution, smallest_margin
from gardner.theory.transitions.planted_transitions import PlantedTransitions

KIND = "solve planted"
_SCALARS = (
    "free_entropy",
    "generalization_error",
    "bayes_error",
    "nishimori",
    "status",
    "residual",
    "iterations",
    "leading_eigenvalue",
)


def _branch_document(branch: PlantedBranch) -> dict:
    return {
        "start": branch.start,
        "q": branch.q_l.tolist(),
        "Q": branch.Q_l.tolist(),
        "free_entropy": branch.free_entropy,
        "generalization_error": branch.generalization_error,
        "bayes_error": branch.bayes_error,
        "fresh_overlap": branch.fresh_overlap.tolist(),
        "bayes_margin": branch.bayes_margin,
        "nishimori": branch.nishimori,
        "status": branch.status,
        "residual": branch.residual,
        "iterations": branch.iterations,
        "leading_eigenvalue": branch.leading_eigenvalue,
    }


def solution_document(solution: PlantedSolution) -> dict:
    """The body of `solve planted --json`."""
    bound = solution.linear_bound
    return {
        "setting": "planted",
        "closure": solution.closure,
        "alpha": solution.alpha,
        "depth": solution.depth,
        "field": solution.field,
        "branches": [_branch_document(branch) for branch in solution.branches],
        "stable": solution.stable,
        "linear_bound": {
            "free_entropy": bound.free_entropy,
            "generalization_error": bound.generalization_error,
        },
    }


def transitions_document(result: PlantedTransitions) -> dict:
    """The body of `transitions planted --json`."""
    return {
        "setting": "planted",
        "closure": result.closure,
        "depth": result.depth,
        "continuous": list(result.continuous),
        "spinodal": result.spinodal,
        "crystal": result.crystal,
    }


def solution_dataset(solution: PlantedSolution, header: Header):
    """Overlaps and figures of every branch on the dimensions (branch, layer) and (branch, bond_layer)."""
    import xarray

    branches = solution.branches
    variables = {name: ("branch", [getattr(branch, name) for branch in branches]) for name in _SCALARS}
    variables["q"] = (("branch", "layer"), np.array([branch.q_l for branch in branches]))
    variables["Q"] = (("branch", "bond_layer"), np.array([branch.Q_l for branch in branches]))
    variables["fresh_overlap"] = (("branch", "layer"), np.array([branch.fresh_overlap for branch in branches]))
    coordinates = {
        "branch": [branch.start for branch in branches],
        "layer": np.arange(solution.depth + 1),
        "bond_layer": np.arange(1, solution.depth + 1),
    }
    body = solution_document(solution)
    del body["branches"]
    attributes = {"kind": KIND} | asdict(header) | body
    return xarray.Dataset(variables, coordinates, {name: to_attribute(value) for name, value in attributes.items()})


def dataset_document(dataset) -> dict:
    """The whole document of a stored solution; FileFormatError if the dataset holds none."""
    try:
        document = {name: from_attribute(value) for name, value in dataset.attrs.items() if name != "kind"}
        names = ["q", "Q", "fresh_overlap", *_SCALARS]
        document["branches"] = [
            {"start": str(start)} | {name: dataset[name].sel(branch=start).values.tolist() for name in names}
            for start in dataset["branch"].values
        ]
        for branch in document["branches"]:
            branch["bayes_margin"] = smallest_margin(branch["q"], branch["fresh_overlap"])
        return document
    except KeyError as problem:
        raise FileFormatError(f"not a solution of the planted setting: {problem} is missing") from None


def stored_solution(dataset) -> PlantedSolution:
    """The PlantedSolution in a dataset of `solution_dataset`; FileFormatError if it holds none."""
    document = dataset_document(dataset)
    try:
        branches = tuple(_stored_branch(branch) for branch in document["branches"])
        closure, stable, parameters = (document[name] for name in ("closure", "stable", "parameters"))
        alpha, depth, field = float(document["alpha"]), int(document["depth"]), float(document["field"])
        seconds = float(document["seconds"])
    except (KeyError, TypeError, ValueError) as problem:
        raise FileFormatError(f"not a solution of the planted setting: {problem}") from None
    bound = linear_bound(alpha, depth)
    return PlantedSolution(closure, alpha, depth, field, branches, stable, bound, seconds, parameters)


def _stored_branch(document: dict) -> PlantedBranch:
    arrays = {name: np.array(document[name], dtype=float) for name in ("q", "Q", "fresh_overlap")}
    scalars = {name: document[name] for name in _SCALARS}
    return PlantedBranch(
        start=document["start"], q_l=arrays["q"], Q_l=arrays["Q"], fresh_overlap=arrays["fresh_overlap"], **scalars
    )
