"""What a person sees of an error, whoever made it."""

import pytest

from seedwise import api
from seedwise.errors import WorkerError


def raising(error):
    def call(*arguments, **options):
        raise error

    return call


def test_a_defect_is_one_line_that_says_whose_and_how_to_see_more(cli, ran, monkeypatch):
    monkeypatch.setattr(api, "load", raising(ZeroDivisionError("a\nb")))
    said = cli("table", "--store", ran.root)
    assert said.code == 1
    assert said.err.splitlines() == [
        "error: ZeroDivisionError: a b. This is a defect of seedwise or of a plug-in; the same "
        "command with --debug shows where"
    ]


def test_debug_shows_the_traceback_of_a_defect_and_of_its_worker(cli, ran, monkeypatch):
    error = WorkerError("KeyError: 'x'")
    error.add_note("in worker: line 3")
    monkeypatch.setattr(api, "load", raising(error))
    said = cli("table", "--store", ran.root, "--debug")
    assert said.code == 1
    assert "Traceback" in said.err
    assert "in worker: line 3" in said.err
    assert said.err.splitlines()[-1].startswith("error: KeyError: 'x'. This is a defect")


def test_ctrl_c_is_no_error(cli, ran, monkeypatch):
    monkeypatch.setattr(api, "load", raising(KeyboardInterrupt()))
    said = cli("table", "--store", ran.root)
    assert said.code == 130
    assert said.err == "stopped; what is finished is kept, the same command goes on from here\n"


def test_a_reader_that_stops_reading_is_no_defect(cli, ran, monkeypatch):
    monkeypatch.setattr(api, "load", raising(BrokenPipeError(32, "Broken pipe")))
    said = cli("table", "--store", ran.root)
    assert said.code == 1
    assert said.err == ""


FRAGILE = """
from pathlib import Path
from seedwise import registry
from seedwise.testing.toy import Toy

class Fragile(Toy):
    name = "fragile"

    def problem(self, task, forget, seeds):
        if (Path(__file__).parent / "armed").exists():
            raise KeyError("fine")
        return super().problem(task, forget, seeds)

registry.domains.add("fragile", Fragile())
"""


@pytest.mark.parametrize("workers", [0, 1])
def test_a_defect_in_a_domain_reaches_the_person_from_every_executor(cli, lab, workers):
    lab.plugin(FRAGILE)
    lab.edit("domain: toy", "domain: fragile")
    lab.lock()
    (lab.path.parent / "armed").touch()
    said = cli("run", lab.path, "--store", lab.root, "--workers", workers)
    assert said.code == 1
    assert said.err.count("KeyError: 'fine'. This is a defect of seedwise or of a plug-in") == 1
    shown = cli("run", lab.path, "--store", lab.root, "--workers", workers, "--debug")
    assert "mine.py" in shown.err


def test_version_and_help(cli):
    assert cli("--version").out.startswith("seedwise 0.")
    said = cli("--help")
    assert said.code == 0
    for verb in ("init", "run", "analyze", "try", "demo"):
        assert verb in said.out


def test_debug_shows_the_traceback(cli, lab):
    lab.edit("toy-noise", "toy-nois")
    said = cli("validate", lab.path, "--debug")
    assert said.code == 1
    assert "Traceback" in said.err


def test_unknown_verbs_and_options_are_usage_errors(cli):
    assert cli("runn").code == 2
    assert cli("run").code == 2
    assert cli("run", "x.yaml", "--device", "tpu").code == 2
    assert cli("analyze", "--level", "2").code == 2
