"""`seedwise demo`, on a study that takes no time."""

from tests.conftest import TOY

from seedwise.cli import demo

SMALL = TOY.replace("study: toy", "study: quickstart")


def test_the_last_line_is_the_path_of_the_report(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "quickstart", lambda: SMALL)
    said = cli("demo", "--store", tmp_path / "runs", "--workers", 0)
    assert said.code == 0
    last = said.out.splitlines()[-1]
    assert last == str(tmp_path / "runs" / "quickstart.html")
    assert "toy-noise" in (tmp_path / "runs" / "quickstart.html").read_text()
    assert "Mean over training seeds" in said.out


def test_it_may_be_repeated_and_makes_nothing_twice(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "quickstart", lambda: SMALL)
    cli("demo", "--store", tmp_path, "--workers", 0)
    again = cli("demo", "--store", tmp_path, "--workers", 0)
    assert again.code == 0
    assert "0 models made" in again.err


def test_a_failed_run_is_no_finished_demo(cli, tmp_path, monkeypatch):
    bad = SMALL.replace("finetune,", "{name: finetune, lr: 1e300},")
    monkeypatch.setattr(demo, "quickstart", lambda: bad)
    said = cli("demo", "--store", tmp_path, "--workers", 1)
    assert said.code == 1
    assert "the demo did not finish: " in said.err
