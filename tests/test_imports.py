"""What works without torch, and what is never imported early."""

import os
import subprocess
import sys

import pytest

BLOCK = """
import sys
ABSENT = ("torch", "sklearn", "safetensors", "transformers", "tokenizers")
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""


def python(code, *arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_import_is_light():
    code = (
        "import seedwise, sys\n"
        "heavy = {'torch', 'pandas', 'scipy', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_help_loads_no_tables_and_no_statistics():
    code = (
        "import sys\nfrom seedwise.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n    assert not {'pandas', 'scipy'} & set(sys.modules)\n"
    )
    done = python(code, "--help")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("analyze", "--help"), ("schema",), ("ls", "methods"), ("ls", "metrics")],
)
def test_the_command_line_works_without_torch(arguments):
    done = python(BLOCK + "from seedwise.cli.main import main; main()", *arguments)
    assert done.returncode == 0, done.stderr


def test_analysis_and_reports_work_without_torch(lab):
    lab.run()
    for verb in ("status", "analyze", "report", "table"):
        code = BLOCK + "from seedwise.cli.main import main; main()"
        done = python(code, verb, "--store", lab.root)
        assert done.returncode == 0, done.stderr


def test_a_run_with_nothing_to_do_needs_no_torch(tmp_path):
    pytest.importorskip("torch")
    study = tmp_path / "study.yaml"
    study.write_text(
        "study: tiny\n"
        "task: {domain: vision, dataset: digits, model: mlp, train: {epochs: 1}}\n"
        "forget: {class: 3}\n"
        "methods: [original, ssd]\nmetrics: [accuracy, runtime]\nseeds: {training: 2}\n"
    )
    call = "from seedwise.cli.main import main; main()"
    first = python(call, "run", study, "--store", tmp_path / "runs", "--workers", 0)
    assert first.returncode == 0, first.stderr
    again = python(BLOCK + call, "run", study, "--store", tmp_path / "runs")
    assert again.returncode == 0, again.stderr
    assert "0 models made" in again.stderr
