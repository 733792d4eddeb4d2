from __future__ import annotations

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import load_file

from seedwise.contracts import Part
from seedwise.domains.language.hub import check_model, downloaded, identity
from seedwise.domains.language.models import model_files
from seedwise.errors import DataError


@pytest.fixture
def directory(write_model, tmp_path):
    return write_model(tmp_path / "model")


def test_weights_that_are_no_safetensors_are_refused_and_the_way_out_is_told(directory):
    torch.save(load_file(directory / "model.safetensors"), directory / "pytorch_model.bin")
    (directory / "model.safetensors").unlink()
    with pytest.raises(DataError) as caught:
        check_model(directory)
    assert "has no .safetensors file" in str(caught.value)
    assert f"from_pretrained('{directory}').save_pretrained('converted')" in str(caught.value)


@pytest.mark.parametrize("keep", [0, 20, 500])
def test_weights_that_were_cut_short_are_refused(directory, keep):
    weights = directory / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"model\.safetensors' is damaged or no safetensors file"):
        check_model(directory)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"it has no config\.json"):
        check_model(tmp_path)
    with pytest.raises(DataError, match="there is no such directory"):
        check_model(tmp_path / "none")


def test_configuration_and_weights_decide_the_identity(directory, write_model, tmp_path):
    same = write_model(tmp_path / "same")
    assert identity(same) == identity(directory)
    (same / "README.md").write_text("a model")
    assert identity(same) == identity(directory)
    assert identity(write_model(tmp_path / "other", seed=1)) != identity(directory)
    config = directory / "config.json"
    config.write_text(config.read_text() + "\n")
    assert identity(same) != identity(directory)


def test_models_of_the_hub_are_downloaded_without_code(directory, monkeypatch):
    asked = {}

    def download(name, *, revision, allow_patterns):
        asked.update(name=name, revision=revision, patterns=allow_patterns)
        return str(directory)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert downloaded("someone/model", "main") == directory
    assert asked["name"] == "someone/model"
    assert not any("py" in pattern or "bin" in pattern for pattern in asked["patterns"])


def test_a_model_of_the_hub_without_safetensors_is_refused_by_its_name(hub):
    place = hub("someone/pickled")
    (place / "model.safetensors").unlink()
    with pytest.raises(DataError) as caught:
        downloaded("someone/pickled")
    assert "'someone/pickled' has no .safetensors file" in str(caught.value)
    assert "from_pretrained('someone/pickled').save_pretrained" in str(caught.value)


def test_a_branch_that_moved_is_noticed_by_its_file(hub):
    part = Part("pretrained", {"path": None, "hub": "someone/model", "revision": None})
    place = hub("someone/model")
    assert downloaded("someone/model") == place
    (branch,) = model_files(part)
    assert branch.read_text() == place.name
    later = hub("someone/model", commit="b" * 40, seed=1)
    assert branch.read_text() == later.name
    assert downloaded("someone/model") == later
    assert downloaded("someone/model", place.name) == place


def test_what_cannot_be_downloaded_is_named(monkeypatch):
    def download(name, **more):
        raise LocalEntryNotFoundError("nobody answers")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(DataError, match=r"no model 'someone/model' .* nobody answers"):
        downloaded("someone/model")


def test_an_impossible_name_asks_nobody():
    with pytest.raises(DataError, match="could be downloaded"):
        downloaded("no/such/name")
