"""Plans before any run: components that are assumed, or were measured in other studies."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from seedwise.errors import TableError, did_you_mean
from seedwise.results.costs import Costs, with_reference
from seedwise.results.problem import Place, Problem
from seedwise.results.tidy import REFERENCE
from seedwise.stats.planner import PairVariances
from seedwise.stats.search import Prices, Variances

SHARES = (0.1, 0.5, 0.9)
"""Shares of the training seed that are shown where nothing is assumed."""

ADVICE = (
    "Without a pilot: run I = 5 training seeds or more (10 is better) with J = 3 unlearning seeds, "
    "which costs at most 4 % more than the best J wherever 1.4 <= J* <= 5.5; where J* < 1, J = 1, "
    "with J = 2 for half of the training seeds so that both variances can be told apart.",
    "Such a pilot shows the size of the two variances (at I = 10, J = 5 the training seed's still "
    "has a standard error of about 57 %, at I = 5 of 85 %) and lets you plan. It cannot show small "
    "differences, and with 5 training seeds intervals rest on near-normal values.",
)
"""What the defaults can and cannot show."""


@dataclass(frozen=True)
class Assumed:
    """Components that are taken for granted.

    Args:
        rho: Share of the training seed in the variance of a run.
        sd: Standard deviation of a single run, in units of the metric.
        metric: What they are of.
        source: Where they come from.
        corr: Correlation of what a training seed does to two methods; None where not said.

    Raises:
        TableError: If the share is not within 0 and 1, the standard deviation not positive, or the
            correlation not within -1 and 1.
    """

    rho: float
    sd: float
    metric: str = "assumed"
    source: str = "as assumed"
    corr: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rho <= 1:
            raise TableError(f"--assume rho={self.rho:g}: it is a share between 0 and 1")
        if not (math.isfinite(self.sd) and self.sd > 0):
            raise TableError(f"--assume sd={self.sd:g}: it must be a number above 0")
        if self.corr is not None and not -1 <= self.corr < 1:
            raise TableError(
                f"--assume corr={self.corr:g}: it is a correlation, from -1 to below 1"
            )

    def half_width(self, training: int, unlearning: int, level: float = 0.95) -> float:
        """Return the half-width that a design buys, NaN with one training seed.

        Example:
            >>> round(Assumed(0.5, 0.02).half_width(10, 3), 4)
            0.0117
        """
        if training < 2:
            return math.nan
        variance = self.sd**2 * (self.rho + (1 - self.rho) / unlearning)
        t = float(stats.t.ppf(0.5 + level / 2, training - 1))
        return t * math.sqrt(variance / training)


class Measured(NamedTuple):
    """Components of one method and metric in a study that ships with its numbers."""

    domain: str
    task: str
    method: str
    metric: str
    training: int
    unlearning: int
    sd: float
    rho: float


def parse(text: str) -> Assumed:
    """Read `rho=.5,sd=.02`, for two methods also `rho=.5,sd=.02,corr=.5`.

    Raises:
        TableError: If it is written otherwise, or a value makes no sense.

    Example:
        >>> parse("rho=.5,sd=.02").half_width(10, 3) < 0.02
        True
        >>> parse("rho=.5,sd=.02,corr=.8").corr
        0.8
    """
    found: dict[str, float] = {}
    for pair in text.split(","):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if name not in ("rho", "sd", "corr") or not equals:
            hint = did_you_mean(name, ["rho", "sd", "corr"])
            raise TableError(f"--assume {text}: write it as rho=.5,sd=.02; {hint}")
        try:
            found[name] = float(value)
        except ValueError:
            raise TableError(f"--assume {text}: '{value}' is not a number") from None
    for name in ("rho", "sd"):
        if name not in found:
            raise TableError(f"--assume {text}: {name} is missing; write it as rho=.5,sd=.02")
    return Assumed(found["rho"], found["sd"], corr=found.get("corr"))


def measured(domain: str, metrics: Sequence[str]) -> list[Assumed]:
    """Return what the shipped studies of a domain showed, the median over methods by metric.

    Methods with one run per training seed do not count: their rho is 1 whatever others do.

    Args:
        domain: Name of the domain.
        metrics: Base names, as a study lists them.
    """
    rows = [row for row in shipped() if row.domain == domain and row.unlearning > 1]
    found = []
    for metric in dict.fromkeys(row.metric for row in rows):
        if metric.split("/", 1)[0] not in metrics:
            continue
        own = [row for row in rows if row.metric == metric]
        source = f"median of {len(own)} methods on {own[0].task}, I = {own[0].training}"
        rho, sd = median(row.rho for row in own), median(row.sd for row in own)
        found.append(Assumed(rho, sd, metric, source))
    return found


def shipped() -> list[Measured]:
    """Return the shipped table of measured components (written by `docs/measured.py`)."""
    text = (files("seedwise.results") / "measured.csv").read_text(encoding="utf-8")
    return [
        Measured(
            row["domain"],
            row["task"],
            row["method"],
            row["metric"],
            int(row["training"]),
            int(row["unlearning"]),
            float(row["sd"]),
            float(row["rho"]),
        )
        for row in csv.DictReader(text.splitlines())
    ]


def half_widths(
    assumed: Sequence[Assumed],
    training: Sequence[int],
    unlearning: Sequence[int],
    level: float = 0.95,
) -> pd.DataFrame:
    """Return one row per assumption and design: the half-width it buys.

    Args:
        assumed: What is taken for granted.
        training: The I to show.
        unlearning: The J to show.
        level: Confidence level.
    """
    rows = [
        (one.metric, one.rho, one.sd, one.source, i, j, one.half_width(i, j, level))
        for one in assumed
        for i in training
        for j in unlearning
    ]
    names = ["metric", "rho", "sd", "source", "I", "J", "half_width"]
    return pd.DataFrame(rows, columns=names)


def problem_of(
    assumed: Sequence[Assumed],
    methods: Sequence[str],
    fixed: Sequence[bool],
    costs: Costs,
    tasks: int = 1,
) -> Problem:
    """Return the problem of a study whose methods all have the assumed components.

    Args:
        assumed: One assumption per metric.
        methods: (M,) names.
        fixed: (M,) whether a method is deterministic: all its variance is the training seed's.
        costs: What seeds cost.
        tasks: Number of forget sets.
    """
    prices: Prices = costs.prices(methods, fixed, tasks)
    total = np.tile([one.sd**2 for one in assumed], (len(methods), 1))
    share = np.where(np.array(fixed)[:, None], 1.0, [one.rho for one in assumed])
    places = tuple(Place("", one.metric) for one in assumed)
    variances = Variances(total * share, total * (1 - share), np.zeros_like(total))
    return Problem(tuple(methods), places, variances, prices)


def problem_of_pair(
    assumed: Assumed,
    pair: tuple[str, str],
    fixed: tuple[bool, bool],
    costs: Costs,
    tasks: int = 1,
    *,
    is_paired: bool = True,
) -> Problem:
    """Return the problem of the difference of two methods with the assumed components.

    s_D^2 = s_ta^2 + s_tb^2 - 2 corr s_ta s_tb. Without a correlation it counts as 0, which is on
    the safe side: models that start from one original usually go up and down together.

    Args:
        assumed: Components of a run of either.
        pair: The two; the second may be `retrain`, whose models vary as much as a run.
        fixed: Whether they are deterministic.
        costs: What seeds cost.
        tasks: Number of forget sets.
        is_paired: Whether training seed i of both rests on one original.

    Raises:
        TableError: If a correlation is given for models of their own.
    """
    has_reference = pair[1] == REFERENCE
    if has_reference and not is_paired and assumed.corr is not None:
        raise TableError(
            "--assume corr=: references are models of their own and do not vary with the originals "
            "(reference: independent in the study); leave corr out"
        )
    alone = (fixed[0], fixed[1] or has_reference)
    prices = (with_reference(costs) if has_reference else costs).prices(pair, alone, tasks)
    shares = np.where(alone, 1.0, assumed.rho)
    train = assumed.sd**2 * shares
    corr = assumed.corr or 0.0
    spread = train.sum() - 2 * corr * math.sqrt(train.prod())
    unlearn = (assumed.sd**2 * (1 - shares))[:, None]
    variances = PairVariances(np.array([spread]), unlearn, np.zeros_like(unlearn))
    places = (Place("", assumed.metric),)
    return Problem(pair, places, variances, prices, notes=_correlated(assumed, is_paired=is_paired))


def _correlated(assumed: Assumed, *, is_paired: bool) -> tuple[str, ...]:
    """Say what is taken for granted of how two methods vary together."""
    if not is_paired:
        return ("The references are models of their own: their variance is added.",)
    if assumed.corr is not None:
        return ()
    return (
        "What a training seed does to both methods is taken to be uncorrelated (corr = 0). Shared "
        "originals usually make it positive, and then fewer seeds do: --assume "
        f"rho={assumed.rho:g},sd={assumed.sd:g},corr=.5 shows how many; only a pilot measures it.",
    )
