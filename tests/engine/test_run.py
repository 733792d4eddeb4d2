"""Running, resuming, killing: nothing is lost and nothing is made twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from tests.engine.conftest import METHODS

import seedwise as sw
from seedwise.engine.run import Options, run
from seedwise.errors import SeedwiseError
from seedwise.store import FileStore


def test_a_limit_stops_after_so_many_models(lab):
    assert lab.run(limit=5).made == 5
    assert lab.run(limit=100).made == 23 - 5 - 1


def test_a_killed_run_is_finished_by_the_same_command(slow_lab):
    slow_lab.edit(METHODS, "methods: [original, retrain, slow]")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "seedwise", "run", str(slow_lab.path), "--workers", "2"]
    command += ["--store", str(slow_lab.root)]
    first = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    models = slow_lab.root / "models"
    deadline = time.monotonic() + 60
    while len(list(models.rglob("*.json"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    done = len(list(models.rglob("*.json")))
    assert 4 <= done < 12
    second = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr
    records = Counter(record["key"] for record in slow_lab.snapshot().records.values())
    assert set(records.values()) == {1}
    assert len(list(models.rglob("*.json"))) == len(records) == 12
    assert slow_lab.run().made == 0


def test_ctrl_c_stops_cleanly_and_keeps_what_is_done(slow_lab):
    slow_lab.edit(METHODS, "methods: [original, retrain, endless]")
    (slow_lab.path.parent / "armed").touch()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "seedwise", "run", str(slow_lab.path), "--workers", "2"]
    command += ["--store", str(slow_lab.root)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    deadline = time.monotonic() + 60
    while not list((slow_lab.root / "models").rglob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said
    (slow_lab.path.parent / "armed").unlink()
    done = len(list((slow_lab.root / "models").rglob("*.json")))
    rest = slow_lab.run()
    assert rest.failures == []
    assert rest.made == 12 - done


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('no luck')", "no luck"),
        ("return None", "returned nothing"),
        ("original.delta *= 2\n    return original", "changed the original in place"),
        ("m = problem.copy(original)\n    m.delta *= float('nan')\n    return m", "not finite"),
        ("return problem.targets('test')", "not visible here"),
        ("import sys; sys.modules['os'].abort()", "exit code -6"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_method_that_fails_is_a_failed_cell_never_a_copy_of_the_original(lab, body, message):
    lab.edit(METHODS, "methods: [bad, toy-noise]")
    lab.plugin(f"@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):\n    {body}\n")
    outcome = lab.run(workers=1)
    assert len(outcome.failures) == 6
    assert message in outcome.failures[0]
    methods = {key[0] for key in lab.digests()}
    assert methods == {"toy-noise", "retrain"}


def test_an_original_that_fails_blocks_its_runs_and_no_others(lab):
    lab.edit("model: linear}", "model: linear, train: {lr: 1e200}}")
    with pytest.warns(RuntimeWarning):
        outcome = lab.run()
    assert len(outcome.failures) == 6
    assert outcome.made == 0


def test_a_metric_that_raises_is_a_failed_measurement(lab):
    lab.edit("toy-probe]", "toy-probe, mine]")
    lab.edit("finetune, ", "")
    lab.plugin(
        """
@sw.metric("mine")
def mine(subjects, against, seeds, ctx):
    if subjects[0].seeds.training == 1:
        return {"mine": seeds.generator("x").normal()}
    return {"mine": float("nan") if subjects[0].seeds.training == 2 else 1.0}
"""
    )
    outcome = lab.run()
    assert outcome.failures
    snapshot = lab.snapshot()
    messages = {failures[-1]["message"] for failures in snapshot.failures.values()}
    assert len(snapshot.failures) == 5  # original, reference, 3 unlearned
    assert all("declares no randomness" in message for message in messages)
    none = [e for e in snapshot.values.values() if e["values"] == {"mine": None}]
    assert len(none) == 5


def test_a_full_disk_ends_the_run_with_one_message(lab, monkeypatch):
    from seedwise.store import atomic

    lab.run(limit=3)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    lock, store = lab.lock(), lab.store
    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(SeedwiseError, match="the disk is full"):
        run(lock, store, Options(workers=0), lambda event: None)
    monkeypatch.undo()
    assert lab.run().failures == []


def test_weights_that_do_not_fit_on_the_disk_are_no_failed_cell(lab, monkeypatch):
    from seedwise.testing import toy

    def full(self, model, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(toy.ToyProblem, "save", full)
    with pytest.raises(SeedwiseError, match="the disk is full"):
        lab.run()
    monkeypatch.undo()
    outcome = lab.run()
    assert (outcome.made, outcome.failures) == (22, [])


def test_a_device_that_is_not_there_fails_the_run_and_no_cell(tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is one")
    study = tmp_path / "study.yaml"
    study.write_text(
        "study: tiny\n"
        "task: {domain: vision, dataset: digits, model: mlp, train: {epochs: 1}}\n"
        "forget: {class: 3}\nmethods: [original]\nmetrics: [accuracy]\nseeds: {training: 1}\n"
    )
    with pytest.raises(SeedwiseError, match="there is no device 'cuda'"):
        sw.run(study, tmp_path / "runs", device="cuda", workers=0)
    results = sw.run(study, tmp_path / "runs", device="cpu", workers=0)
    assert set(results.frame().status) == {"ok"}
    lock = FileStore(tmp_path / "runs").lock_path("tiny")
    before = lock.read_text()
    more = {"overrides": ["seeds.training=2"], "device": "cuda", "workers": 0}
    with pytest.raises(SeedwiseError, match="there is no device 'cuda'"):
        sw.run(study, tmp_path / "runs", **more)
    assert lock.read_text() == before


def test_failures_stand_until_they_are_tried_again(lab):
    lab.edit(METHODS, "methods: [bad]")
    lab.plugin("@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):\n    1 / 0\n")
    first, again = lab.run(), lab.run()
    assert (first.new, again.new) == (6, 0)
    assert first.failures == again.failures
    assert len(again.failures) == 6
    assert "division by zero" in again.failures[0]


def test_two_runs_at_once_share_the_work(slow_lab):
    slow_lab.edit(METHODS, "methods: [slow]")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "seedwise", "run", str(slow_lab.path), "--workers", "1"]
    command += ["--store", str(slow_lab.root)]
    both = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    made = [int(text.partition(" models made")[0].split()[-1]) for text in said]
    assert sum(made) == 12
    assert slow_lab.run().made == 0
