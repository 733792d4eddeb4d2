"""What seeds cost: the prices a plan is made with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from seedwise.errors import TableError, did_you_mean
from seedwise.stats.search import Prices

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
        >>> Costs(train=0.0, unlearn={"ssd": 1.0})
        Traceback (most recent call last):
        ...
        seedwise.errors.TableError: the cost of 'train' is 0; it must be a number above 0
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
        )


def _check(name: str, value: float, *, may_be_zero: bool) -> None:
    if not (math.isfinite(value) and (value > 0 or (may_be_zero and value == 0))):
        allowed = "not be negative" if may_be_zero else "be a number above 0"
        raise TableError(f"the cost of '{name}' is {value:g}; it must {allowed}")
