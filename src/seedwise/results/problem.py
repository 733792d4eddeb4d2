"""What a plan is made for: the components of a pilot, or assumed ones, with their prices.

Columns are places, i.e. pairs of task and metric; rows are methods. A pair of methods has the
variance of its difference in place of the variance between training seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seedwise.errors import TableError
from seedwise.results.groups import About, Groups
from seedwise.results.sides import Request, contrast, matched, side_of
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats.assured import Assurance, PairAssurance
from seedwise.stats.demands import Demand
from seedwise.stats.pilot import Pilot, pivot, relative_error
from seedwise.stats.planner import (
    PairVariances,
    Search,
    best_for,
    best_pair_for,
    over_methods,
    over_pair,
)
from seedwise.stats.search import Found, Prices, Variances


class Place(NamedTuple):
    """A task and a metric."""

    task: str
    metric: str

    @property
    def name(self) -> str:
        """Return what it is called: the metric, with its task where tasks have names."""
        return f"{self.metric} ({self.task})" if self.task else self.metric


@dataclass(frozen=True)
class Problem:
    """Variances and prices that a plan is made with.

    Args:
        methods: (M,) names; for a pair the two, the second may be `retrain`.
        places: (Q,) what is planned for.
        variances: Components, of each method or of the difference of a pair.
        prices: The costs.
        draws: Draws of the components from a pilot, None where they are assumed.
        var_partition: (M, Q) variance between random partitions, None for one partition.
        softness: (M, Q), of a pair (1, Q), relative standard error of s_t^2; None if assumed.
        notes: What a reader should know.
    """

    methods: tuple[str, ...]
    places: tuple[Place, ...]
    variances: Variances | PairVariances
    prices: Prices
    draws: Variances | PairVariances | None = None
    var_partition: np.ndarray | None = None
    softness: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def search(self) -> Search:
        """The search for given training seeds."""
        if isinstance(self.variances, PairVariances):
            return over_pair(self.variances, self.prices)
        return over_methods(self.variances, self.prices)

    def best(self, demands: Sequence[Demand], budget: float, fewest: int) -> Found | None:
        """Return the design with the narrowest worst interval for a budget."""
        if isinstance(self.variances, PairVariances):
            return best_pair_for(demands, self.variances, self.prices, budget, fewest)
        return best_for(demands, self.variances, self.prices, budget, fewest)

    def assurance(
        self, demands: Sequence[Demand], share: float | None
    ) -> Assurance | PairAssurance | None:
        """Return what must hold in a share of the draws, None without draws."""
        if self.draws is None or self.var_partition is not None or share is None:
            return None
        if isinstance(self.draws, PairVariances):
            return PairAssurance(demands, self.draws, self.prices, share)
        return Assurance(demands, self.draws, share)

    def of_unit(self, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the variance of a training seed's mean: (M, Q), of a pair (1, Q)."""
        return np.atleast_2d(self.variances.of_unit(runs, evaluations))

    @property
    def floor(self) -> np.ndarray:
        """The variance (Q,) that no number of runs and evaluations goes below, the worst method."""
        most = np.minimum(self.prices.most_runs, 1e12)
        return self.of_unit(most, 10**9).max(axis=0)


class Chosen(NamedTuple):
    """The groups of a table that a plan is for: number of the group (M, Q), -1 where none."""

    methods: tuple[str, ...]
    places: tuple[Place, ...]
    group: np.ndarray


def choose(groups: Groups, methods: Sequence[str], metrics: Sequence[str]) -> Chosen:
    """Return the groups of some methods and metrics in all tasks that have them."""
    keys = groups.keys
    at = {
        (row.method, Place(str(row.task), str(row.metric))): number
        for number, row in enumerate(keys.itertuples(index=False))
    }
    places = tuple(dict.fromkeys(p for m, p in at if p.metric in metrics and m in methods))
    table = [[at.get((method, place), -1) for place in places] for method in methods]
    return Chosen(tuple(methods), places, np.array(table))


def of_methods(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, prices: Prices, about: About
) -> Problem:
    """Return the problem in which each method is to meet the target by itself.

    Args:
        groups: The grouped table.
        table: The fitted groups.
        chosen: What the plan is for.
        prices: The costs; a method without a second run in the pilot stays at one.
        about: What is declared of the design.

    Raises:
        TableError: If a component cannot be estimated; says what to run next.
    """
    _enough(groups, chosen)
    pilot = _pilot(groups, chosen)
    train, unlearn, evaluation = (
        _column(table, name, chosen) for name in ("var_train", "var_unlearn", "var_eval")
    )
    confounded = (pilot.runs_df == 0) & (chosen.group >= 0)
    train = np.where(confounded, pilot.units - np.nan_to_num(evaluation) / pilot.evaluations, train)
    variances = Variances(*(np.nan_to_num(one).clip(0) for one in (train, unlearn, evaluation)))
    prices, notes = _one_run(groups, table, chosen, confounded, prices)
    partition = None
    if about.partitions == "random":
        between = _column(table, "var_partition", chosen)
        partition = np.nan_to_num(between).clip(0) if np.isfinite(between).any() else None
    with np.errstate(invalid="ignore"):
        soft = relative_error(pilot, variances.train)
    return Problem(
        chosen.methods,
        chosen.places,
        variances,
        prices,
        pilot.draws,
        partition,
        soft,
        notes,
    )


