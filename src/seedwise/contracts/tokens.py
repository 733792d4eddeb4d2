"""What problems and methods of the capability `tokens` promise each other, besides `contracts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from seedwise.contracts.domain import Batch, Problem

M = TypeVar("M")

IGNORED = -100
"""Target of a position that is no token of an answer (padding, the question)."""


class TokenProblem(Problem[M], Protocol[M]):
    """What a problem of a domain with the capability `tokens` has besides.

    An example is a question and its answer. `targets` are (n, length) token numbers, `IGNORED`
    where there is no token of the answer; row t of an example's `scores` (n, length, vocabulary)
    predicts its target t, so that nothing needs to be shifted. `losses` are means over the tokens
    of the answer, its end included.
    """

    def answered(self, batch: Batch, answers: Sequence[str]) -> Batch:
        """Return the same questions with other answers, one an example."""
        ...

    def hidden(self, model: M, batch: Batch) -> Sequence[Any]:
        """Return the differentiable hidden states (n, length, width): embedding, layer 1, ..."""
        ...

    def along(self, origin: M, tuned: M, share: float) -> M:
        """Return origin + share (tuned - origin), of all effective parameters; changes `tuned`."""
        ...
