from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.contracts import COLUMNS, Context, ForgetSet, Part, Recipe, Task
from seedwise.contracts.tokens import IGNORED
from seedwise.domains.language.passes import PASSES
from seedwise.domains.language.rouge import rouge_l
from seedwise.errors import DataError, SeedwiseError
from seedwise.seeds import SeedStreams


def one_by_one(problem, model, split, answers):
    """The oracle: each answer alone, without padding or mask."""
    codec = problem._split(split).codec
    losses = []
    for record, answer in zip(problem._split(split).records, answers, strict=True):
        encoded = codec.encode(record, answer)
        whole = torch.tensor([encoded.prompt + encoded.answer])
        logits = model(whole[:, :-1]).logits[0, len(encoded.prompt) - 1 :]
        losses.append(functional.cross_entropy(logits, torch.tensor(encoded.answer)).item())
    return losses


def test_losses_are_means_over_the_answers_tokens(problem, model):
    records = problem._split("forget").records
    expected = one_by_one(problem, model, "forget", [record.answer for record in records])
    batch = next(problem.batches("forget", None))
    assert problem.losses(model, batch).tolist() == pytest.approx(expected, rel=1e-5)
    assert problem.losses(lambda inputs: model(inputs), batch).tolist() == pytest.approx(
        expected, rel=1e-5
    )
    assert problem.outputs(model, "forget", ["loss"])["loss"] == pytest.approx(expected, rel=1e-5)


def test_scores_predict_the_targets(problem, model):
    batch = next(problem.batches("retain", 7))
    scores = problem.scores(model, batch)
    each = functional.cross_entropy(
        scores.transpose(1, 2), batch.targets, ignore_index=IGNORED, reduction="none"
    )
    expected = each.sum(1) / (batch.targets != IGNORED).sum(1)
    assert torch.allclose(problem.losses(model, batch), expected, atol=1e-5)


def test_other_targets_may_be_given(problem, model):
    batch = next(problem.batches("retain", 4))
    other = torch.where(batch.targets == IGNORED, IGNORED, 5)
    assert not torch.allclose(
        problem.losses(model, batch, other), problem.losses(model, batch), atol=1e-3
    )


def test_other_answers_keep_the_questions(problem, model):
    records = problem._split("forget").records
    answers = ["I do not know." if n % 2 else "No." for n in range(len(records))]
    batch = problem.answered(next(problem.batches("forget", None)), answers)
    expected = one_by_one(problem, model, "forget", answers)
    assert problem.losses(model, batch).tolist() == pytest.approx(expected, rel=1e-5)
    view = problem.view(["forget"])
    again = view.answered(next(view.batches("forget", None)), answers)
    assert torch.equal(again.inputs, batch.inputs)


def test_paraphrase_and_wrong_answers_are_scored_like_answers(problem, model):
    records = problem._split("test").records
    found = problem.outputs(model, "test", ["loss-wrong", "probability-wrong", "loss-paraphrase"])
    said = one_by_one(problem, model, "test", [record.paraphrase for record in records])
    assert found["loss-paraphrase"] == pytest.approx(said, rel=1e-5)
    wrong = np.array(
        [
            one_by_one(problem, model, "test", [record.wrong[j] for record in records])
            for j in range(5)
        ]
    )
    assert found["loss-wrong"] == pytest.approx(wrong.mean(0), rel=1e-5)
    assert found["probability-wrong"] == pytest.approx(np.exp(-wrong).sum(0), rel=1e-4)


def test_rouge_judges_greedy_answers(problem, model):
    split = problem._split("forget")
    found = problem.outputs(model, "forget", ["rouge-recall", "rouge-f1"])
    most = max(len(split.codec.encode(one, one.answer).answer) for one in split.records)
    for place, record in enumerate(split.records):
        prompt, said = split.codec.encode(record, record.answer).prompt, []
        for _ in range(most):
            said.append(int(model(torch.tensor([prompt + said])).logits[0, -1].argmax()))
            if said[-1] == split.codec.end:
                break
        expected = rouge_l(split.codec.decode(said), record.answer)
        assert found["rouge-recall"][place] == pytest.approx(expected.recall)
        assert found["rouge-f1"][place] == pytest.approx(expected.f1)


