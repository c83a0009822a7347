"""Files of `gardner fieldtheory predict` and `linear-net` as results: what they hold, their documents and tables."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from gardner.fieldtheory.linear_net import Architecture
from gardner.fieldtheory.potential import Prediction, SymmetryBreaking
from gardner.fieldtheory.propagators import euclidean_propagator, lattice_propagator, source_propagator
from gardner.fieldtheory.verdicts import Claim, print_verdicts
from gardner.fieldtheory.zero_modes import ZeroModes, zero_mode_verdicts
from gardner.results.base import Header, plain
from gardner.results.data import Data
from gardner.results.datasets import to_attribute
from gardner.results.schema import NUMBER, of_fields
from gardner.results.tables import print_table, short

MASSES = ("sigma_mass2", "pi_mass2", "quoted_sigma_mass2", "quoted_pi_mass2")
NET_NUMBERS = ("predicted", "counted", "gap", "parameters", "loss", "global_loss", "gradient", "seed", "method")
LATER = ("sgd_loss", "polish_steps")  # are missing in files of the first versions


@dataclass(frozen=True, eq=False)
class PredictionData(Data):
    """What the O(D) potential says at each learning rate: order parameter, Hessian spectrum, propagators."""

    drawing = "gardner.plotting.fieldtheory_results:potential"
    saving = "gardner.plotting.fieldtheory_results:save_predictions"
    pictures = ("-goldstone", "-propagators")
    tables = ("", "-goldstone", "-propagators")
    listed = True
    parameter_types = of_fields(SymmetryBreaking).entries | {"k": NUMBER}

    @functools.cached_property
    def theory(self) -> SymmetryBreaking:
        """The potential."""
        known = self.attributes["parameters"]
        return SymmetryBreaking(*(known[name] for name in ("mu", "coupling", "components")))

    @property
    def momentum(self) -> float:
        """k of the propagators."""
        return self.attributes["parameters"]["k"]

    @functools.cached_property
    def rows(self) -> list[Prediction]:
        """One Prediction per learning rate."""
        names = [one.name for one in fields(Prediction) if one.name != "learning_rate"]
        columns = {name: self.data[name].values for name in names}
        result = []
        for r, rate in enumerate(self.data["learning_rate"].values):
            row = {name: values[r] if values.ndim > 1 else values[r].item() for name, values in columns.items()}
            result.append(Prediction(float(rate), **row))
        return result

    def body(self) -> dict:
        """Predictions by learning rate, and the propagators of both modes at t = 0 … 8."""
        rows = [{name: plain(value) for name, value in asdict(row).items()} for row in self.rows]
        body = {"critical_rate": self.theory.critical_rate, "predictions": rows}
        return body | {"propagators": propagator_rows(self.rows, self.momentum)}

    def tell(self) -> None:
        """Print the eigenvalues of the Hessian, exact and as quoted by the source."""
        theory = self.theory
        print(f"O({theory.components}), μ = {theory.mu:g}, λ = {theory.coupling:g}: η_c = {theory.critical_rate:.6g}")
        columns = ["η", "m²", "|w*|", "zeros", "σ exact", "π exact", "σ quoted", "π quoted"]
        names = ("learning_rate", "mass2", "order_parameter", "zero_modes", *MASSES)
        rows = [[short(getattr(row, name)) for name in names] for row in self.rows]
        print_table("eigenvalues of the Hessian", columns, rows)
        print("m², |w*|: mass and order parameter at the learning rate η; zeros: flat directions of the minimum;")
        print("σ, π: eigenvalue along w* and across it, from the exact Hessian and as the source quotes it")

    @classmethod
    def variables(cls) -> dict:
        """Every number of a Prediction by learning rate."""
        names = [one.name for one in fields(Prediction) if one.name != "learning_rate"]
        found = {name: (("learning_rate",), "number") for name in ("learning_rate", *names)}
        return found | {"spectrum": (("learning_rate", "eigenvalue"), "number")}


def propagator_rows(rows: Sequence[Prediction], k: float) -> list[dict]:
    """Source, Euclidean and lattice propagators of σ and π at t = 0 … 8."""
    t, result = np.arange(9), []
    for row in rows:
        for name, mass2 in (("sigma", row.sigma_mass2), ("pi", row.pi_mass2)):
            if math.isnan(mass2):  # D = 1 has no π
                continue
            mass2 = max(mass2, 0.0)
            source = source_propagator(t, k, mass2)
            entry = {"learning_rate": row.learning_rate, "mode": name, "mass2": mass2, "k": k, "t": t}
            entry |= {"euclidean": euclidean_propagator(t, k, mass2), "lattice": lattice_propagator(t, k, mass2)}
            entry |= {"source_real": source.real, "source_imaginary": source.imag}
            result.append({key: plain(value) for key, value in entry.items()})
    return result


def predictions_dataset(rows: Sequence[Prediction], header: Header):
    """xarray Dataset of predictions over learning_rate."""
    import xarray as xr

    names = [name for name in asdict(rows[0]) if name not in ("learning_rate", "spectrum")]
    variables = {name: ("learning_rate", np.array([getattr(row, name) for row in rows])) for name in names}
    variables["spectrum"] = (("learning_rate", "eigenvalue"), np.array([row.spectrum for row in rows]))
    dataset = xr.Dataset(variables, {"learning_rate": [row.learning_rate for row in rows]})
    return _with_header(dataset, header)


@dataclass(frozen=True, eq=False)
class ZeroModesData(Data):
    """Spectra of deep linear nets at a global minimum, with the zero modes counted and predicted."""

    drawing = "gardner.plotting.fieldtheory_results:hessians"
    saving = "gardner.plotting.fieldtheory_results:save_hessians"
    listed = True

    @functools.cached_property
    def rows(self) -> list[ZeroModes]:
        """One ZeroModes per net and seed."""
        result = []
        for r, name in enumerate(self.data["net"].values):
            names = [key for key in (*NET_NUMBERS, *LATER) if key not in ("parameters", "method")]
            row = {key: self.data[key].values[r].item() if key in self.data else math.nan for key in names}
            spectrum = self.data["spectrum"].values[r]
            spectrum, method = spectrum[np.isfinite(spectrum)], str(self.data["method"].values[r])
            net, largest = Architecture.named(str(name)), float(np.abs(spectrum).max())
            result.append(ZeroModes(architecture=net, spectrum=spectrum, largest=largest, method=method, **row))
        return result

    @property
    def verdicts(self) -> list[Claim]:
        """Do all counts equal the prediction, and is the gap wide enough?"""
        return zero_mode_verdicts(self.rows)

    def body(self) -> dict:
        """One entry per net, and the verdicts."""
        verdicts = [verdict.document() for verdict in self.verdicts]
        return {"nets": [row.document() for row in self.rows], "verdicts": verdicts}

    def tell(self) -> None:
        """Print one line per net, and the verdicts."""
        columns = ["net", "n", "zero modes", "predicted", "gap", "λ_max", "loss", "seed"]
        names = ("net", "parameters", "counted", "predicted", "gap", "largest", "loss", "seed")
        print_table("deep linear nets", columns, [[short(row.document()[n]) for n in names] for row in self.rows])
        print_verdicts(self.verdicts)

    @classmethod
    def variables(cls) -> dict:
        """Every number of a net by run."""
        numbers = {name: (("run",), "number") for name in NET_NUMBERS if name != "method"}
        words = {name: (("run",), "text") for name in ("net", "method")}
        return numbers | words | {"spectrum": (("run", "eigenvalue"), "number")}


def spectra_dataset(results: Sequence[ZeroModes], header: Header):
    """xarray Dataset of nets over run; spectra of smaller nets begin with nan."""
    import xarray as xr

    longest = max(len(result.spectrum) for result in results)
    spectra = [np.pad(r.spectrum, (longest - len(r.spectrum), 0), constant_values=np.nan) for r in results]
    rows = [result.document() for result in results]
    variables = {name: ("run", np.array([row[name] for row in rows])) for name in (*NET_NUMBERS, *LATER)}
    variables["spectrum"] = (("run", "eigenvalue"), np.array(spectra))
    return _with_header(xr.Dataset(variables, {"net": ("run", [row["net"] for row in rows])}), header)


def _with_header(dataset, header: Header):
    attributes = {"kind": header.command} | asdict(header)
    return dataset.assign_attrs({name: to_attribute(value) for name, value in attributes.items()})
