"""A worker process: reads items as JSON lines, writes events as JSON lines.

`python -m seedwise.engine.worker` is what the process executor starts. Standard output is the
event channel and kept for it alone: whatever a method prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from queue import SimpleQueue
from typing import Any, TextIO

from seedwise.engine.work import perform
from seedwise.errors import SeedwiseError


def main() -> None:
    """Serve items until standard input closes; then stop at once, whatever is running."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    items: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(items,), daemon=True).start()
    while True:
        _serve(json.loads(items.get()), channel)


def _listen(items: SimpleQueue[str]) -> None:
    """Queue what comes; the parent's end closes this process, even in the middle of a cell."""
    for line in sys.stdin:
        items.put(line)
    os._exit(0)


def _serve(item: Mapping[str, Any], channel: TextIO) -> None:
    def tick(cell: str, share: float) -> None:
        _send(channel, "cell", {"cell": cell, "state": "at", "share": share})

    try:
        for detail in perform(item, tick):
            _send(channel, "cell", detail)
    except SeedwiseError as error:
        _send(channel, "failed", {"message": str(error)})
    except Exception as error:  # noqa: BLE001 - a defect here must reach the person
        detail = {"message": f"{type(error).__name__}: {error}"}
        _send(channel, "failed", {**detail, "traceback": traceback.format_exc()})
    else:
        _send(channel, "done", {})


def _send(channel: TextIO, kind: str, detail: Mapping[str, Any]) -> None:
    channel.write(json.dumps({"kind": kind, "detail": detail}) + "\n")


if __name__ == "__main__":
    main()
