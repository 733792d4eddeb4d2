from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
import torch

from seedwise.contracts import Artifact, Context, ForgetSet, Part, Recipe
from seedwise.domains import weights
from seedwise.errors import DataError
from seedwise.registry import methods
from seedwise.seeds import SeedStreams


def trained(problem, seed=0, on="train"):
    (made,) = problem.train(on, [SeedStreams("train", training=seed)], Context())
    assert not hasattr(made, "error"), made.error
    return made


def plain(path):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager").eval()


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_finetuning_starts_from_the_pretrained_weights(
    make_pretrained, write_model, tmp_path, kind
):
    path = write_model(tmp_path / kind, kind)
    problem = make_pretrained(path)
    model, reference = problem._start.blank(), plain(path)
    tokens = torch.arange(12).reshape(2, 6)
    assert torch.equal(model(tokens).logits, reference(tokens).logits)
    first, again, other = (problem.digest(trained(problem, seed).model) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_one_start_for_all_seeds_is_no_mistake(make_pretrained, pretrained_llama):
    problem = make_pretrained(pretrained_llama)
    assert trained(problem).start == ""
    assert any("start from the same pretrained weights" in note for note in problem.notes)


def test_nothing_is_drawn_in_training_mode(make_pretrained, write_model, tmp_path):
    """GPT-2's own configuration has dropout; here it is off."""
    path = write_model(tmp_path / "gpt2", "gpt2")
    assert json.loads((path / "config.json").read_text())["attn_pdrop"] == 0.1
    model = make_pretrained(path)._start.blank().train()
    tokens = torch.arange(12).reshape(2, 6)
    assert torch.equal(model(tokens).logits, model(tokens).logits)


def test_reading_a_model_leaves_the_global_generator_alone(make_pretrained, pretrained_llama):
    before = torch.random.get_rng_state()
    for more in ({}, {"lora": 2}):
        make_pretrained(pretrained_llama, **more)._start.blank()
    assert torch.equal(torch.random.get_rng_state(), before)


def test_other_weights_at_the_same_place_are_other_data(make_pretrained, write_model, tmp_path):
    before = make_pretrained(write_model(tmp_path / "model")).fingerprints
    assert make_pretrained(write_model(tmp_path / "copy")).fingerprints == before
    after = make_pretrained(write_model(tmp_path / "model", seed=1)).fingerprints
    assert all(after[split] != before[split] for split in before)


@pytest.mark.parametrize("more", [{}, {"lora": 2}])
def test_recomputed_activations_change_a_gradient_by_rounding_alone(
    make_pretrained, pretrained_llama, more, caplog
):
    found = [
        trained(make_pretrained(pretrained_llama, checkpointing=on, **more)).model
        for on in (False, True)
    ]
    switches = [module.__dict__.get("gradient_checkpointing") for module in found[1].modules()]
    assert True in switches
    assert not caplog.records  # nothing is said about a cache that nobody asked for
    for one, other in zip(*(model.parameters() for model in found), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_products_in_bfloat16_leave_trained_parameters_in_float32(
    make_pretrained, pretrained_llama
):
    exact = make_pretrained(pretrained_llama)
    rough = make_pretrained(pretrained_llama, precision="bfloat16")
    model, other = trained(exact).model, trained(rough).model
    assert {one.dtype for one in other.parameters()} == {torch.float32}
    batch = next(exact.batches("forget", None))
    close = [problem.losses(model, batch).detach().numpy() for problem in (exact, rough)]
    assert close[1].dtype == np.float32
    assert not np.array_equal(*close)
    assert close[0] == pytest.approx(close[1], rel=0.02)
    assert rough.scores(model, batch).dtype == torch.float32
    columns = rough.outputs(other, "forget", ["loss", "rouge-recall"])
    assert np.isfinite(columns["loss"]).all()


@pytest.mark.parametrize("more", [{}, {"lora": 2}])
def test_a_study_in_bfloat16_repeats_its_bits_and_judges_in_float32(
    make_pretrained, pretrained_llama, more
):
    def run(seed):
        problem = make_pretrained(pretrained_llama, precision="bfloat16", **more)
        original = trained(problem, seed).model
        seeds = SeedStreams("method/npo", training=seed, unlearning=0)
        found = methods["npo"].function(original, problem, {}, seeds, Context(), epochs=1, lr=1e-3)
        return problem, found

    (problem, one), (_, again), (_, other) = run(0), run(0), run(1)
    assert problem.dtype == "bfloat16"
    assert problem.digest(one) == problem.digest(again) != problem.digest(other)
    products = []
    hook = one.model.layers[0].mlp.register_forward_hook(
        lambda module, given, made: products.append(made.dtype)
    )
    scored = problem._scored(one, *problem._split("forget").examples.take(torch.arange(3), "cpu"))
    columns = ["loss", "min-k-plus", "loss-wrong", "rouge-recall", "gradient-norm"]
    found = [problem.outputs(model, "forget", columns) for model in (one, again)]
    hook.remove()
    assert set(products) == {torch.bfloat16}
    assert {scored.logits.dtype, scored.logs.dtype} == {torch.float32}
    for column in columns:
        assert found[0][column].dtype == np.float32
        assert np.array_equal(found[0][column], found[1][column])


def test_the_base_beneath_adapters_is_held_in_the_precision_asked_for(
    make_pretrained, pretrained_llama
):
    problem = make_pretrained(pretrained_llama, precision="bfloat16", lora=2)
    model = trained(problem).model
    types = {one.requires_grad: one.dtype for one in model.parameters()}
    assert types == {True: torch.float32, False: torch.bfloat16}
    assert np.isfinite(problem.outputs(model, "forget", ["loss"])["loss"]).all()


def test_a_directory_is_adopted_as_an_original(make_pretrained, write_model, tmp_path):
    problem = make_pretrained(write_model(tmp_path / "base"))
    other = write_model(tmp_path / "finished", seed=7)
    model = problem.load(Artifact(other, ""))
    tokens = torch.arange(12).reshape(2, 6)
    assert torch.equal(model(tokens).logits, plain(other)(tokens).logits)


def test_a_directory_serves_a_model_built_from_its_configuration(make_problem, tmp_path):
    problem = make_problem()
    made = trained(problem).model
    made.save_pretrained(tmp_path / "saved")
    assert problem.digest(problem.load(Artifact(tmp_path / "saved", ""))) == problem.digest(made)


def test_a_directory_of_another_shape_is_refused(make_pretrained, write_model, tmp_path):
    problem = make_pretrained(write_model(tmp_path / "base"))
    other = write_model(tmp_path / "other", "gpt2")
    with pytest.raises(DataError, match="lacks tensors"):
        problem.load(Artifact(other, ""))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": None}, "given by 'path', a directory, or by 'hub'"),
        ({"hub": "a/b"}, "one of the two is needed"),
        ({"path": "/nowhere/at/all"}, "there is no such directory"),
    ],
)
def test_a_model_is_named_in_one_way(make_pretrained, pretrained_llama, arguments, message):
    with pytest.raises(DataError, match=message):
        make_pretrained(pretrained_llama, **arguments)


