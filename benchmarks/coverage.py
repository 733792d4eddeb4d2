"""How often each default interval covers the truth, and how wide it is, beside usual practice.

    python benchmarks/coverage.py --replications 2000
    python benchmarks/coverage.py --write docs/coverage.md

One cell is a design (I, J), a share rho of the training seed, and a population of effects. Every
finished cell is one line of `--records`; a stopped run goes on from there, and asking for other
replications starts anew. Values are mu + a_i + b_ij with mu = 0, var a = rho, var b = 1 - rho.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from coverage_designs import OuterCell, outer_cells, outer_intervals
from coverage_page import page
from coverage_ranks import RankCell, rank_cells, rank_lines

from seedwise.stats import bootstrap, compare, nested
from seedwise.stats.arrays import from_array
from seedwise.stats.quantiles import t_quantile

TRAINING, UNLEARNING, SHARES = (3, 5, 10, 30), (1, 3, 10), (0.0, 0.1, 0.5, 0.9, 1.0)
LEVEL = 0.95
ROOT = 20240501
DRAWS = 1999
"""Resamples of a bootstrap or of Gaffke's weights."""

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


class Cell(NamedTuple):
    """One design and population."""

    population: str
    training: int
    unlearning: int
    share: float


class Ends(NamedTuple):
    """Intervals of R replications, each (R,); NaN where none is given."""

    low: np.ndarray
    high: np.ndarray


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal effects."""
    return rng.normal(size=shape)


def exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Skewed effects: an exponential, skewness 2."""
    return rng.exponential(size=shape) - 1


