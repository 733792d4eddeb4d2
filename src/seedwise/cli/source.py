"""Where results come from: a study in a store, or a table made anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.results import Results


@dataclass(frozen=True)
class Source:
    """What the options of a verb say of the table; each is named as its option.

    Args:
        column, wide, seed, reference, original, percent: How the table is written, as typed.
        unpaired, partitions, unlearning: What it does not say of its design, as typed.
        missing: What runs without a value count for, as typed.
    """

    column: Sequence[str] | None = None
    wide: Sequence[str] | None = None
    seed: str | None = None
    reference: str | None = None
    original: str | None = None
    percent: bool = False
    unpaired: bool = False
    partitions: str | None = None
    unlearning: str | None = None
    missing: str | None = None

    def read(self, table: Path | None, store: Path, study: str | None, verb: str) -> Results:
        """Return the results of a table, or of a study in a store, which logs the look.

        Args:
            table: The table, None for the study.
            store: Folder of the store.
            study: Name of the study, None for its only one.
            verb: What the log calls the look.

        Raises:
            SeedwiseError: If they cannot be read.
        """
        from seedwise.api import load
        from seedwise.results import Results

        if table is not None:
            return Results.from_file(
                table,
                mapping(self.column or []),
                wide=[name.strip() for given in self.wide or [] for name in given.split(",")],
                seed=self.seed,
                retrain=self.reference,
                original=self.original,
                percent=self.percent,
                unpaired=self.unpaired,
                partitions=self.partitions or "fixed",
                unlearning=self.unlearning or "nested",
                missing=self.missing or "drop",
                metrics=known_specs(),
            )
        self.refuse_without_table()
        return load(store, study, verb=verb)

    def refuse_without_table(self) -> None:
        """Refuse options about a table where there is none.

        Raises:
            SeedwiseError: If there are any.
        """
        given = [f"--{name}" for name, value in vars(self).items() if value]
        if given:
            raise SeedwiseError(
                f"{', '.join(given)} describe{'s' * (len(given) == 1)} a table; name its file, "
                "e.g. 'seedwise analyze mine.csv'"
            )


def known_specs() -> dict[str, Any]:
    """Return the specs of all metrics: tables use their bounds and directions."""
    from seedwise import registry
    from seedwise.interop.open_unlearning.specs import SPECS

    return {**SPECS, **{name: registry.metrics[name].spec for name in registry.metrics}}


def mapping(pairs: Sequence[str]) -> dict[str, str]:
    """Read `ours=theirs` pairs.

    Raises:
        SeedwiseError: If one is written otherwise.

    Example:
        >>> mapping(["training_seed=seed"])
        {'training_seed': 'seed'}
    """
    found = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise SeedwiseError(
                f"--column {pair}: write it as ours=theirs, e.g. training_seed=seed"
            )
        found[ours] = theirs
    return found
