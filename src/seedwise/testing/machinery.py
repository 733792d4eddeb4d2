"""The promises of a store and of an executor."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from seedwise.contracts import Event, Executor, Store


class StoreConformance:
    """Subclass it and say how to make a `store` (pytest calls it once per test)."""

    def store(self, tmp_path: Any) -> Store:
        """Return an empty store."""
        raise NotImplementedError

    def test_a_record_is_written_once(self, tmp_path: Any) -> None:
        """The first writer wins, and the second is told."""
        store = self.store(tmp_path)
        assert store.put("models", "ab1", {"value": 1})
        assert not store.put("models", "ab1", {"value": 2})
        assert store.get("models", "ab1") == {"value": 1}

    def test_what_is_not_there_is_none(self, tmp_path: Any) -> None:
        """An unknown key is no error."""
        store = self.store(tmp_path)
        assert store.get("models", "ab1") is None
        assert store.keys("models") == []

    def test_keys_are_sorted_and_kinds_apart(self, tmp_path: Any) -> None:
        """Listing shows every record of one kind."""
        store = self.store(tmp_path)
        for key in ("cd", "ab.0", "ef"):
            store.put("models", key, {"key": key})
        store.put("measurements", "xy", {})
        assert store.keys("models") == ["ab.0", "cd", "ef"]

    def test_one_of_many_writers_wins(self, tmp_path: Any) -> None:
        """Sixteen threads write the same key: one True, and a whole record."""
        store, won = self.store(tmp_path), []

        def write(number: int) -> None:
            if store.put("models", "ab1", {"writer": number, "text": "x" * 10_000}):
                won.append(number)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        record = store.get("models", "ab1")
        assert record is not None
        assert record["writer"] == won[0]

    def test_failures_are_numbered_and_never_in_the_way(self, tmp_path: Any) -> None:
        """Attempts add up beside a later success."""
        store = self.store(tmp_path)
        assert [store.fail("ab1", {"message": "no"}) for _ in range(3)] == [1, 2, 3]
        assert store.put("models", "ab1", {})
        assert len(store.keys("failures")) == 3

    def test_a_claim_is_held_until_released(self, tmp_path: Any) -> None:
        """A claim comes back after its release or its time."""
        store = self.store(tmp_path)
        assert store.claim("ab1", 60)
        store.release("ab1")
        assert store.claim("ab1", -1)
        assert store.claim("ab1", 60)

    def test_a_value_that_is_no_json_number_is_refused(self, tmp_path: Any) -> None:
        """NaN never enters a record."""
        store = self.store(tmp_path)
        try:
            store.put("models", "ab1", {"value": float("nan")})
        except ValueError:
            assert store.get("models", "ab1") is None
        else:
            raise AssertionError("NaN was written")


class ExecutorConformance:
    """Subclass it, say how to make an `executor`, and give it `items` with the cells they make."""

    def executor(self) -> Executor:
        """Return an executor with nothing to do."""
        raise NotImplementedError

    def items(self, tmp_path: Any) -> list[Mapping[str, Any]]:
        """Return work items, each with at least one missing cell."""
        raise NotImplementedError

    def test_every_item_ends_and_every_cell_is_told(self, tmp_path: Any) -> None:
        """Each item is done once, and each of its cells started and done."""
        events = self.perform(self.items(tmp_path))
        assert [event.kind for event in events if event.kind != "cell"].count("done") == len(
            self.items(tmp_path / "again")
        )
        told = {
            state: {e.detail["cell"] for e in events if e.detail.get("state") == state}
            for state in ("started", "done")
        }
        assert told["started"] == told["done"] != set()

    def test_an_item_done_again_makes_nothing(self, tmp_path: Any) -> None:
        """Results are in the store, so that a second run finds them."""
        items = self.items(tmp_path)
        self.perform(items)
        states = [event.detail.get("state") for event in self.perform(items)]
        assert "started" not in states

    def test_nothing_submitted_is_nothing_to_wait_for(self) -> None:
        """Events end at once."""
        assert self.perform([]) == []

    def perform(self, items: list[Mapping[str, Any]]) -> list[Event]:
        """Run items and return every event."""
        executor = self.executor()
        try:
            for item in items:
                executor.submit(item)
            return list(executor.events())
        finally:
            executor.cancel()
