"""Seeds per level as a study says them: counts, lists with ranges, runs per method."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from seedwise.study.parts import Model

_END = 2**63
Seed = Annotated[int, Field(ge=0, lt=_END, strict=True)]
Labels = tuple[Seed, ...]
MOST_SEEDS = 100_000
"""Seeds that a count or a range may stand for: what is larger is a slip of the pen."""
RANGE = r"\d+-\d+"
DEFAULT = "default"
"""Stands for all methods that a mapping of unlearning seeds does not name."""


class Seeds(Model):
    """Seeds per level: a count, or a list of labels and ranges of labels such as `[0-39, 50]`.

    A count n stands for 0 .. n-1; for `training`, for the first n that are not tuning seeds.
    Unlearning seeds may be given per method, by its title.
    """

    training: Labels = Field(description="I: independently trained originals.")
    unlearning: Labels | dict[str, Labels] = Field(
        (0,),
        description="J: unlearning runs per original; per method as {default: 3, npo: 5}, where "
        "default (1 if absent) is for the methods that are not named.",
    )
    evaluation: Labels = Field((0,), description="K: draws of a stochastic metric.")
    partition: Labels = Field((0,), description="Draws of the data split.")
    tuning: Labels = Field((), description="Training seeds used to choose arguments.")

    @field_validator("*", mode="before")
    @classmethod
    def _count_or_list(cls, given: Any, info: ValidationInfo) -> Any:
        if info.field_name != "unlearning" or isinstance(given, int | list | tuple):
            return labels(given)
        if isinstance(given, dict):
            return _per_method(given)
        raise ValueError(
            f"given {given!r}; allowed: a count, a list of seeds and ranges as [0-39, 50], or "
            "one of these for each method as {default: 3, npo: 5}"
        )

    @model_validator(mode="before")
    @classmethod
    def _training_beside_tuning(cls, given: Any) -> Any:
        """Count training seeds past the tuning seeds; whatever is no count is judged later."""
        count = given.get("training") if isinstance(given, dict) else None
        if type(count) is not int or not 0 <= count <= MOST_SEEDS:
            return given
        try:
            taken = set(labels(given.get("tuning", ())))
        except ValueError:
            return given
        free = (seed for seed in itertools.count() if seed not in taken)
        return {**given, "training": tuple(itertools.islice(free, count))}

    @model_validator(mode="after")
    def _usable(self) -> Seeds:
        for level in ("training", "unlearning", "evaluation", "partition"):
            given = getattr(self, level)
            each = given if isinstance(given, dict) else {"": given}
            for title, own in each.items():
                _check(f"{level}.{title}".rstrip("."), own)
        shared = sorted(set(self.tuning) & set(self.training))
        if shared:
            raise ValueError(
                f"seeds {listed(shared)} are both 'tuning' and 'training': arguments chosen on the "
                "seeds they are evaluated on look better than they are; keep the two apart (a "
                "count as 'training' leaves the tuning seeds out)"
            )
        return self

    def unlearning_of(self, title: str) -> tuple[int, ...]:
        """Return the unlearning seeds of a method.

        Args:
            title: What tables call it.

        Example:
            >>> seeds = Seeds(training=5, unlearning={"default": 2, "npo": ["0-2", 7]})
            >>> seeds.unlearning_of("ssd"), seeds.unlearning_of("npo")
            ((0, 1), (0, 1, 2, 7))
        """
        if not isinstance(self.unlearning, dict):
            return self.unlearning
        return self.unlearning.get(title, self.unlearning.get(DEFAULT, (0,)))

    def said_J(self, titles: Iterable[str]) -> str:  # noqa: N802 - the vocabulary of the field
        """Return J of some methods as tables say it: a number, or the least and the greatest.

        Example:
            >>> Seeds(training=5, unlearning={"npo": 4}).said_J(["npo", "ssd"])
            '1-4'
        """
        counts = {len(self.unlearning_of(title)) for title in (*titles,) or (DEFAULT,)}
        ends = sorted({min(counts), max(counts)})
        return "-".join(map(str, ends))

    def first(self) -> Seeds:
        """Return the first seed of every level."""
        runs = self.unlearning
        own = (
            {title: one[:1] for title, one in runs.items()} if isinstance(runs, dict) else runs[:1]
        )
        levels = ("training", "evaluation", "partition")
        return Seeds(**{level: getattr(self, level)[:1] for level in levels}, unlearning=own)


def labels(given: Any) -> tuple[int, ...]:
    """Return the seeds that a count or a list stands for.

    Raises:
        ValueError: If it is neither, or something in the list is no seed and no range.

    Example:
        >>> labels(3), labels(["0-2", 50])
        ((0, 1, 2), (0, 1, 2, 50))
    """
    if isinstance(given, bool) or not isinstance(given, int | list | tuple):
        raise ValueError(
            f"given {given!r}; allowed: a count, or a list of seeds and ranges as [0-39, 50]"
        )
    if not isinstance(given, int):
        return tuple(seed for item in given for seed in _item(item))
    if not 0 <= given <= MOST_SEEDS:
        raise ValueError(f"given {given}; a count is 0 to {MOST_SEEDS}")
    return tuple(range(given))


def written(seeds: Sequence[int]) -> str:
    """Return seeds as a study file says them: a count where they are 0 .. n-1, else a list.

    Example:
        >>> written((0, 1, 2)), written((5, 6, 7, 8, 50, 51))
        ('3', '[5-8, 50, 51]')
    """
    is_count = tuple(seeds) == tuple(range(len(seeds)))
    return str(len(seeds)) if is_count else listed(seeds)


def listed(seeds: Sequence[int]) -> str:
    """Return seeds as a list, runs of three and more as ranges."""
    said: list[str] = []
    for _, run in itertools.groupby(enumerate(seeds), key=lambda pair: pair[1] - pair[0]):
        own = [seed for _, seed in run]
        said += [f"{own[0]}-{own[-1]}"] if len(own) > 2 else [str(seed) for seed in own]
    return f"[{', '.join(said)}]"


def _item(given: Any) -> Iterable[int]:
    """Return what one entry of a list stands for."""
    if isinstance(given, str) and re.fullmatch(RANGE, given):
        first, last = (int(end) for end in given.split("-"))
        if first > last:
            raise ValueError(f"given the range {given}; ranges ascend: {last}-{first}")
        if last - first >= MOST_SEEDS or last >= _END:
            raise ValueError(f"given the range {given}; a range holds up to {MOST_SEEDS} seeds")
        return range(first, last + 1)
    if type(given) is not int or not 0 <= given < _END:
        raise ValueError(
            f"given {given!r} in a list; allowed: a whole number from 0 to 2^63 - 1, or a range as "
            "0-39"
        )
    return (given,)


def _per_method(given: dict[Any, Any]) -> Any:
    """Return the seeds of each method; all alike are said as such."""
    found = {}
    for title, own in given.items():
        try:
            found[str(title)] = labels(own)
        except ValueError as error:
            raise ValueError(f"{title}: {error}") from None
    return found[DEFAULT] if list(found) == [DEFAULT] else found


def _check(level: str, seeds: Sequence[int]) -> None:
    if not seeds:
        raise ValueError(f"'{level}' has no seed; at least one is needed")
    known: set[int] = set()
    twice = [seed for seed in seeds if seed in known or known.add(seed)]
    if twice:
        raise ValueError(f"'{level}' names a seed twice: {listed(sorted(set(twice)))}")
