"""The executor that runs everything in this process, one item after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from seedwise.contracts import Event
from seedwise.engine.work import perform
from seedwise.errors import SeedwiseError


class SerialExecutor:
    """Runs items in the order they were submitted; see `seedwise.contracts.Executor`."""

    def __init__(self) -> None:
        self._items: deque[Mapping[str, Any]] = deque()

    def submit(self, item: Mapping[str, Any]) -> None:
        """Queue an item."""
        self._items.append(item)

    def events(self) -> Iterator[Event]:
        """Run what is queued."""
        while self._items:
            item = self._items.popleft()
            try:
                for detail in perform(item, lambda cell, share: None):
                    yield Event("cell", item, detail)
            except SeedwiseError as error:
                yield Event("failed", item, {"message": str(error)})
            else:
                yield Event("done", item, {})

    def cancel(self) -> None:
        """Forget what is queued."""
        self._items.clear()
