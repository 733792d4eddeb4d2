"""What seeds cost: the prices a plan is made with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats.search import Prices

_LEAST = 1e-9
"""What is free gets a price, as a plan divides by it."""
_MAY_BE_ZERO = ("reference", "evaluate", "partition")


@dataclass(frozen=True)
class Costs:
    """What one seed of each kind costs, in compute seconds or any other unit.

    Args:
        train: All that is paid once per training seed, without its reference.
        reference: A retrained reference, per training seed.
        unlearn: One run of each method, its evaluation by metrics that draw nothing included.
        evaluate: One evaluation by the metrics that draw random numbers.
        partition: What is paid once per random partition.
        source: Where the numbers come from.

    Raises:
        TableError: If a cost is negative or no number, or training or unlearning costs nothing.

    Example:
        >>> Costs(train=10.0, unlearn={"ssd": 1.0}).train
        10.0
        >>> Costs(train=0.0, unlearn={"ssd": 1.0})  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        seedwise.errors.TableError: --cost-train 0: the cost of 'train' must be a number above 0...
    """

    train: float
    unlearn: Mapping[str, float] = field(default_factory=dict)
    reference: float = 0.0
    evaluate: float = 0.0
    partition: float = 0.0
    source: str = "as given"

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Mapping):
                for method, cost in value.items():
                    _check(f"unlearn {method}", cost, may_be_zero=False)
            elif not isinstance(value, str):
                _check(one.name, value, may_be_zero=one.name in _MAY_BE_ZERO)

    def prices(self, methods: Sequence[str], deterministic: Sequence[bool], tasks: int) -> Prices:
        """Return the prices of a plan over some methods and forget sets.

        Every training seed serves all forget sets; references and runs are paid for each of them.

        Args:
            methods: (M,) names.
            deterministic: (M,) whether one run is all there is.
            tasks: Number of forget sets.

        Raises:
            TableError: If the cost of a method is not known.
        """
        for method in methods:
            if method not in self.unlearn:
                known = f"; {did_you_mean(method, self.unlearn)}" if self.unlearn else ""
                raise TableError(
                    f"the cost of one run of '{method}' is not known: give "
                    f"--cost-unlearn {method}=SECONDS{known}"
                )
        return Prices(
            self.train + tasks * self.reference,
            tasks * np.array([self.unlearn[method] for method in methods], dtype=float),
            tasks * self.evaluate,
            np.where(deterministic, 1.0, np.inf),
            self.partition,
        )


def with_reference(costs: Costs) -> Costs:
    """Return costs in which the reference is a method too.

    It is paid with the training seed; its one run costs nothing that counts.
    """
    own = {**costs.unlearn, REFERENCE: 1e-12 * costs.train}
    return replace(costs, unlearn=own)


def costs_from(frame: pd.DataFrame, metric: str) -> Costs:
    """Return what seeds cost by a metric: bytes sent, seconds, anything that adds up.

    Args:
        frame: The tidy table.
        metric: The metric that holds what making each model cost, e.g. `communication/MB`; its
            mean over the models of a method is that method's price. A method that costs nothing
            gets a price that is next to nothing.

    Raises:
        TableError: If there is no such metric, or it has no values for original or methods.
    """
    own = frame[(frame["metric"] == metric) & frame["value"].notna()]
    if own.empty:
        raise TableError(f"no values of '{metric}'; {did_you_mean(metric, set(frame['metric']))}")
    means = {str(name): mean for name, mean in own.groupby("method")["value"].mean().items()}
    runs = {name: max(value, _LEAST) for name, value in means.items() if name not in BASELINES}
    if "original" not in means or not runs:
        raise TableError(
            f"'{metric}' has values of {', '.join(means)}; the originals' and those of at least "
            "one method are needed to price a plan"
        )
    return Costs(
        train=max(means["original"], _LEAST),
        reference=means.get("retrain", 0.0),
        unlearn=runs,
        source=f"mean {metric} of {len(own)} models",
    )


def _check(name: str, value: float, *, may_be_zero: bool) -> None:
    if not (math.isfinite(value) and (value > 0 or (may_be_zero and value == 0))):
        option = {"evaluate": "--cost-eval"}.get(name, f"--cost-{name}")
        stage, _, method = option.partition(" ")
        shown = f"{stage} {method}={value:g}" if method else f"{stage} {value:g}"
        allowed = "not be negative"
        if not may_be_zero:
            allowed = "be a number above 0 (where it is free, one next to nothing such as 1e-6)"
        raise TableError(f"{shown}: the cost of '{name}' must {allowed}")
