"""How fast the statistics are beside statsmodels' MixedLM, on the same designs in the same run.

    python benchmarks/stats_speed.py
    python benchmarks/stats_speed.py --write docs/statistics.md

1,000 designs of 75 training and 10 unlearning seeds as one array, whole or with one run in five
missing. `components`: REML and ANOVA variances between and within training seeds. `all default
intervals`: every column of the summary for them. MixedLM gives the REML components of one design
from arrays, with a Wald interval of the mean; some designs are timed and the median stands for all.
`summary`: `Results(table).summary()`, from a table of 60,000 rows to every column and flag. Times
are CPU seconds of one process with one thread, the best of a few runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 (one thread must be asked for before numpy is loaded)
import pandas as pd  # noqa: E402

from seedwise.results import Results  # noqa: E402
from seedwise.stats import arrays, nested  # noqa: E402
from seedwise.stats.layout import Rows, arrange  # noqa: E402

GROUPS, TRAINING, UNLEARNING = 1000, 75, 10
MARKS = "<!-- speed: begin -->", "<!-- speed: end -->"


class Timed(NamedTuple):
    """Seconds for all designs, and how many times faster than statsmodels that is."""

    what: str
    seconds: float
    ratio: float
    wanted: str


def designs() -> np.ndarray:
    """Return (B, I, J) normal values, rho = .5."""
    rng = np.random.default_rng(20240501)
    shape = (GROUPS, TRAINING, UNLEARNING)
    return rng.normal(size=(*shape[:2], 1)) + rng.normal(size=shape)


def with_gaps(values: np.ndarray) -> np.ndarray:
    """Return the designs with one run in five missing."""
    rng = np.random.default_rng(7)
    return np.where(rng.random(values.shape) < 0.2, np.nan, values)


def table_of_rows(rows: int = 60_000) -> pd.DataFrame:
    """Return a tidy table: 4 tasks, 5 methods, 4 metrics, 75 x 10 runs."""
    rng = np.random.default_rng(3)
    task, method, metric, training, unlearning = (
        index.ravel() for index in np.indices((4, 5, 4, 75, 10))
    )
    assert task.size == rows
    return pd.DataFrame(
        {
            "task": np.char.add("task-", task.astype(str)),
            "method": np.char.add("method-", method.astype(str)),
            "metric": np.char.add("metric-", metric.astype(str)),
            "training_seed": training,
            "unlearning_seed": unlearning,
            "value": rng.normal(size=(4, 5, 4, 75))[task, method, metric, training]
            + rng.normal(size=rows),
        }
    )


def seconds(work: Callable[[], object], repeats: int = 7) -> float:
    """Return the least CPU time of a few runs."""
    found = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def statsmodels_seconds(values: np.ndarray, sample: int) -> float:
    """Return the time of MixedLM for all designs, from the median over some."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    def one(design: np.ndarray) -> float:
        present = ~np.isnan(design)
        y, labels = design[present], np.nonzero(present)[0]
        ones = np.ones((y.size, 1))
        return seconds(lambda: MixedLM(y, ones, groups=labels).fit(reml=True), 2)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of retries and of boundaries
        found = [one(design) for design in values[:: len(values) // sample][:sample]]
    return float(np.median(found)) * len(values)


def intervals(values: np.ndarray) -> dict[str, np.ndarray]:
    """Return everything that the summary says of each design."""
    return nested.columns(arrays.from_array(values), ["unlearning"] * len(values))


def from_rows(values: np.ndarray) -> Callable[[], object]:
    """Return the same work from long rows in any order."""
    group, training, unlearning = np.nonzero(~np.isnan(values))
    order = np.random.default_rng(1).permutation(group.size)
    codes = [code[order] for code in (group, training, unlearning)]
    rows = Rows(values[~np.isnan(values)][order], *codes, np.zeros_like(codes[0]))
    return lambda: nested.columns(arrange(rows, len(values)), ["unlearning"] * len(values))


def timed(sample: int) -> Iterator[Timed]:
    """Yield all timings; each kind of design has its own statsmodels baseline in the same run."""
    whole = designs()
    kinds = (
        ("balanced", whole, "5,000", "2,000"),
        ("unbalanced", with_gaps(whole), "300", "100"),
    )
    for kind, values, for_components, for_intervals in kinds:
        base = statsmodels_seconds(values, sample)
        yield Timed(f"{kind}: statsmodels MixedLM", base, 1.0, "")
        works = (
            ("components", lambda values=values: arrays.variances(values), for_components),
            ("all default intervals", lambda values=values: intervals(values), for_intervals),
            ("all default intervals, from shuffled long rows", from_rows(values), ""),
        )
        for what, work, wanted in works:
            mine = seconds(work)
            yield Timed(f"{kind}: {what}", mine, base / mine, wanted)
    frame = table_of_rows()
    yield Timed("summary of 60,000 rows", seconds(lambda: Results(frame).summary(), 3), np.nan, "")


def page(rows: list[Timed]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"Measured by `python benchmarks/stats_speed.py` on one thread of {machine()}:",
        "",
        f"| {GROUPS:,} designs of {TRAINING} x {UNLEARNING} | CPU s | times as fast | wanted |",
        "|---|---|---|---|",
    ]
    for row in rows:
        ratio = "" if np.isnan(row.ratio) else f"{row.ratio:,.0f}"
        lines.append(f"| {row.what} | {row.seconds:.3g} | {ratio} | {row.wanted} |")
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return what ran this."""
    import scipy
    import statsmodels

    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", info.read_text()) if info.exists() else []
    versions = f"numpy {np.__version__}, scipy {scipy.__version__}"
    return (
        f"{names[0] if names else platform.processor()} (Python {platform.python_version()}, "
        f"{versions}, statsmodels {statsmodels.__version__})"
    )


def main() -> None:
    """Print the figures, and put them into a page when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=10, help="designs that statsmodels fits")
    parser.add_argument("--write", type=Path, help="page with the two marks to write between")
    asked = parser.parse_args()
    said = page(list(timed(asked.sample)))
    print(said)
    if asked.write:
        text = asked.write.read_text(encoding="utf-8")
        head, _, rest = text.partition(MARKS[0])
        tail = rest.partition(MARKS[1])[2]
        written = f"{head}{MARKS[0]}\n{said}{MARKS[1]}{tail}"
        asked.write.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
