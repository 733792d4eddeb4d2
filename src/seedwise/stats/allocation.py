"""How many seeds of each level: the exact least-cost design, and the best one for a budget.

Var(mean) = s_t^2 / I + s_u^2 / (I J) + s_e^2 / (I J K), half-width = t(I - 1) sqrt(Var), cost =
I [c_t + c_r + sum_m J_m (c_u,m + K c_e)], where c_t is all that is paid once per training seed and
c_r its retrained reference; both are shared by all methods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

MAX_TRAINING = 2_000
MAX_EVALUATION = 10


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


@dataclass(frozen=True)
class _Inputs:
    """Variances (M, Q) over methods and metrics, costs per method (M,), scale per metric (Q,)."""

    train: np.ndarray
    unlearn: np.ndarray
    evaluation: np.ndarray
    cost_unlearn: np.ndarray
    cost_train: float
    cost_eval: float
    scale: np.ndarray
    level: float
    is_single: bool

    def half_widths(self, count: int, unlearning: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the half-widths (M, Q) of a design."""
        within = (self.unlearn + self.evaluation / evaluations) / unlearning[:, None]
        return self.quantiles(np.array([count]))[0] * np.sqrt((self.train + within) / count)

    def quantiles(self, counts: np.ndarray) -> np.ndarray:
        """Return t(I - 1) for each I."""
        return np.asarray(stats.t.ppf(0.5 + self.level / 2, counts - 1))


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
        methods: Number of methods, where all are alike.
        half_width: The target, one value or one per metric (Q,).
        level: Confidence level.
        min_training: Fewest training seeds to consider.

    Raises:
        ValueError: If a variance is negative, a cost is not positive, or the target cannot be
            reached with 2,000 training seeds (the message says the closest reachable).

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
    found = _scan(inputs, 1.0, np.arange(_least(min_training), MAX_TRAINING + 1))
    if found is None:
        reachable = inputs.quantiles(np.array([MAX_TRAINING]))[0] * np.sqrt(
            inputs.train / MAX_TRAINING
        )
        raise ValueError(
            f"a half-width of {half_width} is out of reach: with {MAX_TRAINING} training seeds and "
            f"any number of unlearning seeds it stays {(reachable / inputs.scale).max():.3g} times "
            "as wide"
        )
    return found


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
    fewest = _least(min_training)
    each = inputs.cost_train + float((inputs.cost_unlearn + inputs.cost_eval).sum())
    most = min(MAX_TRAINING, int(budget / each * (1 + 1e-12)))
    if most < fewest:
        raise ValueError(
            f"a budget of {budget:g} buys {most} training seeds with one run of each method; "
            f"{fewest} of them cost {fewest * each:g}"
        )
    counts = np.arange(fewest, most + 1)
    design = Allocation(fewest, 1, 1, fewest * each, np.inf)
    low, high = 0.0, _widest(inputs, fewest)
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        found = _scan(inputs, middle, counts)
        if found is not None and found.cost <= budget * (1 + 1e-12):
            design, high = found, min(middle, _ratio(inputs, found))
        else:
            low = middle
    return design


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
    per_method = max([one.shape[0] for one in variances if one.ndim] + [costs.size, 1])
    is_single = all(one.ndim == 0 for one in variances) and costs.ndim == 0
    per_method = methods if is_single else per_method
    targets = np.atleast_1d(np.asarray(scale, dtype=float))
    metrics = max([one.shape[1] for one in variances if one.ndim == 2] + [targets.size])
    shape = (per_method, metrics)
    train, unlearn, evaluation = (
        np.broadcast_to(one[:, None] if one.ndim == 1 else one, shape) for one in variances
    )
    inputs = _Inputs(
        train,
        unlearn,
        evaluation,
        np.broadcast_to(costs, (per_method,)),
        float(cost_train) + float(cost_reference),
        float(cost_eval),
        np.broadcast_to(targets, (metrics,)),
        level,
        is_single,
    )
    _check(inputs)
    return inputs