def of_pair(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, prices: Prices, about: About
) -> Problem:
    """Return the problem for the difference of two methods on the same training seeds.

    s_D^2 = var_i(D_i) - s_ua^2 / n_ha - s_ub^2 / n_hb. Its raw estimate may be negative and counts
    as 0 then: taken as it stands it would promise that enough runs leave no variance at all.
    Against references of their own, var(D) is the sum of both variances, and df = I - 1 is on the
    safe side.
    """
    _enough(groups, chosen)
    pilot = _pilot(groups, chosen)
    unlearn, evaluation = (
        np.nan_to_num(_column(table, name, chosen)) for name in ("var_unlearn", "var_eval")
    )
    confounded = (pilot.runs_df == 0) & (chosen.group >= 0)
    prices, notes = _one_run(groups, table, chosen, confounded, prices)
    spread, df, independent = _difference(groups, table, chosen, about)
    inner = pilot.runs / pilot.unlearning
    raw = spread - inner.sum(axis=0)
    variances = PairVariances(raw.clip(0), unlearn, evaluation)
    if (raw < 0).any():
        notes = (
            *notes,
            f"s_D^2 is estimated as 0 (raw: {raw.min():.3g}), so that the plan may be too small.",
        )
    both = pilot.draws
    if independent:
        train = both.train.sum(axis=0)
        why = "The references are models of their own: their variance is added, df = I - 1."
        notes = (*notes, why)
    else:
        runs = pivot(pilot.runs, pilot.runs_df, 1) / pilot.unlearning[..., None]
        train = np.maximum(pivot(spread, df, 0) - runs.sum(axis=0), 0.0)
    draws = PairVariances(train, both.unlearn, both.evaluation)
    with np.errstate(divide="ignore"):
        soft = np.atleast_2d(np.sqrt(2 / df) * spread / variances.train)
    return Problem(chosen.methods, chosen.places, variances, prices, draws, None, soft, notes)


def _difference(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, about: About
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return the variance of D_i and its df per place, and whether the two are independent."""
    spread, df, independent = [], [], False
    for first, second in chosen.group.T:
        if first < 0 or second < 0:
            raise TableError(f"{' and '.join(chosen.methods)} have no metric in common")
        flags = table["flags"]
        a, b = (side_of(groups, int(at), flags[at]) for at in (first, second))
        request = Request(None, None, 0.95, about)
        has_reference = chosen.methods[1] == REFERENCE
        pairing = contrast(a, b, has_reference=has_reference, request=request).pairing
        if pairing == "independent":
            independent = True
            spread.append(a.mean.var(ddof=1) + b.mean.var(ddof=1))
            df.append(min(a.mean.size, b.mean.size) - 1)
        else:
            left, right = matched(a, b, pairing)
            if left.mean.size < 2:
                raise TableError(
                    f"{' and '.join(chosen.methods)} share {left.mean.size} training seeds; run "
                    "both on at least 2, better 5, of the same ones"
                )
            spread.append((left.mean - right.mean).var(ddof=1))
            df.append(left.mean.size - 1)
    return np.array(spread), np.array(df, dtype=float), independent


def _enough(groups: Groups, chosen: Chosen) -> None:
    """Refuse a pilot in which nothing between training seeds can be seen."""
    units = (groups.data.cells > 0).sum(axis=1)
    for method, row in zip(chosen.methods, chosen.group, strict=True):
        if not (row >= 0).any():
            raise TableError(f"'{method}' has no value of the metrics asked for")
        least = int(units[row[row >= 0]].min())
        if least < 2:
            raise TableError(
                f"'{method}' has {least} training seed{'' if least == 1 else 's'} in the pilot: "
                "the variance between training seeds cannot be estimated, and no plan for more of "
                "them made. Run next: seeds.training=5 (10 is better) with seeds.unlearning=3; or "
                "plan under assumptions: seedwise plan study.yaml --assume rho=.5,sd=.02"
            )


def _pilot(groups: Groups, chosen: Chosen) -> Pilot:
    """Return the mean squares of the chosen groups; 1 and 0 where there is none."""
    data = groups.data
    present = data.cells > 0
    units = present.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(present, data.mean, 0).sum(axis=1) / units
        about = np.where(present, (data.mean - mean[:, None]) ** 2, 0).sum(axis=1)
        cells, rows = data.cells.sum(axis=1), data.rows.sum(axis=1)
        columns = (
            about / (units - 1),
            units - 1,
            data.spread.sum(axis=1) / (cells - units),
            cells - units,
            data.noise.sum(axis=1) / (rows - cells),
            rows - cells,
            units / np.where(present, 1 / np.maximum(data.cells, 1), 0).sum(axis=1),
            rows / cells,
        )
    lost = chosen.group < 0
    filled = []
    for column, absent in zip(columns, (0, 1, 0, 0, 0, 0, 1, 1), strict=True):
        own = np.nan_to_num(np.asarray(column, dtype=float))[chosen.group]
        filled.append(np.where(lost, float(absent), own))
    return Pilot(*filled)


def _one_run(
    groups: Groups,
    table: Mapping[str, Any],
    chosen: Chosen,
    confounded: np.ndarray,
    prices: Prices,
) -> tuple[Prices, tuple[str, ...]]:
    """Keep at one run what one run is all of, or all that is known of."""
    notes = []
    most = prices.most_runs.copy()
    for place, method in enumerate(chosen.methods):
        if not confounded[place].any() or method in BASELINES:
            most[place] = 1.0 if method in BASELINES else most[place]
            continue
        if most[place] > 1:
            notes.append(
                f"{method}: one unlearning seed per training seed in the pilot, so the two "
                "variances are one sum and the plan stays at J = 1; a second unlearning seed on "
                "half of the training seeds would tell them apart"
            )
        most[place] = 1.0
    return prices._replace(most_runs=most), tuple(notes)


def _column(table: Mapping[str, Any], name: str, chosen: Chosen) -> np.ndarray:
    values = np.asarray(table[name], dtype=float)[chosen.group]
    return np.where(chosen.group < 0, np.nan, values)
