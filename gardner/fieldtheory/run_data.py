"""Files of `gardner fieldtheory lattice` and `learning-rate` as results: documents, verdicts and tables."""

from __future__ import annotations

import functools
import sys
from dataclasses import asdict, dataclass

from gardner.fieldtheory.lattice_runs import LatticePlan
from gardner.fieldtheory.lattice_verdicts import LatticeReport, report
from gardner.fieldtheory.net_runs import VARIABLES, NetPlan, net_scan, net_verdicts
from gardner.fieldtheory.verdicts import print_verdicts
from gardner.fieldtheory.weight_runs import WeightPlan, scans, weight_verdicts
from gardner.results.base import plain
from gardner.results.data import Data
from gardner.results.schema import Partly, of_fields
from gardner.results.tables import print_table, short

UNEQUAL = 1.1  # R-hat above which chains of one lattice count as different
AXES = ("sizes", "mass2", "rates", "dynamics", "blocks", "chains", "runs", "windows", "seeds")  # of the data


def _plan(cls: type) -> Partly:
    """What a file must say of the plan of a run: parameters that are axes of its data may not be missing."""
    known = of_fields(cls)
    return Partly(known.entries, (*known.needed, *(name for name in AXES if name in known.entries)))


def _lengths(*axes: tuple[str, str]) -> dict:
    """The lengths of axes that parameters say: numbers, or lists with one entry each."""
    return {axis: functools.partial(_length, name) for axis, name in axes}


def _length(name: str, attributes: dict) -> int:
    value = attributes["parameters"][name]
    return len(value) if isinstance(value, list) else int(value)


@dataclass(frozen=True, eq=False)
class LatticeData(Data):
    """Block means of the lattice field, and the estimates, crossings and verdicts made of them (`report`)."""

    drawing = "gardner.plotting.fieldtheory_results:lattice"
    saving = "gardner.plotting.fieldtheory_results:save_lattice"
    listed = True
    parameter_types = _plan(LatticePlan)
    axis_lengths = _lengths(("size", "sizes"), ("mass2", "mass2"), ("chain", "chains"), ("block", "blocks"))

    @functools.cached_property
    def report(self) -> LatticeReport:
        """Estimates of every lattice, crossings of the cumulants, verdicts."""
        return report(self.data)

    @functools.cached_property
    def rows(self) -> list[dict]:
        """One entry per lattice."""
        return [_lattice_row(e) for e in self.report.estimates]

    def body(self) -> dict:
        """Lattices, crossings and verdicts."""
        found = self.report
        verdicts = [verdict.document() for verdict in found.verdicts]
        return {"lattices": self.rows, "crossings": [asdict(c) for c in found.crossings], "verdicts": verdicts}

    def tell(self) -> None:
        """Print one line per lattice, the crossings and the verdicts."""
        columns = ["L", "m²", "<M²>", "U", "mass²", "σ mass²", "τ", "R-hat", "blocks"]
        names, found = ("order2", "cumulant", "fitted_mass2", "sigma_mass2"), self.report
        rows = [
            [
                *(str(r["size"]), short(r["mass2"]), *(_value(r[name]) for name in names)),
                *(f"{r['tau']:.1f}", f"{r['rhat']:.3f}", str(r["blocks"])),
            ]
            for r in self.rows
        ]
        plan = found.plan
        title = f"O({plan.components}) in {plan.dimensions} dimensions, λ = {plan.coupling:g}; τ in blocks of M²"
        print_table(title, columns, rows)
        for c in found.crossings:
            if c.mass2 != c.mass2:
                low, high = plan.mass2[0], plan.mass2[-1]
                print(f"L = {c.sizes[0]} and {c.sizes[1]}: no single crossing between m² = {low:g} and {high:g}")
                continue
            place = _value((c.mass2, c.error))
            print(f"L = {c.sizes[0]} and {c.sizes[1]} cross at m² = {place}, U = {c.cumulant:.3f}")
        print_verdicts(found.verdicts)
        if any(not e.order.rhat < UNEQUAL for e in found.estimates):
            print("chains disagree (R-hat): give more --thermalisation and --sweeps", file=sys.stderr)

    @classmethod
    def variables(cls) -> dict:
        """Block means by size, mass and chain."""
        axes = ("size", "mass2", "chain", "block")
        names = ("magnetization", "m2", "m4", "phi2", "identity", "acceptance", "spectrum", "spectrum_body")
        return {name: (axes, "number") for name in names}


