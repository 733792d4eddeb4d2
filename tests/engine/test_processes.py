"""The executor of worker processes, some of which die."""

from tests.engine.conftest import METHODS, Items

from seedwise.engine.processes import ProcessExecutor
from seedwise.testing import ExecutorConformance


class TestProcesses(Items, ExecutorConformance):
    def executor(self):
        return ProcessExecutor(2)


def test_processes_and_serial_make_the_same(lab, tmp_path_factory):
    lab.run(workers=2)
    other = type(lab)(tmp_path_factory.mktemp("serial"))
    other.run(workers=0)
    assert lab.digests() == other.digests()
    assert lab.values() == other.values()


def test_a_worker_that_dies_loses_its_cell_alone(slow_lab):
    slow_lab.edit(METHODS, "methods: [retrain, deadly, toy-noise]")
    (slow_lab.path.parent / "armed").touch()
    outcome = slow_lab.run(workers=2)
    assert len(outcome.failures) == 2  # both unlearning seeds of training seed 1
    assert "exit code -9" in outcome.failures[0]
    snapshot = slow_lab.snapshot()
    assert len(snapshot.pending(["failed"])) == 2
    assert len(snapshot.pending(["done"])) == len(snapshot.wanted_cells()) - 2
    (slow_lab.path.parent / "armed").unlink()
    assert slow_lab.run(retry=True, workers=2).made == 2


def test_what_a_method_prints_does_not_disturb(lab):
    lab.edit(METHODS, "methods: [chatty]")
    lab.plugin(
        """
@sw.method("chatty", deterministic=True)
def chatty(original, problem, extras, seeds, ctx):
    print('{"kind": "done", "detail": {}}', flush=True)
    model = problem.copy(original)
    model.delta *= 2
    return model
"""
    )
    assert lab.run(workers=1).made == 3 + 3 + 3 + 1  # references serve a metric, one check


def test_workers_have_places_and_one_that_comes_later_takes_a_free_one(slow_lab):
    """What tells them their GPU."""
    slow_lab.plugin(
        """
import os
from pathlib import Path

@sw.method("placed")
def placed(original, problem, extras, seeds, ctx):
    place = os.environ["SEEDWISE_WORKER"]
    armed = Path(__file__).parent / "armed"
    if place == "0" and armed.exists():
        armed.unlink()
        os.kill(os.getpid(), 9)
    (Path(__file__).parent / f"place-{place}-{os.getpid()}").touch()
    model = problem.copy(original)
    model.delta += seeds.generator("noise").normal(size=model.delta.shape)
    return model
"""
    )
    slow_lab.edit(METHODS, "methods: [retrain, placed]")
    folder = slow_lab.path.parent
    (folder / "armed").touch()
    slow_lab.run(workers=2)
    places = {path.name.split("-")[1] for path in folder.glob("place-*")}
    assert not (folder / "armed").exists()
    assert places == {"0", "1"}
