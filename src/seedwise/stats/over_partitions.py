"""Plans over random partitions: P partitions with I training seeds in each.

The variance of a partition's mean is s_p^2 + (s_t^2 + (s_u^2 + s_e^2 / K) / J) / I, and P of them
must fit into R(P). For a given I that is the problem without partitions, with partitions in place
of training seeds; so only I remains to be searched, by branch and bound: variances of the greatest
I in an interval with prices of the least are at least as good as any I inside.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from seedwise.stats.planner import PairVariances
from seedwise.stats.search import Found, Variances

Parts = TypeVar("Parts", bound=Variances | PairVariances)


def of_partition(variances: Parts, between: np.ndarray, inside: int) -> Parts:
    """Return the components of partition means with so many training seeds in each.

    Args:
        variances: Components of training seeds and below (M, Q), of a pair (Q,) and (2, Q); or
            draws of them.
        between: s_p^2, shaped as `variances.train`.
        inside: I.
    """
    return variances._replace(
        train=between + variances.train / inside,
        unlearn=variances.unlearn / inside,
        evaluation=variances.evaluation / inside,
    )


def over_training(
    solve: Callable[[int, int], Found | None], most: int, worth: Callable[[Found], float]
) -> Found | None:
    """Return the best design over I = 1 .. most training seeds in each partition, None if none.

    Best first: the interval with the least bound is halved, and an interval of one I that comes to
    the top is the optimum.

    Args:
        solve: From the least and greatest I of an interval to the best design with the prices of
            the one and the variances of the other; exact where both are equal.
        most: The greatest I.
        worth: What is to be least, the cost or the fill.
    """
    heap: list[tuple[float, int, int, Found]] = []

    def push(low: int, high: int) -> None:
        found = solve(low, high)
        if found is not None:
            heapq.heappush(heap, (worth(found), low, high, found._replace(inside=low)))

    push(1, most)
    while heap:
        _, low, high, found = heapq.heappop(heap)
        if low == high:
            return found
        middle = math.isqrt(low * high)
        push(low, middle)
        push(middle + 1, high)
    return None
