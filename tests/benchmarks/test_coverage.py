"""The coverage study as a command: resumable, and its page is written from the records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "coverage.py"


@pytest.fixture
def study(tmp_path):
    def run(*options: str) -> list[dict]:
        command = [sys.executable, str(SCRIPT), "--replications", "60", "--records"]
        subprocess.run([*command, str(tmp_path / "records.jsonl"), *options], check=True)
        lines = (tmp_path / "records.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    return run


def test_a_stopped_study_goes_on_and_writes_its_page(study, tmp_path):
    first = study("--limit", "2")
    page = tmp_path / "coverage.md"
    both = study("--limit", "1", "--write", str(page))
    cell = ("population", "training", "unlearning", "share")
    assert both[: len(first)] == first
    assert len({tuple(line[name] for name in cell) for line in both}) == 3
    mean = next(line for line in both if line["quantity"] == "mean")
    assert mean["given"] == 1
    assert mean["coverage"] > 0.8
    said = page.read_text()
    assert "60 simulated\nstudies in each of 3 cells" in said
    assert "| t over training seeds | 3 | 1 |" in said
