"""The executor of persistent worker processes on this machine, one torch thread each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any

from seedwise.contracts import Event
from seedwise.engine.signature import PLACE

_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "PYTHONHASHSEED": "0",
}
_TAIL = 2000


@dataclass
class _Worker:
    """A process, what it said on standard error, its place among others, the item it is at."""

    process: subprocess.Popen[str]
    log: IO[str]
    place: int
    item: Mapping[str, Any] | None = None
    cell: str | None = None


class ProcessExecutor:
    """Runs items in worker processes that live until `cancel`; see `contracts.Executor`.

    Workers are started by an argument vector and speak JSON lines, so that a script that calls
    `seedwise.run` needs no main guard, and nothing is pickled. A worker that dies loses the cell
    it was at; its item is reported `lost` and another worker takes its place.

    Args:
        workers: How many processes.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._workers: dict[int, _Worker] = {}
        self._lines: SimpleQueue[tuple[int, str | None]] = SimpleQueue()
        self._started = 0

    def submit(self, item: Mapping[str, Any]) -> None:
        """Queue an item."""
        self._waiting.append(item)

    def events(self) -> Iterator[Event]:
        """Yield events until every submitted item is done, failed or lost."""
        self._hand_out()
        while any(worker.item is not None for worker in self._workers.values()):
            number, line = self._lines.get()
            event = self._lost(number) if line is None else self._read(number, line)
            if event is not None:
                yield event
            self._hand_out()

    def cancel(self) -> None:
        """Stop all workers now."""
        self._waiting.clear()
        for worker in self._workers.values():
            worker.process.kill()
        for worker in self._workers.values():
            worker.process.wait()
            self._close(worker)
        self._workers.clear()

    def _hand_out(self) -> None:
        """Give a waiting item to each idle worker, starting workers while there are too few."""
        while self._waiting:
            idle = [n for n, worker in self._workers.items() if worker.item is None]
            if not idle and len(self._workers) >= self._count:
                return
            number = idle[0] if idle else self._start()
            worker, item = self._workers[number], self._waiting.popleft()
            worker.item = item
            assert worker.process.stdin is not None  # noqa: S101 - a pipe
            try:
                worker.process.stdin.write(json.dumps(item) + "\n")
                worker.process.stdin.flush()
            except OSError:
                return  # the worker is gone; its reader reports it

    def _start(self) -> int:
        taken = {worker.place for worker in self._workers.values()}
        place = min(set(range(self._count)) - taken)
        own = {"PYTHONPATH": os.pathsep.join(sys.path), PLACE: str(place)}
        log = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - lives with the worker
        process = subprocess.Popen(
            [sys.executable, "-m", "seedwise.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **_ENVIRONMENT, **own},
            start_new_session=True,  # Ctrl-C reaches the parent alone, which stops its workers
        )
        self._started += 1
        number = self._started
        self._workers[number] = _Worker(process, log, place)
        threading.Thread(target=self._listen, args=(number, process.stdout), daemon=True).start()
        return number

    def _listen(self, number: int, lines: IO[str]) -> None:
        for line in lines:
            self._lines.put((number, line))
        self._lines.put((number, None))

    def _read(self, number: int, line: str) -> Event | None:
        worker = self._workers.get(number)
        if worker is None or worker.item is None:
            return None
        message = json.loads(line)
        item = worker.item
        if message["kind"] == "cell":
            worker.cell = message["detail"]["cell"]
        else:
            worker.item = worker.cell = None
        return Event(message["kind"], item, message["detail"])

    def _lost(self, number: int) -> Event | None:
        worker = self._workers.pop(number, None)
        if worker is None:
            return None
        code = worker.process.wait()
        worker.log.seek(0)
        said = worker.log.read()[-_TAIL:].strip()
        self._close(worker)
        if worker.item is None:
            return None
        message = f"a worker process ended with exit code {code}" + (f": {said}" if said else "")
        return Event("lost", worker.item, {"message": message, "cell": worker.cell})

    def _close(self, worker: _Worker) -> None:
        worker.log.close()
        for pipe in (worker.process.stdin, worker.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # bytes that a dead worker never read