def test_columns_come_alone_or_together(problem, model):
    together = problem.outputs(model, "forget", list(PASSES))
    assert list(together) == list(PASSES)
    for column in COLUMNS:
        alone = problem.outputs(model, "forget", [column])[column]
        assert np.array_equal(alone, together[column])
    with pytest.raises(SeedwiseError, match="no column 'logits'"):
        problem.outputs(model, "forget", ["logits"])


def test_hidden_states_are_the_embedding_and_every_layer(problem, model):
    batch = next(problem.batches("forget", 3))
    states = problem.hidden(model, batch)
    assert len(states) == 1 + model.config.num_hidden_layers
    assert torch.equal(states[0], model.get_input_embeddings()(batch.inputs))
    assert torch.allclose(
        model.get_output_embeddings()(states[-1]), problem.scores(model, batch), atol=1e-6
    )


def test_a_step_is_adamw_with_the_recipes_beta2(problem, model):
    tuned = problem.copy(model)
    descent = torch.optim.AdamW(tuned.parameters(), lr=0.01, betas=(0.9, 0.98), weight_decay=0.1)
    batch = next(problem.batches("forget", None))
    for _ in range(3):
        descent.zero_grad()
        problem.losses(tuned, batch).mean().backward()
        descent.step()
    recipe = Recipe(3, 0.01, None, "adamw", weight_decay=0.1, beta2=0.98)
    found = problem.fit(
        problem.copy(model),
        lambda net, some: problem.losses(net, some).mean(),
        ["forget"],
        recipe,
        SeedStreams("any"),
        Context(),
    )
    for one, other in zip(found.parameters(), tuned.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_tied_embeddings_stay_tied_through_a_file(make_problem, tmp_path, name):
    task = Task(
        "language",
        Part("fictional-authors", {"authors": 3, "holdout": 1, "facts": 1, "vocabulary": 300}),
        Part(name, {"width": 16, "layers": 1, "heads": 2}),
        {"epochs": 1},
    )
    problem = make_problem(task)
    (made,) = problem.train("train", [SeedStreams("train", training=0)], Context())
    artifact = problem.save(made.model, tmp_path / "model.safetensors")
    for model in (problem.load(artifact), problem.copy(made.model)):
        assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
        assert problem.digest(model) == problem.digest(made.model)
        found = problem.outputs(model, "test", ["loss"])["loss"]
        assert np.array_equal(found, problem.outputs(made.model, "test", ["loss"])["loss"])


def test_weights_that_are_no_safetensors_are_refused(problem, tmp_path):
    from seedwise.contracts import Artifact

    with pytest.raises(DataError, match="Convert it once"):
        problem.load(Artifact(tmp_path / "pytorch_model.bin", ""))


def test_a_plain_text_is_learnt_whole_and_continued_from_its_half(make_problem, tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(" ".join(f"{name}{n}" for n in range(24)))
    data = Part("text", {"path": str(tmp_path), "words": 12, "holdout": 0.3, "vocabulary": 300})
    shape = {"width": 32, "layers": 1, "heads": 2, "inner": 32, "context": 64}
    recipe = {"epochs": 200, "lr": 0.01, "batch_size": 4}
    problem = make_problem(Task("language", data, Part("llama", shape), recipe), RANDOM)
    batch = next(problem.batches("forget", None))
    assert (batch.targets != IGNORED).all()
    assert batch.targets[0, -1] == problem._split("forget").codec.end
    (made,) = problem.train("train", [SeedStreams("train", training=0)], Context())
    found = problem.outputs(made.model, "retain", ["rouge-recall", "exact"])
    assert found["rouge-recall"].mean() == 1.0
    assert problem.outputs(made.model, "test", ["rouge-recall"])["rouge-recall"].mean() < 1.0
    with pytest.raises(DataError, match="wrong answers are needed"):
        problem.outputs(made.model, "forget", ["loss-wrong"])


RANDOM = ForgetSet("random", 1)


def test_the_gradient_norm_is_that_of_each_answers_loss(problem, model):
    found = problem.outputs(model, "test", ["gradient-norm"])["gradient-norm"]
    for place, batch in enumerate(problem.batches("test", 1)):
        mine = problem.copy(model)
        problem.losses(mine, batch).sum().backward()
        whole = torch.cat([one.grad.flatten() for one in mine.parameters()])
        assert found[place] == pytest.approx(whole.norm().item(), rel=1e-4)
