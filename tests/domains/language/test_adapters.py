from __future__ import annotations

import importlib.util

import pytest
import torch
from safetensors.torch import load_file

from seedwise.contracts import Artifact, Context
from seedwise.domains import weights
from seedwise.domains.language import adapters
from seedwise.errors import DataError, NonFiniteError
from seedwise.registry import methods
from seedwise.seeds import SeedStreams


@pytest.fixture(scope="module")
def lora(make_pretrained, pretrained_llama):
    return make_pretrained(pretrained_llama, lora=2, lora_alpha=6.0)


@pytest.fixture(scope="module")
def original(lora):
    return trained(lora)


def trained(problem, seed=0):
    (made,) = problem.train("train", [SeedStreams("train", training=seed)], Context())
    assert not hasattr(made, "error"), made.error
    return made.model


def unlearn(problem, model, name, **arguments):
    seeds = SeedStreams(f"method/{name}", training=0, unlearning=0)
    view = problem.view(["train", "retain", "forget"])
    return methods[name].function(model, view, {}, seeds, Context(), **arguments)


def test_only_adapters_are_trained(lora, original, make_pretrained, pretrained_llama):
    whole = make_pretrained(pretrained_llama)._start.blank()
    for name, tensor in adapters.base(original).items():
        assert torch.equal(tensor, weights.tensors(whole)[name]), name
    assert all(".lora_" in name for name, one in original.named_parameters() if one.requires_grad)
    assert any(".lora_B." in name and one.any() for name, one in adapters.trained(original).items())


def test_the_start_is_the_base_and_its_draw_belongs_to_the_training_seed(
    lora, make_pretrained, pretrained_llama
):
    model = lora._start.blank()
    lora._start.initialise(model, SeedStreams("train", training=0).generator("init"))
    whole = make_pretrained(pretrained_llama)
    assert lora.digest(model) == whole.digest(whole._start.blank())
    down = {n: one for n, one in adapters.trained(model).items() if ".lora_A." in n}
    for tensor in down.values():
        bound = tensor.shape[1] ** -0.5
        assert 0.5 * bound < tensor.abs().max() <= bound
    other = lora._start.blank()
    lora._start.initialise(other, SeedStreams("train", training=1).generator("init"))
    assert all(not torch.equal(one, adapters.trained(other)[n]) for n, one in down.items())


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_effective_parameters_are_those_the_model_computes_with(
    make_pretrained, write_model, tmp_path, kind
):
    """W + (alpha / rank) B A put into the plain model gives the same logits."""
    path = write_model(tmp_path / kind, kind)
    problem = make_pretrained(path, lora=2, lora_alpha=6.0)
    model, whole = trained(problem), make_pretrained(path)._start.blank()
    weights.fill(weights.tensors(whole), dict(adapters.effective(model)), path)
    tokens = torch.arange(12).reshape(2, 6)
    assert torch.allclose(whole(tokens).logits, model(tokens).logits, atol=1e-5)
    assert not torch.allclose(
        make_pretrained(path)._start.blank()(tokens).logits, model(tokens).logits, atol=1e-3
    )


def test_the_product_is_scaled_by_alpha_over_rank(lora, original):
    base, found = adapters.base(original), dict(adapters.effective(original))
    name = "model.layers.0.self_attn.q_proj"
    parts = adapters.trained(original)
    up, down = (parts[f"{name}.lora_{letter}.default.weight"] for letter in "BA")
    expected = base[f"{name}.weight"] + 6.0 / 2 * (up @ down)
    assert torch.allclose(found[f"{name}.weight"], expected, atol=1e-6)


def test_equal_effective_parameters_have_equal_digests(lora, original):
    """Another factorisation of the same product is the same model: nothing was done."""
    other = lora.copy(original)
    for name, tensor in adapters.trained(other).items():
        tensor.mul_(2.0 if ".lora_B." in name else 0.5)
    assert lora.digest(other) == lora.digest(original)
    next(iter(adapters.trained(other).values())).add_(0.1)
    assert lora.digest(other) != lora.digest(original)


