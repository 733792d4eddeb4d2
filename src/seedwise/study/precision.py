"""The `precision` block of a study: run until an interval is narrow enough, or a claim settled."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from seedwise.study.parts import Model
from seedwise.study.times import seconds


class Precision(Model):
    """What a run is to reach, by which rule, and at most at what cost.

    The training seeds of the study are the pilot; unlearning and evaluation seeds stay as they
    are, so that the pilot's spread is that of the rest.
    """

    metric: str = Field(description="The metric, as tables call it, e.g. accuracy/forget.")
    methods: tuple[str, ...] = Field((), description="Methods that are each to reach it; all.")
    between: tuple[str, str] | None = Field(
        None, description="Two methods whose paired difference is to reach it."
    )
    half_width: float | None = Field(None, gt=0, description="Greatest half-width.")
    difference: float | None = Field(
        None, gt=0, description="Size of a difference that is to be shown, or excluded."
    )
    margin: float | None = Field(None, gt=0, description="Equivalence margin that is to be shown.")
    power: float = Field(
        0.8, gt=0, lt=1, description="Power of a difference or margin (rule stein plans for it)."
    )
    level: float = Field(0.95, gt=0.5, lt=1, description="Confidence level of the rule.")
    max_cost: float | str | None = Field(
        None, description="Most compute, in seconds or as 8h; nothing beyond is begun."
    )
    rule: Literal["stein", "looks", "anytime"] = Field(
        "stein",
        description="stein: the pilot decides once; looks: at declared numbers of training seeds; "
        "anytime: as often as needed, with a wider interval.",
    )
    looks: tuple[int, ...] = Field(
        (), description="With rule looks: numbers of training seeds, from the pilot's on."
    )

    @model_validator(mode="after")
    def _one_target(self) -> Precision:
        given = [n for n in ("half_width", "difference", "margin") if getattr(self, n) is not None]
        if len(given) != 1:
            what = f"given: {', '.join(given)}" if given else "none is given"
            raise ValueError(f"exactly one of half_width, difference, margin is needed; {what}")
        if given[0] != "half_width" and self.between is None:
            raise ValueError(f"'{given[0]}' is about two methods; name them with between: [A, B]")
        if self.between is not None and self.between[0] == self.between[1]:
            raise ValueError(f"between: names '{self.between[0]}' twice; two methods are needed")
        if self.between is not None and self.methods:
            raise ValueError("methods and between contradict each other; give one of them")
        return self

    @model_validator(mode="after")
    def _cost_is_a_time(self) -> Precision:
        if self.max_cost is not None and not seconds(self.max_cost) > 0:
            raise ValueError(f"max_cost is {self.max_cost}; it must be above 0")
        return self

    @model_validator(mode="after")
    def _looks_ascend(self) -> Precision:
        if self.looks and self.rule != "looks":
            raise ValueError(f"looks belong to rule: looks, given rule: {self.rule}")
        if len(self.looks) == 1:
            raise ValueError(
                f"looks: {list(self.looks)} is the pilot alone; declare later looks as well, or "
                "leave looks out for five that grow by half"
            )
        if any(b <= a for a, b in zip(self.looks, self.looks[1:], strict=False)):
            raise ValueError(f"looks must ascend, given {list(self.looks)}")
        return self

    @property
    def goal(self) -> tuple[Any, float]:
        """Kind and size of what is to be reached."""
        sizes = {
            "half-width": self.half_width,
            "difference": self.difference,
            "margin": self.margin,
        }
        return next((kind, size) for kind, size in sizes.items() if size is not None)

    def check(self, pilot: int, partitions: int, methods: tuple[str, ...]) -> None:
        """Hold the block against the rest of its study.

        Args:
            pilot: Number of training seeds of the study.
            partitions: Number of its partitions.
            methods: What its methods are called.

        Raises:
            ValueError: If they do not fit.
        """
        if pilot < 2:
            raise ValueError(
                f"precision: the study's {pilot} training seed is the pilot, which needs at least "
                "2, better 5: seeds.training=5"
            )
        self._check_power()
        if partitions > 1:
            raise ValueError("precision: holds for one partition; give seeds.partition one seed")
        if self.looks and self.looks[0] != pilot:
            raise ValueError(
                f"precision.looks: the first look is at the pilot's {pilot} training seeds, given "
                f"{self.looks[0]}"
            )
        for name in (*self.methods, *(self.between or ())):
            if name not in methods:
                raise ValueError(
                    f"precision: no method '{name}' in the study; it has {', '.join(methods)}"
                )

    def _check_power(self) -> None:
        """Refuse a power that was written where no rule plans for it; a lock always has one."""
        if "power" not in self.model_fields_set:
            return
        if self.half_width is not None:
            raise ValueError(
                "precision: power belongs to difference or margin; a half_width has none"
            )
        if self.rule != "stein":
            raise ValueError(
                f"precision: power belongs to rule: stein, which plans for it; rule: {self.rule} "
                "looks until the claim is settled, so leave power out"
            )