def test_tokens_without_a_row_are_refused(make_pretrained, write_model, tmp_path):
    path = write_model(tmp_path / "short", rows=100)
    with pytest.raises(DataError, match="has 280 tokens but the model only 100"):
        make_pretrained(path)


def test_records_longer_than_the_models_context_are_refused(
    make_pretrained, pretrained_llama, lines
):
    rows = [{"question": f"{n}?", "answer": "wordy " * (1 + 60 * (n == 3))} for n in range(6)]
    data = Part("qa-jsonl", {"path": str(lines("qa.jsonl", *rows))})
    with pytest.raises(DataError, match="more than the model's context of 128"):
        make_pretrained(pretrained_llama, ForgetSet("random", 1), data)


def test_code_that_comes_with_a_model_is_not_run(make_pretrained, write_model, tmp_path):
    path = write_model(tmp_path / "model")
    config = json.loads((path / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine"}}
    (path / "config.json").write_text(json.dumps(config))
    (path / "mine.py").write_text("raise SystemExit('it ran')\n")
    with pytest.raises(DataError, match=r"config\.json .* cannot be used"):
        make_pretrained(path)


def test_steps_over_accumulated_batches_descend_their_mean(make_pretrained, pretrained_llama):
    problem = make_pretrained(pretrained_llama)
    model = trained(problem).model
    whole, parts = (
        problem.fit(
            problem.copy(model),
            lambda net, some: problem.losses(net, some).mean(),
            ["forget"],
            recipe,
            SeedStreams("any"),
            Context(),
        )
        for recipe in (
            Recipe(2, 0.05, 10, "sgd"),
            Recipe(2, 0.05, 5, "sgd", accumulate=2),
        )
    )
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        *("npo", "undial", "idk-dpo"),
        *("finetune", "gradient-ascent", "neg-grad-plus", "scrub", "ssd", "lfssd"),
        *("bad-teacher", "random-labels"),
    ],
)
def test_methods_work_on_pretrained_models(make_pretrained, pretrained_llama, name):
    problem = make_pretrained(pretrained_llama)
    model = trained(problem).model
    before = problem.digest(model)
    seeds = SeedStreams(f"method/{name}", training=0, unlearning=0)
    view = problem.view(["train", "retain", "forget"])
    dampens = name in ("ssd", "lfssd")
    arguments = {"alpha": 1.01} if dampens else {"epochs": 1, "lr": 1e-3, "batch_size": 7}
    found = methods[name].function(model, view, {}, seeds, Context(), **arguments)
    assert problem.digest(model) == before
    assert problem.digest(found) != before


