"""The cases of data/comparison: their runs, and the reference made from them.

`python tests/comparison_cases.py` reruns every case in full and writes data/comparison/reference.csv (about a quarter
of an hour on one core). The tests rerun each case with fewer samples and another seed.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gardner.comparison.measured import Measured, measure
from gardner.comparison.planning import run_settings
from gardner.comparison.settings import ComparisonSettings
from gardner.montecarlo.run import run_monte_carlo
from gardner.theory.liquid import overlaps_of

FOLDER = Path(__file__).parents[1] / "data" / "comparison"


@dataclass(frozen=True)
class Case:
    """One row of cases.csv."""

    name: str
    setting: str
    depth: int
    alpha: float
    beta: float | None
    limit: str
    size: int
    width: int
    sweeps: int
    samples: int
    seed: int

    @property
    def label(self) -> str:
        return f"{self.name}-{self.limit}"

    def measured(self, samples: int, seed: int) -> Measured:
        sizes = (self.size, self.size + 1, self.size + 2)
        settings = ComparisonSettings(
            self.setting,
            self.depth,
            self.alpha,
            self.limit,
            sizes,
            max(samples, 2),
            beta=self.beta,
            graph="random",
            seed=seed,
        )
        run = run_settings(settings, self.size, self.width, self.sweeps, samples)
        run = replace(run, measurements=50, points=2)
        return measure(run_monte_carlo(run).data, run, settings.target)


def cases() -> list[Case]:
    with (FOLDER / "cases.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    kinds = {
        "name": str,
        "setting": str,
        "limit": str,
        "alpha": float,
        "beta": lambda text: float(text) if text else None,
    }
    return [Case(**{name: kinds.get(name, int)(text) for name, text in row.items()}) for row in rows]


def reference() -> dict[tuple[str, str, int], tuple[float, float, int]]:
    """(case, observable, layer) → mean, standard deviation over samples, samples."""
    with (FOLDER / "reference.csv").open() as handle:
        return {
            (row["case"], row["observable"], int(row["layer"])): (
                float(row["mean"]),
                float(row["deviation"]),
                int(row["samples"]),
            )
            for row in csv.DictReader(handle)
        }


def main() -> None:
    with (FOLDER / "reference.csv").open("w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("case", "observable", "layer", "mean", "deviation", "samples", "tau", "excluded"))
        for case in cases():
            found = case.measured(case.samples, case.seed)
            deviation_k = found.value_sk.std(axis=0, ddof=1)
            for k, (name, layer) in enumerate(overlaps_of(case.depth)):
                numbers = (f"{found.mean_k[k]:.8g}", f"{deviation_k[k]:.4g}", case.samples, f"{found.tau:.3g}")
                writer.writerow((case.label, name, layer, *numbers, found.excluded))
            if found.generalization is not None:
                mean, error = found.generalization
                numbers = (f"{mean:.8g}", f"{error * np.sqrt(case.samples):.4g}", case.samples, f"{found.tau:.3g}")
                writer.writerow((case.label, "fresh_error", case.depth, *numbers, found.excluded))
            handle.flush()
            print(case.label, found.mean_k, found.tau, found.excluded, flush=True)


if __name__ == "__main__":
    main()
