"""The log of looks at a study's results: who may stop when pleased must say how often they looked.

A look is a record of the kind `looks`; equal looks are one record.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from typing import NamedTuple

from seedwise.store.files import FileStore

KIND = "looks"


class Look(NamedTuple):
    """One look at the results of a study.

    Args:
        verb: What was done, e.g. `analyze`.
        training: I, the number of trained models that had results then.
        planned: The number that the study asked for then.
        rule: The stopping rule that the look was part of, empty if there was none.
    """

    verb: str
    training: int
    planned: int
    rule: str = ""


def log_look(store: FileStore, study: str, look: Look) -> None:
    """Record a look.

    Raises:
        StoreError: If the store cannot be written.
    """
    content = {"study": study, **look._asdict()}
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    store.put(KIND, key, {**content, "first_time": time.time()})


def looks_at(store: FileStore, study: str) -> list[Look]:
    """Return the looks at a study, in the order of their number of trained models."""
    bodies = [body for key in store.keys(KIND) if (body := store.get(KIND, key))]
    own = [body for body in bodies if body["study"] == study]
    return sorted(
        (Look(*(body[name] for name in Look._fields)) for body in own),
        key=lambda look: (look.training, look.verb),
    )


def outside_rules(looks: Iterable[Look], training: int) -> tuple[int, ...]:
    """Return the numbers of trained models at looks after which more were added, outside a rule.

    A look on the way to a number that was settled before does no harm once that number is reached.

    Args:
        looks: The looks at a study.
        training: The number of trained models now.

    Example:
        >>> looks = [Look("analyze", 3, 5), Look("compare", 5, 5), Look("analyze", 6, 20, "stein")]
        >>> outside_rules(looks, 5), outside_rules(looks, 10)
        ((), (3, 5))
    """
    return tuple(
        sorted(
            {
                look.training
                for look in looks
                if not look.rule and look.training < training != look.planned
            }
        )
    )
