"""The coverage study as a command: resumable, and its page is written from the records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def study(tmp_path):
    def run(*options: str) -> list[dict]:
        script = [sys.executable, str(ROOT / "benchmarks" / "coverage.py"), *options]
        records = ["--replications", "60", "--records", str(tmp_path / "records.jsonl")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        subprocess.run([*script, *records], check=True, env=environment)
        lines = (tmp_path / "records.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    return run


def test_a_stopped_study_goes_on_and_writes_its_page(study, tmp_path):
    outer = study("--limit", "101")
    page = tmp_path / "coverage.md"
    both = study("--limit", "3", "--write", str(page))
    assert both[: len(outer)] == outer
    assert len({line["cell"] for line in both}) == 104
    mean = next(line for line in both if line["quantity"] == "mean")
    assert mean["given"] == 1
    assert mean["coverage"] > 0.8
    said = page.read_text()
    assert "60 simulated\nstudies in each of 2 cells" in said
    assert "| t over training seeds | 3 | 1 |" in said
    assert "| shared unlearning seeds | taken for nested | 10 | 10 |" in said