@pytest.mark.parametrize("name", ["scrub", "random-labels", "bad-teacher"])
def test_generic_methods_accumulate_batches(make_pretrained, pretrained_llama, name):
    """Two batches of one order and a single one of both give the same steps but for rounding."""
    problem = make_pretrained(pretrained_llama)
    model = trained(problem).model
    seeds = SeedStreams(f"method/{name}", training=0, unlearning=0)
    more = {"epochs": 1, "lr": 0.05, "optimizer": "sgd"}
    size = len(problem.index("train"))
    whole, parts, plain_steps = (
        methods[name].function(model, problem, {}, seeds, Context(), **more, **one)
        for one in (
            {"batch_size": 2 * size},
            {"batch_size": 1, "accumulate": 2 * size},
            {"batch_size": 1},
        )
    )
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert problem.digest(plain_steps) != problem.digest(parts)


@pytest.mark.parametrize("more", [{}, {"lora": 2}])
def test_a_fresh_model_knows_nothing_of_the_pretrained_one(make_pretrained, pretrained_llama, more):
    problem = make_pretrained(pretrained_llama, **more)
    before = torch.random.get_rng_state()
    found = [problem.fresh(SeedStreams("teacher", 0, seed).generator("init")) for seed in (0, 0, 1)]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert weights.digest(found[0]) == weights.digest(found[1]) != weights.digest(found[2])
    known = dict(plain(pretrained_llama).named_parameters())
    drawn = [name for name, one in found[0].named_parameters() if one.ndim > 1]
    assert len(drawn) > 10
    for name in drawn:
        assert not torch.isclose(found[0].get_parameter(name), known[name]).float().mean() > 0.01


@pytest.mark.parametrize("lora", [None, 2])
def test_a_model_dealt_to_several_devices_computes_the_same(
    make_pretrained, pretrained_llama, lora
):
    """Several devices stand in a test as one: accelerate's hooks are there, transfers are not."""
    accelerate = pytest.importorskip("accelerate")
    problem = make_pretrained(pretrained_llama, devices="all", lora=lora)
    parts = ("model.embed_tokens", "model.layers.0", "model.layers.1", "model.norm", "lm_head")
    dealt = accelerate.dispatch_model(
        started(problem), dict.fromkeys([*parts, "model.rotary_emb"], "cpu"), force_hooks=True
    )
    assert hasattr(dealt.model.layers[0], "_hf_hook")
    plain_model = started(problem)
    before = problem.digest(dealt)
    assert before == problem.digest(plain_model)
    found = [tuned(problem, problem.copy(model)) for model in (dealt, plain_model)]
    assert problem.digest(dealt) == before != problem.digest(found[0])
    assert problem.digest(found[0]) == problem.digest(found[1])
    columns = [problem.outputs(model, "test", ["loss", "rouge-recall"]) for model in found]
    for name in columns[0]:
        assert np.array_equal(columns[0][name], columns[1][name])


def started(problem):
    model = problem._start.blank()
    problem._start.initialise(model, SeedStreams("train", training=0).generator("init"))
    return model


def tuned(problem, model):
    def objective(net, some):
        states = problem.hidden(net, some)[1]
        return problem.losses(net, some).mean() + problem.scores(net, some).mean() + states.mean()

    recipe = Recipe(1, 0.01, 5, "adamw")
    return problem.fit(model, objective, ["forget"], recipe, SeedStreams("any"), Context())


def test_what_deals_to_several_devices_is_named_where_it_lacks(
    make_pretrained, pretrained_llama, monkeypatch
):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "accelerate" else real(name)
    )
    with pytest.raises(DataError, match=r"needs accelerate: pip install 'seedwise\[gpus\]'"):
        make_pretrained(pretrained_llama, devices="all")