def test_files_hold_adapters_alone_and_name_their_base(lora, original, tmp_path):
    artifact = lora.save(original, tmp_path / "model.safetensors")
    assert all(".lora_" in name for name in load_file(artifact.path))
    assert artifact.base == weights.digest_of(sorted(adapters.base(original).items()))
    for base in (None, original):
        assert lora.digest(lora.load(artifact, base)) == lora.digest(original)


def test_adapters_of_another_base_are_refused(
    lora, original, make_pretrained, write_model, tmp_path
):
    artifact = lora.save(original, tmp_path / "model.safetensors")
    other = make_pretrained(write_model(tmp_path / "other", seed=3), lora=2, lora_alpha=6.0)
    with pytest.raises(DataError, match="belong to the weights"):
        other.load(artifact)


def test_unlearning_an_adopted_model_is_stored_relative_to_it(
    lora, make_pretrained, write_model, tmp_path
):
    """A finished checkpoint is the base: what is stored of its children are adapters."""
    finished = lora.load(Artifact(write_model(tmp_path / "finished", seed=5), ""))
    child = unlearn(lora, finished, "gradient-ascent", optimizer="adamw", lr=1e-2, epochs=2)
    assert lora.digest(child) != lora.digest(finished)
    artifact = lora.save(child, tmp_path / "child.safetensors")
    assert artifact.base == lora.digest(finished)
    assert lora.digest(lora.load(artifact, finished)) == lora.digest(child)
    with pytest.raises(DataError, match="belong to the weights"):
        lora.load(artifact)


def test_a_copy_shares_what_is_frozen_and_nothing_else(lora, original):
    copy = lora.copy(original)
    for one, other in zip(original.parameters(), copy.parameters(), strict=True):
        assert (one is other) is not one.requires_grad


@pytest.mark.parametrize("name", ["npo", "rmu", "ssd", "gradient-ascent", "finetune"])
def test_methods_leave_the_base_alone(lora, original, name):
    before, base = lora.digest(original), adapters.base(original)
    copies = {label: tensor.clone() for label, tensor in base.items()}
    arguments = {"alpha": 1.01} if name == "ssd" else {"epochs": 1, "lr": 1e-2}
    found = unlearn(lora, original, name, **arguments)
    assert lora.digest(found) != before == lora.digest(original)
    assert all(torch.equal(tensor, copies[label]) for label, tensor in base.items())


def test_a_task_vector_is_no_difference_of_factors(lora, original):
    with pytest.raises(DataError, match=r"task-vector .* adapters"):
        unlearn(lora, original, "task-vector", epochs=1)


def test_diverged_adapters_are_refused(lora, original):
    other = lora.copy(original)
    next(iter(adapters.trained(other).values())).fill_(torch.nan)
    with pytest.raises(NonFiniteError):
        lora.digest(other)


def test_layers_may_be_chosen_and_must_exist(make_pretrained, pretrained_llama):
    problem = make_pretrained(pretrained_llama, lora=2, lora_targets=("q_proj",))
    names = list(adapters.trained(problem._start.blank()))
    assert len(names) == 4
    assert all(".q_proj." in name for name in names)
    with pytest.raises(DataError, match=r"task\.model\.lora_targets: .*no_such"):
        make_pretrained(pretrained_llama, lora=2, lora_targets=("no_such",))


def test_what_is_not_installed_is_named(make_pretrained, pretrained_llama, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "peft" else real(name)
    )
    with pytest.raises(DataError, match=r"needs peft: pip install 'seedwise\[lora\]'"):
        make_pretrained(pretrained_llama, lora=2)


def test_a_damaged_file_is_refused(lora, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="damaged or no safetensors file"):
        lora.load(Artifact(path, ""))
