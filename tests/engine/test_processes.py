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
