"""Seeds and methods told by names: patterns such as `{method}/t{training_seed}_u{unlearning_seed}`.

For results whose files say nothing of the run they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from seedwise.errors import TableError, did_you_mean
from seedwise.results.tidy import BASELINES

FIELDS = ("task", "method", "training_seed", "unlearning_seed")
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

    Example:
        >>> pattern = Pattern.parse("{method}/t{training_seed}[_u{unlearning_seed}]")
        >>> pattern.place("npo/t0_u1")
        Place(task='', method='npo', training_seed=0, unlearning_seed=1)
        >>> pattern.place("retrain/t2")
        Place(task='', method='retrain', training_seed=2, unlearning_seed=None)
    """

    text: str
    regex: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> Pattern:
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
        return cls(text, re.compile(_regex(text)))

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
        method, seed = said["method"], said.get("unlearning_seed")
        if seed is None and method not in BASELINES:
            raise TableError(
                f"'{name}': --pattern {self.text} tells no unlearning_seed, which every method but "
                f"{' and '.join(BASELINES)} needs"
            )
        unlearning = None if method in BASELINES or seed is None else int(seed)
        return Place(said.get("task", ""), method, int(said["training_seed"]), unlearning)


def needed(pattern: str | None, what: str, names: Iterable[str]) -> Pattern:
    """Return the pattern of a tool whose files say nothing of seeds.

    Args:
        pattern: The pattern as given.
        what: What the names belong to.
        names: Some of the names it is to be written for.

    Raises:
        TableError: If none was given; shows the first names.
    """
    if pattern is not None:
        return Pattern.parse(pattern)
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
