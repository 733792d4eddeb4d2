"""The study file that `seedwise init` writes."""

import pytest

from seedwise.study.load import load


def test_init_writes_a_study_that_validates(cli, tmp_path):
    pytest.importorskip("torch")
    path = tmp_path / "mine.yaml"
    assert cli("init", path).code == 0
    assert len(load(path).seeds.training) == 10
    assert cli("validate", path).code == 0


@pytest.mark.parametrize(
    ("file", "name"), [("mine.yaml", "mine"), ("a b!.yaml", "a-b"), ("-.yaml", "study")]
)
def test_the_study_is_called_as_its_file(cli, tmp_path, file, name):
    assert cli("init", "--", tmp_path / file).code == 0
    assert load(tmp_path / file).study == name


def test_init_replaces_nothing_unasked(cli, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("precious")
    refused = cli("init", path)
    assert refused.code == 1
    assert "exists already" in refused.err
    assert path.read_text() == "precious"
    assert cli("init", path, "--force").code == 0
    assert path.read_text() != "precious"


def test_init_into_no_folder_is_said(cli, tmp_path):
    said = cli("init", tmp_path / "none" / "mine.yaml")
    assert said.code == 1
    assert "cannot be written: No such file" in said.err
