"""Seeds and methods told by names: patterns such as `{method}/t{training_seed}_u{unlearning_seed}`.

For results whose files say nothing of the run they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seedwise.errors import TableError, did_you_mean
from seedwise.interop.imported import Options
from seedwise.interop.starts import fits
from seedwise.results.tidy import BASELINES, ORIGINAL, REFERENCE

FIELDS = ("task", "method", "training_seed", "unlearning_seed")
NAMED = ("pattern", "original", "reference", "leave_out")
"""Options that concern names, where nothing but names tells."""
_SEEDS = ("training_seed", "unlearning_seed")
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Place:
    """Where a model stands in the design."""

    task: str
    method: str
    training_seed: int
    unlearning_seed: int | None


@dataclass(frozen=True)
class Pattern:
    """A name with fields in braces, `{*}` standing for anything.

    Names (or methods) of `original` and `reference`, or of their patterns, are those baselines,
    whatever they are called.

    Example:
        >>> pattern = Pattern.parse("{method}/t{training_seed}[_u{unlearning_seed}]")
        >>> pattern.place("npo/t0_u1")
        Place(task='', method='npo', training_seed=0, unlearning_seed=1)
        >>> pattern.place("retrain/t2")
        Place(task='', method='retrain', training_seed=2, unlearning_seed=None)
    """

    text: str
    regex: re.Pattern[str]
    original: Sequence[str] = ()
    reference: Sequence[str] = ()

    @classmethod
    def parse(
        cls, text: str, original: Sequence[str] = (), reference: Sequence[str] = ()
    ) -> Pattern:
        """Read a pattern; what stands in square brackets may lack.

        Raises:
            TableError: If a field is unknown or given twice, or method or training seed lack.
        """
        names = [name for name in _FIELD.findall(text) if name != "*"]
        for name in names:
            if name not in FIELDS:
                raise TableError(
                    f"--pattern {text}: no field '{name}'; {did_you_mean(name, FIELDS)}"
                )
        twice = sorted({name for name in names if names.count(name) > 1})
        lacking = [name for name in ("method", "training_seed") if name not in names]
        if twice or lacking:
            problem = f"names '{twice[0]}' twice" if twice else f"lacks {{{lacking[0]}}}"
            raise TableError(
                f"--pattern {text}: {problem}; write it as "
                "'{method}/t{training_seed}[_u{unlearning_seed}]'"
            )
        if text.count("[") != text.count("]"):
            raise TableError(f"--pattern {text}: a square bracket is not closed")
        return cls(text, re.compile(_regex(text)), original, reference)

    def place(self, name: str) -> Place:
        """Return what a name says.

        Args:
            name: A name, or a path with `/` between its parts.

        Raises:
            TableError: If it does not follow the pattern, or an unlearned model has no seed.
        """
        found = self.regex.fullmatch(name)
        if found is None:
            raise TableError(
                f"'{name}' does not follow --pattern {self.text}; mend the pattern, or leave this "
                "one out: --leave-out NAME"
            )
        said = {key: value for key, value in found.groupdict().items() if value is not None}
        method, seed = self._role(name, said["method"]), said.get("unlearning_seed")
        if seed is None and method not in BASELINES:
            raise TableError(
                f"'{name}': --pattern {self.text} tells no unlearning_seed, which every method but "
                f"{' and '.join(BASELINES)} needs; if it is the model before unlearning or a "
                f"retrained one, give --original {method} or --reference {method}"
            )
        unlearning = None if method in BASELINES or seed is None else int(seed)
        return Place(said.get("task", ""), method, int(said["training_seed"]), unlearning)

    def _role(self, name: str, method: str) -> str:
        if fits((name, method), self.original):
            return ORIGINAL
        return REFERENCE if fits((name, method), self.reference) else method


def needed(options: Options, what: str, names: Iterable[str]) -> Pattern:
    """Return the pattern of a tool whose files say nothing of seeds.

    Args:
        options: As given.
        what: What the names belong to.
        names: Some of the names it is to be written for.

    Raises:
        TableError: If none was given; shows the first names.
    """
    if options.pattern is not None:
        return Pattern.parse(options.pattern, options.original, options.reference)
    shown = ", ".join(list(names)[:3])
    raise TableError(
        f"{what} say nothing of methods and seeds; tell them by the names of the models, such as "
        f"{shown}: --pattern '{{method}}_t{{training_seed}}[_u{{unlearning_seed}}]' ({{*}} stands "
        "for anything, what stands in [ ] may lack)"
    )


def _regex(text: str) -> str:
    parts = re.split(r"(\{[^{}]*\}|\[|\])", text)
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    if part in "[]" and part:
        return "(?:" if part == "[" else ")?"
    field = _FIELD.fullmatch(part)
    if field is None:
        return re.escape(part)
    name = field[1]
    if name == "*":
        return ".*?"
    return f"(?P<{name}>\\d+)" if name in _SEEDS else f"(?P<{name}>[^/]+?)"