def _lattice_row(e) -> dict:
    """One lattice for the document."""
    pairs = {"order2": e.order2, "magnetization": e.magnetization, "cumulant": e.cumulant, "identity": e.identity}
    pairs |= {"fitted_mass2": e.mass2, "sigma_mass2": e.sigma_mass2}
    row = {"size": e.lattice.shape[0], "mass2": e.lattice.mass2, "ordered": e.ordered}
    row |= {name: [float(m.value), float(m.error)] for name, m in pairs.items()}
    row["pi_mass2"] = [[float(v), float(d)] for v, d in zip(e.pi_mass2_c.value, e.pi_mass2_c.error)]
    row |= {"tau": e.order.tau, "rhat": e.order.rhat, "blocks": e.blocks, "acceptance": e.acceptance}
    return row | {"equilibrated": bool(e.order.rhat < UNEQUAL)}


def _value(pair) -> str:
    return f"{pair[0]:.4f} ± {pair[1]:.4f}"


@dataclass(frozen=True, eq=False)
class WeightData(Data):
    """Means of w over windows at every learning rate, for each dynamics of the potential."""

    drawing = "gardner.plotting.fieldtheory_results:learning_rates"
    saving = "gardner.plotting.fieldtheory_results:save_learning_rates"
    listed = True
    parameter_types = _plan(WeightPlan)
    axis_lengths = _lengths(("dynamics", "dynamics"), ("rate", "rates"), ("window", "blocks"), ("run", "runs"))

    @functools.cached_property
    def scans(self):
        """The plan, and one WeightScan per dynamics."""
        return scans(self.data)

    @property
    def verdicts(self) -> list:
        """Agreement and disagreement with the source and with the stability of gradient descent."""
        return weight_verdicts(*self.scans)

    def body(self) -> dict:
        """Scans and verdicts."""
        plan, found = self.scans
        rows = [{name: plain(value) for name, value in asdict(scan).items()} for scan in found]
        verdicts = [verdict.document() for verdict in self.verdicts]
        return {"critical_rate": plan.theory.critical_rate, "scans": rows, "verdicts": verdicts}

    def tell(self) -> None:
        """Print the order parameter by learning rate, and the verdicts."""
        plan, found = self.scans
        rows = [
            [f"{rate:.4g}", *(f"{scan.order[r]:.4f}" for scan in found), f"{plan.theory.order_parameter(rate):.4f}"]
            for r, rate in enumerate(plan.rates)
        ]
        print_table("order parameter |<w>_t|", ["η", *(scan.dynamics for scan in found), "source"], rows)
        print_verdicts(self.verdicts)

    @classmethod
    def variables(cls) -> dict:
        """Means by dynamics, rate, window and run."""
        axes = ("dynamics", "rate", "window", "run")
        return {"mean_weight": ((*axes, "component"), "number"), "mean_square": (axes, "number")}


@dataclass(frozen=True, eq=False)
class NetData(Data):
    """A ReLU net at every learning rate: order, gradient variance, correlations and sharpness by window."""

    drawing = "gardner.plotting.fieldtheory_results:net"
    saving = "gardner.plotting.fieldtheory_results:save_net"
    pictures = ("-drop",)
    tables = ("", "-drop")
    listed = True
    parameter_types = _plan(NetPlan)
    axis_lengths = _lengths(("rate", "rates"), ("window", "windows"), ("run", "seeds"))

    @functools.cached_property
    def scan(self):
        """The plan, and the NetScan."""
        return net_scan(self.data)

    @property
    def verdicts(self) -> list:
        """What the scan says about m²(η) and about stability."""
        return net_verdicts(*self.scan)

    def body(self) -> dict:
        """Scan and verdicts."""
        scan = {name: plain(value) for name, value in asdict(self.scan[1]).items()}
        return {"scan": scan, "verdicts": [verdict.document() for verdict in self.verdicts]}

    def tell(self) -> None:
        """Print the numbers by learning rate, and the verdicts."""
        plan, scan = self.scan
        names = ("rates", "order", "accuracy", "sharpness", "lost", "noise_before", "noise_after")
        columns = ["η", "φ", "accuracy", "λ_max", "lost", "gradient variance", "after the drop"]
        rows = [[short(getattr(scan, name)[r]) for name in names] for r in range(len(scan.rates))]
        print_table(f"{plan.data}, widths {'-'.join(map(str, plan.widths))}", columns, rows)
        print_verdicts(self.verdicts)

    @classmethod
    def variables(cls) -> dict:
        """Numbers by rate, run and window."""
        return {name: (("rate", "run", "window", *dims), "number") for name, dims in VARIABLES.items()}
