"""What a method promises, checked by running it: used by `seedwise try` and the test-suites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seedwise.contracts import Clock, Context, Extras, Method, Problem
from seedwise.errors import NonFiniteError
from seedwise.seeds import SeedStreams

_VERDICTS = {
    (True, True): "declared deterministic, and is",
    (True, False): "declared deterministic, but another unlearning seed gave other parameters",
    (False, False): "another unlearning seed gives another model",
    (False, True): "another unlearning seed gave the same model; declare deterministic=True, so "
    "that one run per original is enough",
}


@dataclass(frozen=True)
class Finding:
    """One promise and whether it was kept.

    Args:
        check: Name of the promise.
        passed: Whether it holds.
        message: What was found, and what to do where it does not hold.
    """

    check: str
    passed: bool
    message: str


@dataclass(frozen=True)
class Trial:
    """A method on one original.

    Args:
        method: The method.
        arguments: Its arguments, as its signature wants them.
        problem: The problem with all its splits.
        original: The trained model; stays as it is.
        extras: The captures that the method needs.
        ctx: What the method may touch.
    """

    method: Method
    arguments: Mapping[str, Any]
    problem: Problem[Any]
    original: Any
    extras: Extras
    ctx: Context

    def run(self, unlearning: int) -> Any:
        """Run the method with one unlearning seed, on the splits that it may see."""
        seeds = SeedStreams(f"method/{self.method.name}", 0, 0, unlearning)
        view = self.problem.view(self.method.splits)
        return self.method.function(
            self.original, view, self.extras, seeds, self.ctx, **self.arguments
        )

    def findings(self) -> Iterator[Finding]:
        """Yield every promise in turn; after one that cannot be judged the rest is left out.

        The checks run the method three times: seed 0 twice, then seed 1.
        """
        before = self.problem.digest(self.original)
        try:
            model = self.run(0)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the person's method may raise anything
            yield Finding("runs", passed=False, message=f"raised {type(error).__name__}: {error}")
            return
        if model is None:
            message = "it returned nothing; return the unlearned model"
            yield Finding("runs", passed=False, message=message)
            return
        yield Finding("runs", passed=True, message="it ran and returned a model")
        yield self._kept_original(before)
        finite = self._is_finite(model)
        yield finite
        if finite.passed:
            yield from self._compared(before, self.problem.digest(model))

    def _kept_original(self, before: str) -> Finding:
        kept = self.problem.digest(self.original) == before
        told = "the original is unchanged"
        message = told if kept else "it changed the original; work on problem.copy(original)"
        return Finding("leaves the original alone", kept, message)

    def _is_finite(self, model: Any) -> Finding:
        try:
            self.problem.digest(model)
        except NonFiniteError as error:
            return Finding("finite weights", passed=False, message=f"{error}; lower its step size")
        return Finding("finite weights", passed=True, message="every parameter is finite")

    def _compared(self, before: str, first: str) -> Iterator[Finding]:
        changed = first != before
        told = "parameters changed" if changed else "it did nothing: the same parameters came back"
        yield Finding("does something", changed, told)
        repeated = self.problem.digest(self.run(0)) == first
        told = (
            "the same seeds gave the same bits"
            if repeated
            else "the same seeds gave other bits; draw random numbers from `seeds` alone"
        )
        yield Finding("reproducible", repeated, told)
        if repeated:
            yield self._seeded(first, self.problem.digest(self.run(1)))

    def _seeded(self, first: str, second: str) -> Finding:
        declared, same = self.method.is_deterministic(self.arguments), first == second
        return Finding("determinism as declared", declared == same, _VERDICTS[declared, same])


def trial(
    method: Method,
    problem: Problem[Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    device: str = "cpu",
    tick: Callable[[float], None] = lambda share: None,
) -> Trial:
    """Train one original, with the captures that a method needs, and return the trial on it."""
    ctx = Context(device=device, tick=tick, clock=Clock())
    seeds = SeedStreams("train", 0, 0)
    done = next(iter(problem.train("train", [seeds], ctx, method.needs)))
    return Trial(method, arguments or {}, problem, done.model, done.extras, ctx)  # pyright: ignore
