"""How many seeds of each level: the exact least-cost design, and the best one for a budget.

Var(mean) = s_t^2 / I + s_u^2 / (I J) + s_e^2 / (I J K), half-width = t(I - 1) sqrt(Var), cost =
I [c_t + c_r + sum_m J_m (c_u,m + K c_e)], where c_t is all that is paid once per training seed and
c_r its retrained reference; both are shared by all methods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from seedwise.stats.search import (
    MAX_TRAINING,
    TIE,
    Found,
    Prices,
    Variances,
    least_cost,
    narrowest,
    reachable,
)


@dataclass(frozen=True)
class Allocation:
    """A number of seeds for each level.

    Args:
        I: Training seeds.
        J: Unlearning seeds per training seed: one number, or one per method.
        K: Evaluation seeds per run.
        cost: What the design costs, in the unit of the costs.
        half_width: The greatest half-width over methods and metrics.
    """

    I: int  # noqa: E741 - the vocabulary of the field
    J: int | tuple[int, ...]
    K: int
    cost: float
    half_width: float


def cheapest(
    *,
    var_train: ArrayLike,
    var_unlearn: ArrayLike,
    var_eval: ArrayLike = 0.0,
    cost_train: float,
    cost_reference: float = 0.0,
    cost_unlearn: ArrayLike,
    cost_eval: float = 0.0,
    methods: int = 1,
    half_width: ArrayLike,
    level: float = 0.95,
    min_training: int = 2,
) -> Allocation:
    """Return the cheapest design whose interval is no wider than asked, for every method.

    Exact over I <= 2,000, K <= 10 and all J: for each I and K the least J follows from
    V_max = I (h / t)^2 - s_t^2 as ceil((s_u^2 + s_e^2 / K) / V_max). Of equally cheap designs the
    narrowest is taken.

    Args:
        var_train: s_t^2: one value, one per method (M,), or per method and metric (M, Q).
        var_unlearn: s_u^2, likewise.
        var_eval: s_e^2, likewise; 0 where the metric draws nothing.
        cost_train: All that is paid once per training seed.
        cost_reference: A retrained reference per training seed.
        cost_unlearn: One unlearning run: one value, or one per method.
        cost_eval: One evaluation.
        methods: Number of methods, where all are alike; arrays of methods have their own.
        half_width: The target, one value or one per metric (Q,).
        level: Confidence level.
        min_training: Fewest training seeds to consider.

    Raises:
        ValueError: If a variance is negative, a cost is not positive, numbers of methods or
            metrics differ, or the target cannot be reached with 2,000 training seeds (the message
            says the closest reachable).

    Example:
        >>> design = cheapest(var_train=4.0, var_unlearn=4.0, cost_train=10.0, cost_unlearn=1.0,
        ...                   half_width=2.0)
        >>> design.I, design.J, round(design.half_width, 3)
        (8, 3, 1.931)
    """
    inputs = _inputs(
        var_train,
        var_unlearn,
        var_eval,
        cost_train,
        cost_reference,
        cost_unlearn,
        cost_eval,
        methods,
        half_width,
        level,
    )
    counts = np.arange(_least(min_training), MAX_TRAINING + 1)
    found = least_cost(inputs.variances, inputs.prices, counts, inputs.room(counts))
    if found is None:
        raise ValueError(
            f"a half-width of {half_width} is out of reach with {MAX_TRAINING} training seeds and "
            f"any number of unlearning seeds; the closest reachable is {inputs.closest()}"
        )
    return inputs.allocation(found)


def best_for_budget(
    *,
    var_train: ArrayLike,
    var_unlearn: ArrayLike,
    var_eval: ArrayLike = 0.0,
    cost_train: float,
    cost_reference: float = 0.0,
    cost_unlearn: ArrayLike,
    cost_eval: float = 0.0,
    methods: int = 1,
    budget: float,
    scale: ArrayLike = 1.0,
    level: float = 0.95,
    min_training: int = 2,
) -> Allocation:
    """Return the design with the narrowest worst interval that a budget buys.

    Bisects the half-width with the exact least-cost scan of `cheapest`.

    Args:
        var_train: See `cheapest`.
        var_unlearn: See `cheapest`.
        var_eval: See `cheapest`.
        cost_train: See `cheapest`.
        cost_reference: See `cheapest`.
        cost_unlearn: See `cheapest`.
        cost_eval: See `cheapest`.
        methods: See `cheapest`.
        budget: What may be spent, in the unit of the costs.
        scale: What half-widths are measured in, one value or one per metric: the worst ratio of
            half-width to scale is made as small as possible.
        level: Confidence level.
        min_training: Fewest training seeds to consider.

    Raises:
        ValueError: If the budget does not buy `min_training` training seeds, or an input is off.

    Example:
        >>> design = best_for_budget(var_train=4.0, var_unlearn=4.0, cost_train=10.0,
        ...                          cost_unlearn=1.0, budget=104.0)
        >>> design.I, design.J, design.cost
        (8, 3, 104.0)
    """
    inputs = _inputs(
        var_train,
        var_unlearn,
        var_eval,
        cost_train,
        cost_reference,
        cost_unlearn,
        cost_eval,
        methods,
        scale,
        level,
    )
    fewest, each = _least(min_training), inputs.prices.least
    if not (math.isfinite(budget) and budget > 0):
        raise ValueError(f"the budget must be a number above 0, given {budget}")
    most = min(MAX_TRAINING, int(budget / each * (1 + TIE)))
    if most < fewest:
        raise ValueError(
            f"a budget of {budget:g} buys {most} training seeds with one run of each method; "
            f"{fewest} of them cost {fewest * each:g}"
        )
    counts = np.arange(fewest, most + 1)
    found = narrowest(inputs.variances, inputs.prices, counts, inputs.room(counts), budget)
    return inputs.allocation(found)


@dataclass(frozen=True)
class _Inputs:
    """Checked arrays; `scale` (Q,) is what half-widths are measured in."""

    variances: Variances
    prices: Prices
    scale: np.ndarray
    level: float
    is_single: bool

    def room(self, counts: np.ndarray) -> np.ndarray:
        """Return the room (n, 1, Q) at half-widths of one scale."""
        return (counts / self._quantile(counts) ** 2)[:, None, None] * self.scale**2

    def half_widths(self, count: int, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the half-widths (M, Q) of a design."""
        of_unit = self.variances.of_unit(runs, evaluations)
        return self._quantile(np.array([count]))[0] * np.sqrt(of_unit / count)

    def closest(self) -> str:
        """Return the half-widths, one or one per metric, that 2,000 training seeds reach."""
        endless = np.full(len(self.prices.unlearn), np.inf)
        widths = self.half_widths(MAX_TRAINING, endless, 1).max(axis=0)
        if np.ptp(self.scale) == 0:
            return f"{reachable(float(widths.max())):g}"
        pairs = zip(widths, self.scale, strict=True)
        return ", ".join(f"{h if w < h else reachable(float(w)):g}" for w, h in pairs)

    def allocation(self, found: Found) -> Allocation:
        """Return a design in the words of the caller."""
        runs = tuple(int(value) for value in found.runs)
        widths = self.half_widths(found.training, found.runs, found.evaluations)
        shown: int | tuple[int, ...] = runs[0] if self.is_single else runs
        return Allocation(found.training, shown, found.evaluations, found.cost, float(widths.max()))

    def _quantile(self, counts: np.ndarray) -> np.ndarray:
        return np.asarray(stats.t.ppf(0.5 + self.level / 2, counts - 1))


