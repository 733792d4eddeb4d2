"""A worker process by itself: JSON lines in, JSON lines out."""

import json
import os
import subprocess
import sys

import pytest

from seedwise.engine.schedule import next_cells


@pytest.fixture
def worker():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "seedwise.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        yield process
        process.kill()


def item(lab, lock, **changes):
    return {
        "lock": str(lab.store.lock_path(lock.study)),
        "lock_hash": lock.digest,
        "store": str(lab.root),
        "device": "cpu",
        "retry": False,
        "states": ["missing"],
        "ensembles": [],
        "cells": next_cells(lab.snapshot(), ["missing"], 1, set())[0],
        **changes,
    }


def answers(process, sent):
    process.stdin.write(json.dumps(sent) + "\n")
    process.stdin.flush()
    while True:
        said = json.loads(process.stdout.readline())
        yield said
        if said["kind"] != "cell":
            return


def test_it_serves_items_one_after_the_other(worker, lab):
    sent = item(lab, lab.lock())
    first = list(answers(worker, sent))
    assert first[-1] == {"kind": "done", "detail": {}}
    done = [said["detail"]["cell"] for said in first if said["detail"].get("state") == "done"]
    assert done == sent["cells"]
    again = list(answers(worker, sent))
    assert again == [{"kind": "done", "detail": {}}]


def test_a_persons_mistake_is_a_message_alone(worker, lab):
    said = list(answers(worker, item(lab, lab.lock(), lock_hash="other")))
    assert [one["kind"] for one in said] == ["failed"]
    assert "was resolved anew while it ran; run it again" in said[0]["detail"]["message"]
    assert "traceback" not in said[0]["detail"]


def test_a_defect_comes_with_its_traceback(worker, lab):
    said = list(answers(worker, item(lab, lab.lock(), cells=["no such key"])))
    assert said[-1]["detail"]["message"] == "KeyError: 'no such key'"
    assert "Traceback" in said[-1]["detail"]["traceback"]


def test_it_ends_with_its_parent_even_in_the_middle_of_a_cell(worker, lab):
    lab.plugin(
        "import time\n@sw.method('endless')\n"
        "def endless(original, problem, extras, seeds, ctx):\n    time.sleep(3600)\n"
    )
    lab.edit("[original, retrain, finetune, toy-noise, toy-shrink]", "[endless]")
    for said in answers(worker, item(lab, lab.lock())):
        if said["detail"].get("state") == "started" and len(lab.store.keys("models")) == 2:
            break
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0