def ceiling(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Effects bounded above, where most of them are: Beta(8, 0.8), skewness -1.6."""
    low, high = CEILING
    return low + (high - low) * rng.beta(*BETA, shape)


BETA = (8.0, 0.8)


def _beta_ends(a: float, b: float) -> tuple[float, float]:
    """Return the ends of a Beta variable that is shifted and scaled to mean 0 and variance 1."""
    mean, sd = a / (a + b), np.sqrt(a * b / (a + b + 1)) / (a + b)
    return -mean / sd, (1 - mean) / sd


CEILING = _beta_ends(*BETA)


def two_regimes(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One in ten effects belongs to a regime far off."""
    values = 4 * (rng.random(shape) < 0.1) + 0.3 * rng.normal(size=shape)
    return (values - 0.4) / np.sqrt(16 * 0.09 + 0.09)


POPULATIONS: Mapping[str, Draw] = {
    "normal": normal,
    "exponential": exponential,
    "ceiling": ceiling,
    "two regimes": two_regimes,
}


def cells() -> Iterator[Cell]:
    """Yield all cells."""
    for found in itertools.product(POPULATIONS, TRAINING, UNLEARNING, SHARES):
        yield Cell(*found)


def intervals(cell: Cell, replications: int) -> dict[str, tuple[Ends, float]]:
    """Return, for each quantity, its intervals over replications and the truth."""
    rng = np.random.default_rng([ROOT, zlib.crc32(repr(cell).encode())])
    draw, rho = POPULATIONS[cell.population], cell.share
    shape = (replications, cell.training, cell.unlearning)
    shared, own = draw(rng, shape[:2]), draw(rng, shape[:2])
    runs = np.sqrt(rho) * shared[..., None] + np.sqrt(1 - rho) * draw(rng, shape)
    other = np.sqrt(rho / 2) * (shared + own)[..., None] + np.sqrt(1 - rho) * draw(rng, shape)
    table = fitted(runs, "unlearning")
    difference = fitted((runs - other).mean(axis=2)[..., None], "none")
    references = np.sqrt(rho) * draw(rng, shape[:2]) + np.sqrt(1 - rho) * draw(rng, shape[:2])
    return {
        "mean": (ends(table, "ci"), 0.0),
        "mean, bootstrap-t": (bootstrapped(runs.mean(axis=2), rng), 0.0),
        "mean, Gaffke bound": (bounded(runs.mean(axis=2), cell, rng), 0.0),
        "training variance": (ends(table, "var_train"), rho),
        "unlearning variance": (ends(table, "var_unlearn"), 1 - rho),
        "share of the training seed": (ends(table, "icc"), rho),
        "difference, paired": (ends(difference, "ci"), 0.0),
        "gap to independent references": (gaps(runs.mean(axis=2), references), 0.0),
        "practice: pooled runs": (usual(runs.reshape(replications, -1)), 0.0),
        "practice: one training seed": (usual(runs[:, 0]), 0.0),
    }


def fitted(runs: np.ndarray, stage: nested.Stage) -> dict[str, np.ndarray]:
    """Fit (R, I, J) values as R groups."""
    return nested.columns(from_array(runs), [stage] * len(runs), level=LEVEL)


def ends(table: Mapping[str, np.ndarray], name: str) -> Ends:
    """Return the limits of one quantity."""
    return Ends(table[f"{name}_low"], table[f"{name}_high"])


def gaps(means: np.ndarray, references: np.ndarray, share: int = 4) -> Ends:
    """Return Welch intervals of every fourth replication: they are made one by one."""
    found = [
        compare.independent(a, b, level=LEVEL)
        for a, b in zip(means[::share], references[::share], strict=True)
    ]
    return Ends(np.array([f.ci_low for f in found]), np.array([f.ci_high for f in found]))


def bootstrapped(means: np.ndarray, rng: np.random.Generator) -> Ends:
    """Return bootstrap-t intervals of some replications; none below 8 training seeds."""
    if means.shape[1] < bootstrap.LEAST:
        return Ends(np.array([np.nan]), np.array([np.nan]))
    found = [bootstrap.bootstrap_t(row, rng, draws=DRAWS, level=LEVEL) for row in some(means)]
    return Ends(np.array([f.low for f in found]), np.array([f.high for f in found]))


def bounded(means: np.ndarray, cell: Cell, rng: np.random.Generator) -> Ends:
    """Return Gaffke intervals of some replications, where values have two bounds."""
    if cell.population != "ceiling":
        return Ends(np.array([np.nan]), np.array([np.nan]))
    reach = np.sqrt(cell.share) + np.sqrt(1 - cell.share)
    ends = CEILING[0] * reach, CEILING[1] * reach
    found = [bootstrap.gaffke(row, ends, rng, draws=DRAWS, level=LEVEL) for row in some(means)]
    return Ends(np.array([f.low for f in found]), np.array([f.high for f in found]))


def some(means: np.ndarray) -> np.ndarray:
    """Return about 500 replications, for what is resampled one by one."""
    return means[:: max(1, len(means) // 500)]


def usual(runs: np.ndarray) -> Ends:
    """Return the t interval that takes (R, n) runs for independent; NaN from a single run."""
    count = runs.shape[1]
    if count < 2:
        return Ends(np.full(len(runs), np.nan), np.full(len(runs), np.nan))
    half = t_quantile(LEVEL, count - 1.0) * runs.std(axis=1, ddof=1) / np.sqrt(count)
    half[half < 1e-12] = np.nan  # no spread, no interval
    return Ends(runs.mean(axis=1) - half, runs.mean(axis=1) + half)


def judged(found: tuple[np.ndarray, np.ndarray], truth: float | np.ndarray) -> dict[str, float]:
    """Return coverage and median width of the intervals that are given, and their share."""
    given = np.isfinite(found[0]) & np.isfinite(found[1])
    low, high, value = found[0][given], found[1][given], np.broadcast_to(truth, given.shape)[given]
    if not given.any():
        return {"given": 0.0, "coverage": float("nan"), "width": float("nan")}
    covered = (low - 1e-12 <= value) & (value <= high + 1e-12)
    return {
        "given": float(given.mean()),
        "coverage": float(covered.mean()),
        "width": float(np.median(high - low)),
    }


def run(records: Path, replications: int, limit: int | None) -> pd.DataFrame:
    """Simulate what the records lack, a line per cell and quantity; return what there is."""
    done = read(records, replications)
    have = {line["cell"] for line in done}
    records.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    everything = (*rank_cells(POPULATIONS), *outer_cells(), *cells())
    wanted = [cell for cell in everything if repr(cell) not in have]
    for cell in wanted[:limit]:
        about = {"cell": repr(cell), **cell._asdict(), "replications": replications}
        found = simulated(cell, replications)
        lines = [{**about, "quantity": name, **line} for name, line in found.items()]
        with records.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(line) + "\n" for line in lines))
        print(f"{cell}  {time.perf_counter() - start:.0f} s", flush=True)
    return pd.DataFrame(read(records, replications))


def simulated(cell: Cell | OuterCell | RankCell, replications: int) -> dict[str, Any]:
    """Return what is judged of a cell; what is worked out one by one has fewer replications."""
    if isinstance(cell, RankCell):
        draw = POPULATIONS[cell.population]
        return rank_lines(cell, draw, replications, ROOT, LEVEL)
    if isinstance(cell, OuterCell):
        found = outer_intervals(cell, replications // 4, ROOT, LEVEL)
    else:
        found = intervals(cell, replications)
    return {name: judged(*one) for name, one in found.items()}


def read(records: Path, replications: int) -> list[dict[str, Any]]:
    """Return the recorded lines with this many replications."""
    text = records.read_text(encoding="utf-8") if records.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["replications"] == replications]


def main() -> None:
    """Run the study, and write its page when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--records", type=Path, default=Path("runs/coverage.jsonl"))
    parser.add_argument("--write", type=Path, help="Markdown page to write, e.g. docs/coverage.md")
    parser.add_argument("--limit", type=int, help="simulate at most this many cells")
    asked = parser.parse_args()
    found = run(asked.records, asked.replications, asked.limit)
    if asked.write:
        asked.write.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
