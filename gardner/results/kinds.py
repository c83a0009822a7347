"""Every kind of result by name: the class that reads its files, and what these must hold.

A file names its kind: a netCDF file in its attribute `kind`, a JSON document in `command`. `KINDS` knows the class of
each; a kind of one's own is registered from outside the package:

    from gardner.results.kinds import KINDS
    KINDS.register("my kind", MyResult)          # a subclass of gardner.results.base.Result
"""

from __future__ import annotations

from gardner.errors import FileFormatError
from gardner.registry import Registry

ANALYSIS, FIELD = "gardner.analysis", "gardner.fieldtheory"
KINDS = Registry(
    "kind",
    **{
        "solve random": "gardner.results.solution:Solution",
        "solve planted": "gardner.theory.planted.solve:PlantedSolution",
        "solve sk": "gardner.theory.sherrington_kirkpatrick:SKSolution",
        "solve sk zero-temperature": "gardner.theory.sk_ground_state:SKGroundState",
        "gaps": f"{ANALYSIS}.layer_gaps:LayerGaps",
        "sweep": f"{ANALYSIS}.sweep_data:SweepData",
        "transitions random": "gardner.theory.transitions.random_transitions:RandomTransitions",
        "transitions planted": "gardner.theory.transitions.planted_transitions:PlantedTransitions",
        "penetration": f"{ANALYSIS}.penetration:Penetration",
        "capacity": f"{ANALYSIS}.capacity:Capacity",
        "capacity curve": f"{ANALYSIS}.capacity_growth:CapacityCurve",
        "complexity": f"{ANALYSIS}.complexity:Complexity",
        "phase-diagram perceptron": f"{ANALYSIS}.phase_diagram:PerceptronPhases",
        "capacity exponents": f"{ANALYSIS}.jamming:Jamming",
        "ultrametric": f"{ANALYSIS}.ultrametric:Hierarchy",
        "ultrametric measured": f"{ANALYSIS}.measured_hierarchy:MeasuredHierarchy",
        "mc random": "gardner.montecarlo.data:MonteCarloData",
        "mc planted": "gardner.montecarlo.data:MonteCarloData",
        "mc training": "gardner.montecarlo.data:TrainingTable",
        "amp planted": "gardner.messages.data:MessageData",
        "unit overlaps": "gardner.montecarlo.data:UnitOverlapData",
        "compare random": "gardner.comparison.results:Report",
        "compare planted": "gardner.comparison.results:Report",
        "compare liquid": "gardner.comparison.results:LiquidReport",
        "compare amp": "gardner.comparison.results:AmpReport",
        "fieldtheory predict": f"{FIELD}.exact_data:PredictionData",
        "fieldtheory lattice": f"{FIELD}.run_data:LatticeData",
        "fieldtheory linear-net": f"{FIELD}.exact_data:ZeroModesData",
        "fieldtheory learning-rate weight": f"{FIELD}.run_data:WeightData",
        "fieldtheory learning-rate net": f"{FIELD}.run_data:NetData",
        "figure": "gardner.results.data:FigureData",
    },
)


def kind_of(described: dict) -> str | None:
    """The kind that the attributes of a file, or a document, name; None without one."""
    if "figure" in described:  # whatever kind its data were taken from
        return "figure"
    kind = described.get("kind", described.get("command"))
    if "gaps" in described:  # `show --gaps` tells of the solution under its command
        return "gaps"
    if kind == "ultrametric" and "bins" in (described.get("parameters") or {}):
        return "ultrametric measured"
    return kind


def check_dataset(attributes: dict, dataset) -> None:
    """FileFormatError, one line, unless a dataset with these (decoded) attributes is as its kind must be."""
    if not isinstance(attributes.get("kind", ""), str):
        raise FileFormatError("the attribute kind must be text")
    if not isinstance(attributes.get("parameters", {}), dict):
        raise FileFormatError("the attribute parameters must be a JSON object")
    kind = kind_of(attributes)
    if kind in KINDS:
        try:
            KINDS[kind].schema().check(attributes, dataset)
        except FileFormatError as problem:
            raise FileFormatError(f"is no whole file of kind {kind!r}: {problem}") from None