def _check(inputs: _Inputs) -> None:
    for name in ("train", "unlearn", "evaluation"):
        values = getattr(inputs, name)
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError(f"the variance of '{name}' must be finite and not negative")
    if not (inputs.cost_train > 0 and (inputs.cost_unlearn > 0).all() and inputs.cost_eval >= 0):
        raise ValueError("the costs of training and unlearning must be positive")
    if not (np.isfinite(inputs.scale).all() and (inputs.scale > 0).all()):
        raise ValueError("the half-width must be positive")
    if not 0 < inputs.level < 1:
        raise ValueError(f"the level must lie between 0 and 1, given {inputs.level}")


def _least(min_training: int) -> int:
    """An interval needs two training seeds."""
    return max(2, int(min_training))


def _scan(inputs: _Inputs, factor: float, counts: np.ndarray) -> Allocation | None:
    """Return the cheapest design with every half-width at most `factor` times its scale."""
    best: Allocation | None = None
    target = inputs.scale * factor
    room = (
        counts[:, None, None] * (target / inputs.quantiles(counts)[:, None, None].clip(1e-300)) ** 2
    )
    spare = room - inputs.train  # (n, M, Q)
    usable = (spare > 0).all(axis=(1, 2)) | ((spare >= 0) & _settled(inputs)).all(axis=(1, 2))
    most = MAX_EVALUATION if (inputs.evaluation > 0).any() else 1
    for evaluations in range(1, most + 1):
        within = inputs.unlearn + inputs.evaluation / evaluations
        with np.errstate(divide="ignore", invalid="ignore"):
            runs = np.where(within == 0, 1.0, np.ceil(within / spare * (1 - 1e-12))).max(axis=2)
        runs = runs.clip(1)  # (n, M)
        each = inputs.cost_unlearn + evaluations * inputs.cost_eval
        costs = np.where(usable, counts * (inputs.cost_train + runs @ each), np.inf)
        best = _better(inputs, best, counts, runs, costs, evaluations)
    return best


def _settled(inputs: _Inputs) -> np.ndarray:
    return (inputs.unlearn == 0) & (inputs.evaluation == 0)


def _better(
    inputs: _Inputs,
    best: Allocation | None,
    counts: np.ndarray,
    runs: np.ndarray,
    costs: np.ndarray,
    evaluations: int,
) -> Allocation | None:
    """Return the better of a design and the cheapest of a scan; ties go to the narrowest."""
    least = costs.min()
    if not np.isfinite(least):
        return best
    for place in np.flatnonzero(costs <= least * (1 + 1e-12)):
        found = _allocation(
            inputs, int(counts[place]), runs[place], evaluations, float(costs[place])
        )
        is_cheaper = best is None or found.cost < best.cost * (1 - 1e-12)
        is_as_cheap = best is not None and found.cost <= best.cost * (1 + 1e-12)
        if is_cheaper or (is_as_cheap and best and found.half_width < best.half_width):
            best = found
    return best


def _allocation(
    inputs: _Inputs, count: int, runs: np.ndarray, evaluations: int, cost: float
) -> Allocation:
    widths = inputs.half_widths(count, runs, evaluations)
    unlearning = tuple(int(value) for value in runs)
    shown: int | tuple[int, ...] = unlearning[0] if inputs.is_single else unlearning
    return Allocation(count, shown, evaluations, cost, float(widths.max()))


def _ratio(inputs: _Inputs, design: Allocation) -> float:
    """Return the greatest half-width of a design in units of its scale."""
    runs = np.broadcast_to(np.asarray(design.J), inputs.cost_unlearn.shape)
    return float((inputs.half_widths(design.I, runs, design.K) / inputs.scale).max())


def _widest(inputs: _Inputs, count: int) -> float:
    """Return a half-width that one run of each method on `count` originals surely has."""
    ones = np.ones(len(inputs.cost_unlearn))
    return float((inputs.half_widths(count, ones, 1) / inputs.scale).max()) * (1 + 1e-9) or 1e-300