def _inputs(
    var_train: ArrayLike,
    var_unlearn: ArrayLike,
    var_eval: ArrayLike,
    cost_train: float,
    cost_reference: float,
    cost_unlearn: ArrayLike,
    cost_eval: float,
    methods: int,
    scale: ArrayLike,
    level: float,
) -> _Inputs:
    variances = [np.asarray(one, dtype=float) for one in (var_train, var_unlearn, var_eval)]
    costs = np.asarray(cost_unlearn, dtype=float)
    is_single = all(one.ndim == 0 for one in variances) and costs.ndim == 0
    targets = np.atleast_1d(np.asarray(scale, dtype=float))
    if max(one.ndim for one in variances) > 2 or max(costs.ndim, targets.ndim) > 1:
        raise ValueError("variances are (M,) or (M, Q), costs (M,), targets (Q,), or one value")
    own = [one.shape[0] for one in variances if one.ndim] + [costs.size]
    per_method = _common("methods", [*own, methods])
    per_metric = [one.shape[1] for one in variances if one.ndim == 2]
    metrics = _common("metrics", [*per_metric, targets.size])
    shape = (per_method, metrics)
    spread = [np.broadcast_to(one[:, None] if one.ndim == 1 else one, shape) for one in variances]
    prices = Prices(
        float(cost_train) + float(cost_reference),
        np.broadcast_to(costs, (per_method,)),
        float(cost_eval),
        np.full(per_method, np.inf),
    )
    goal = np.broadcast_to(targets, (metrics,))
    inputs = _Inputs(Variances(*spread), prices, goal, level, is_single)
    _check(inputs, float(cost_reference))
    return inputs


def _common(what: str, sizes: list[int]) -> int:
    """Return the one number that sizes other than 1 agree on."""
    found = {int(size) for size in sizes} - {1} or {1}
    if len(found) > 1 or min(found) < 1 or any(size != int(size) for size in sizes):
        raise ValueError(f"the numbers of {what} contradict each other or are none: {sizes}")
    return found.pop()


def _check(inputs: _Inputs, cost_reference: float) -> None:
    for name, values in inputs.variances._asdict().items():
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError(f"the variance of '{name}' must be finite and not negative")
    prices = inputs.prices
    positive = prices.once > cost_reference and (prices.unlearn > 0).all()
    if not (positive and cost_reference >= 0 and prices.evaluate >= 0):
        raise ValueError(
            "the costs of training and unlearning must be positive, the others not negative"
        )
    if not np.isfinite([prices.once, prices.evaluate, *prices.unlearn]).all():
        raise ValueError("the costs must be finite")
    if not (np.isfinite(inputs.scale).all() and (inputs.scale > 0).all()):
        raise ValueError("the half-width must be positive")
    if not 0 < inputs.level < 1:
        raise ValueError(f"the level must lie between 0 and 1, given {inputs.level}")


def _least(min_training: int) -> int:
    """An interval needs two training seeds."""
    if min_training > MAX_TRAINING:
        raise ValueError(f"min_training is {min_training}; at most {MAX_TRAINING} are considered")
    return max(2, int(min_training))
