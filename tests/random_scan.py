"""Random settings of the random setting, solved one after the other: how many have an answer, and how soon.

    python tests/random_scan.py scan.jsonl --limit 60 --count 200 --seed 22

α log-uniform in 0.1 … 20, L in 1 … 8, k in 0 … 12, |κ| ≤ 2, hard core or soft core with β log-uniform in 1 … 100
(`--coldest 1e6`: up to there, on the grid of m that follows it), both closures. Every setting runs in a process of its
own, which is ended after `limit` seconds; a scan that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections import Counter
from pathlib import Path

import numpy as np

import gardner
from gardner.grids import choose_grid, cooling_of
from gardner.model import Network, RandomSetting
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.random_setting import solve


def drawn_settings(count: int = 200, seed: int = 22, coldest: float = 100.0) -> list[RandomSetting]:
    """The settings of the scan, the same for every call with the same seed; β up to `coldest`."""
    rng = np.random.default_rng(seed)
    settings = []
    for _ in range(count):
        alpha = float(np.exp(rng.uniform(np.log(0.1), np.log(20.0))))
        depth, levels = int(rng.integers(1, 9)), int(rng.integers(0, 13))
        margin, beta = float(rng.uniform(-2.0, 2.0)), float(np.exp(rng.uniform(0.0, np.log(coldest))))
        hard, directed = bool(rng.integers(2)), bool(rng.integers(2))
        potential = HardCore(margin) if hard else SoftCore(beta, margin)
        closure = "directed" if directed else "symmetric"
        parisi = choose_grid(levels, None, "auto", cooling_of(potential))  # uniform up to β = 100
        settings.append(RandomSetting(alpha, Network(depth), potential, parisi, closure=closure))
    return settings


def _solve_into(pipe, setting: RandomSetting) -> None:
    began = time.process_time()
    solution = solve(setting)
    pipe.send({"status": solution.status, "s": solution.free_entropy, "cpu": time.process_time() - began})


def _row(number: int, setting: RandomSetting, limit: float) -> dict:
    """One setting in a process of its own; status "timeout" after `limit` seconds."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_solve_into, args=(theirs, setting))
    began = time.perf_counter()
    process.start()
    theirs.close()
    row = {"status": "timeout"}
    if ours.poll(limit):
        try:
            row = ours.recv()
        except EOFError:
            row = {"status": "died"}
    process.kill()
    process.join()
    potential = setting.potential
    return row | {
        "number": number,
        "seconds": time.perf_counter() - began,
        "alpha": setting.alpha,
        "depth": setting.network.depth,
        "levels": setting.levels,
        "margin": potential.margin,
        "beta": potential.beta,
        "closure": setting.closure,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="file to which one line per setting is added")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which a setting is given up")
    parser.add_argument("--count", type=int, default=200, help="number of settings")
    parser.add_argument("--seed", type=int, default=22, help="of the settings; one file belongs to one seed")
    parser.add_argument("--coldest", type=float, default=100.0, help="largest β of a soft core")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    done = {row["number"] for row in rows}
    gardner.solve_random(2.0, 2, 1, closure="directed")  # kernels are compiled before the clock runs
    for number, setting in enumerate(drawn_settings(arguments.count, arguments.seed, arguments.coldest)):
        if number in done:
            continue
        rows.append(_row(number, setting, arguments.limit))
        with arguments.out.open("a") as file:
            file.write(json.dumps(rows[-1]) + "\n")
        print(rows[-1], flush=True)
    for (closure, core, status), count in sorted(
        Counter((r["closure"], "soft" if r["beta"] else "hard", r["status"]) for r in rows).items()
    ):
        print(f"{closure:10} {core} {status:12} {count}")
    print(f"longest: {max(row['seconds'] for row in rows):.0f} s")


if __name__ == "__main__":
    main()
