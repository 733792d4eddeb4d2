"""The suites for stores and executors find what breaks a promise."""

import pytest

from seedwise.contracts import Event
from seedwise.store import FileStore
from seedwise.testing import ExecutorConformance, StoreConformance


class Overwriting(FileStore):
    def put(self, kind, key, body):
        self._path(kind, key).unlink(missing_ok=True)
        return super().put(kind, key, body)


class Generous(FileStore):
    def claim(self, key, ttl):
        return not key


class Unsorted(FileStore):
    def keys(self, kind):
        return super().keys(kind)[::-1]


@pytest.mark.parametrize(
    ("kind", "test"),
    [
        (Overwriting, "test_a_record_is_written_once"),
        (Generous, "test_a_claim_is_held_until_released"),
        (Unsorted, "test_keys_are_sorted_and_kinds_apart"),
    ],
)
def test_a_store_that_breaks_a_promise_is_found(tmp_path, kind, test):
    suite = StoreConformance()
    for made, fails in ((FileStore, False), (kind, True)):
        suite.store = lambda path, made=made: made(path / made.__name__, create=True)
        if fails:
            with pytest.raises(AssertionError):
                getattr(suite, test)(tmp_path)
        else:
            getattr(suite, test)(tmp_path)


class Lazy:
    """Says that everything is done, and tells of no cell."""

    def __init__(self):
        self.items = []

    def submit(self, item):
        self.items.append(item)

    def events(self):
        while self.items:
            yield Event("done", self.items.pop(0), {})

    def cancel(self):
        self.items.clear()


def test_an_executor_that_only_says_it_works_is_found(tmp_path):
    suite = ExecutorConformance()
    suite.executor = Lazy
    suite.items = lambda path: [{"cells": ["a"]}]
    with pytest.raises(AssertionError):
        suite.test_every_item_ends_and_every_cell_is_told(tmp_path)
    suite.test_nothing_submitted_is_nothing_to_wait_for()
