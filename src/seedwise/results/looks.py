"""What looking at results before all training seeds were there costs: wider intervals beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from seedwise.stats import flags
from seedwise.stats.quantiles import t_quantile
from seedwise.stats.stopping import level_per_look

COLUMNS = ("n_looks", "ci_low_looks", "ci_high_looks")


def columns(
    estimate: ArrayLike,
    error: tuple[ArrayLike, ArrayLike],
    training: ArrayLike,
    looks: Sequence[int],
    level: float,
) -> dict[str, np.ndarray]:
    """Return `COLUMNS`: L, this look included, and the interval at error rate alpha / L.

    With L looks at intervals of that level, the chance that any of them misses is at most alpha,
    whatever made one stop. Without an earlier look L is 1 and there is no second interval.

    Args:
        estimate: Means or differences, any shape.
        error: Their standard errors and degrees of freedom.
        training: Numbers of trained models they rest on.
        looks: Numbers of trained models at the looks that count, see `store.looks`.
        level: Confidence level.

    Example:
        >>> found = columns([0.0, 0.0], ([1.0, 1.0], [9.0, 4.0]), [10, 5], [5, 7], 0.95)
        >>> found["n_looks"].tolist(), found["ci_high_looks"].round(2).tolist()
        ([3, 1], [2.93, nan])
    """
    count = np.asarray(training)
    before = (np.asarray(looks, dtype=int)[:, None] < count.ravel()).sum(axis=0)
    total = before.reshape(count.shape) + 1
    levels = np.array([level_per_look(level, int(n)) for n in total.ravel()]).reshape(count.shape)
    se, df = (np.asarray(given, dtype=float) for given in error)
    half = np.where((total > 1) & (se > 0), t_quantile(levels, df) * se, np.nan)
    centre = np.asarray(estimate, dtype=float)
    return {"n_looks": total, "ci_low_looks": centre - half, "ci_high_looks": centre + half}


def beside(table: pd.DataFrame, looks: Sequence[int], level: float) -> pd.DataFrame:
    """Return summary rows with `COLUMNS` filled in and `optional_stopping` where it applies.

    Args:
        table: Rows with the columns of the summary.
        looks: Numbers of trained models at the looks that count.
        level: Confidence level.
    """
    error, count = (table["se"], table["df"]), table["n_training_seeds"].astype(int)
    found = columns(table["mean"], error, count, looks, level)
    codes = [
        flags.join((*flags.split(text), *(["optional_stopping"] if n > 1 else [])))
        for text, n in zip(table["flags"], found["n_looks"], strict=True)
    ]
    return table.assign(**found, flags=codes)
