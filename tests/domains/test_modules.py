"""The loop, files and views that all problems with torch modules share, on digits."""

from __future__ import annotations

import hashlib
import math
from itertools import chain

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.contracts import Artifact, Context, Failed, ForgetSet, Part, Recipe, Task, Trained
from seedwise.domains.vision.models import initialise
from seedwise.errors import DataError, NonFiniteError, SeedwiseError
from seedwise.seeds import NoStreams, SeedStreams

CTX = Context()
SEED = SeedStreams("train", training=0)


def trained(problem, on="train", seeds=SEED):
    made = next(problem.train(on, [seeds], CTX))
    assert isinstance(made, Trained)
    return made


@pytest.fixture(scope="module")
def original(problem):
    return trained(problem).model


def mean_loss(problem):
    return lambda model, batch: problem.losses(model, batch).mean()


def test_training_again_gives_the_same_bits(problem, make_problem, original):
    assert problem.digest(trained(problem).model) == problem.digest(original)
    assert problem.digest(trained(make_problem()).model) == problem.digest(original)


def test_no_run_depends_on_its_neighbours_or_on_what_was_done_before(problem, original):
    seeds = [SeedStreams("train", training=i) for i in (2, 0, 1)]
    chunk = [made.model for made in problem.train("train", seeds, CTX)]
    problem.outputs(original, "test", ["loss"])
    assert problem.digest(chunk[1]) == problem.digest(original)
    alone = trained(problem, seeds=seeds[2])
    assert problem.digest(chunk[2]) == problem.digest(alone.model)
    assert len({problem.digest(model) for model in chunk}) == 3


def test_the_forget_set_does_not_change_training_on_everything(make_problem, problem, original):
    other = make_problem(forget=ForgetSet("random", 0.1))
    assert other.fingerprints["train"] == problem.fingerprints["train"]
    assert other.fingerprints["forget"] != problem.fingerprints["forget"]
    assert other.digest(trained(other).model) == problem.digest(original)


def test_the_start_is_told_and_scopes_share_none(problem):
    starts = [
        trained(problem).start,
        trained(problem, on="retain").start,
        trained(problem, seeds=SeedStreams("retrain", training=0)).start,
        trained(problem, seeds=SeedStreams("train", training=1)).start,
        trained(problem, seeds=SeedStreams("train", partition=1, training=0)).start,
    ]
    assert starts[0] == starts[1]
    assert len(set(starts)) == 4


def test_training_touches_no_global_generator(problem):
    ours, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    trained(problem)
    assert torch.equal(torch.get_rng_state(), ours)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002


def test_training_is_torchs_plain_loop_bit_for_bit(problem, original):
    model = problem.copy(original)
    initialise(model, SEED.generator("init"))
    steps = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)
    inputs, targets = next((b.inputs, b.targets) for b in problem.batches("train", None))
    total = 2 * -(-len(targets) // 64)
    done = 0
    for epoch in range(2):
        order = torch.from_numpy(SEED.generator("order", epoch).permutation(len(targets)))
        for rows in order.split(64):
            for group in steps.param_groups:
                group["lr"] = 0.05 * (1 + math.cos(math.pi * done / total)) / 2
            steps.zero_grad()
            functional.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            steps.step()
            done += 1
    assert problem.digest(model) == problem.digest(original)


def test_retraining_never_looks_at_the_forget_set(make_problem, problem):
    net = trained(problem, on="retain").model
    assert problem.outputs(net, "forget", ["correct"])["correct"].mean() < 0.05
    assert problem.outputs(net, "retain", ["correct"])["correct"].mean() > 0.5


def test_a_run_that_raises_leaves_the_others_alone(problem, original):
    made = list(problem.train("train", [NoStreams("train"), SEED], CTX))
    assert isinstance(made[0], Failed)
    assert isinstance(made[1], Trained)
    assert problem.digest(made[1].model) == problem.digest(original)


def test_a_diverging_run_fails_by_name(make_problem):
    task = Task("vision", Part("digits"), Part("mlp", {"hidden": [8]}), {"epochs": 1, "lr": 1e30})
    (made,) = make_problem(task).train("train", [SEED], CTX)
    assert isinstance(made, Failed)
    assert isinstance(made.error, NonFiniteError)


def test_captures_are_refused_not_ignored(problem):
    with pytest.raises(SeedwiseError, match="captures nothing"):
        list(problem.train("train", [SEED], CTX, capture=["history"]))


class Watched:
    """An objective that remembers which examples it was given."""

    def __init__(self, problem):
        self.problem = problem
        self.seen = []

    def __call__(self, model, *batches):
        assert model.training
        self.seen.append([batch.index.tolist() for batch in batches])
        return sum(self.problem.losses(model, batch).mean() for batch in batches)

    def of(self, place):
        return [row[place] for row in self.seen]


def fitted(problem, original, on, recipe, seeds=SEED, ctx=CTX):
    watched = Watched(problem)
    model = problem.fit(problem.copy(original), watched, on, recipe, seeds, ctx)
    return model, watched


def test_an_epoch_is_one_pass_over_the_first_split_in_an_order_of_its_own(problem, original):
    _, watched = fitted(problem, original, ["forget"], Recipe(2, 0.01, batch_size=50))
    size = len(problem.index("forget"))
    assert [len(batch) for batch in watched.of(0)] == [50, 50, 50, size - 150] * 2
    epochs = [[*chain(*watched.of(0)[:4])], [*chain(*watched.of(0)[4:])]]
    assert sorted(epochs[0]) == sorted(epochs[1]) == problem.index("forget").tolist()
    assert epochs[0] != epochs[1]


def test_further_splits_are_cycled_whole_in_orders_of_their_own(problem, original):
    recipe = Recipe(2, 0.01, batch_size=100)
    _, watched = fitted(problem, original, ["retain", "forget"], recipe)
    assert len(watched.seen) == 2 * 13
    beside = watched.of(1)
    assert {len(batch) for batch in beside} == {100, len(problem.index("forget")) - 100}
    passes = [beside[i] + beside[i + 1] for i in range(0, 26, 2)]
    assert all(sorted(one) == problem.index("forget").tolist() for one in passes)
    assert len({tuple(one) for one in passes}) == 13
    _, alone = fitted(problem, original, ["retain"], recipe)
    assert alone.of(0) == watched.of(0)


def test_a_split_beside_itself_comes_in_another_order(problem, original):
    _, watched = fitted(problem, original, ["forget", "forget"], Recipe(1, 0.01, batch_size=1000))
    ((lead, beside),) = watched.seen
    assert sorted(lead) == sorted(beside)
    assert lead != beside


def test_a_full_batch_draws_nothing_and_keeps_the_order(problem, original):
    recipe = Recipe(3, 0.01, batch_size=None)
    first, watched = fitted(problem, original, ["retain", "forget"], recipe, NoStreams("quiet"))
    second, _ = fitted(problem, original, ["retain", "forget"], recipe, SEED)
    assert watched.of(0) == [problem.index("retain").tolist()] * 3
    assert watched.of(1) == [problem.index("forget").tolist()] * 3
    assert problem.digest(first) == problem.digest(second)


def test_fitting_is_in_place_ends_in_evaluation_mode_and_tells_progress(problem, original):
    shares = []
    ctx = Context(tick=shares.append)
    before = problem.digest(original)
    model = problem.copy(original)
    result = problem.fit(model, mean_loss(problem), ["forget"], Recipe(4, 0.01), SEED, ctx)
    assert result is model
    assert not model.training
    assert shares == [0.25, 0.5, 0.75, 1.0]
    assert problem.digest(model) != before
    assert problem.digest(original) == before
    assert all(parameter.grad is None for parameter in model.parameters())


def test_frozen_parameters_stay(problem, original):
    model = problem.copy(original)
    first, *others = model.parameters()
    first.requires_grad_(False)
    problem.fit(model, mean_loss(problem), ["forget"], Recipe(1, 0.01), SEED, CTX)
    assert torch.equal(first, next(original.parameters()))
    kept = list(original.parameters())[1:]
    assert not any(torch.equal(one, other) for one, other in zip(others, kept, strict=True))


def test_a_diverging_fit_raises(problem, original):
    recipe = Recipe(3, 1e30)
    with pytest.raises(NonFiniteError, match="smaller learning rate"):
        problem.fit(problem.copy(original), mean_loss(problem), ["forget"], recipe, SEED, CTX)


def test_batches_cover_a_split_in_its_own_order(problem):
    for size in (50, 161, 1000, None):
        parts = list(problem.batches("forget", size))
        assert (
            torch.cat([part.index for part in parts]).tolist() == problem.index("forget").tolist()
        )
        found = torch.cat([part.targets for part in parts]).tolist()
        assert found == problem.targets("forget").tolist() == [3] * len(found)


def test_training_splits_are_numbered_by_their_place_in_the_training_data(problem):
    labels = problem.targets("train")
    assert problem.index("train").tolist() == list(range(len(labels)))
    for split in ("forget", "retain"):
        assert np.array_equal(labels[problem.index(split)], problem.targets(split))


def test_a_view_shows_its_splits_only(problem, original):
    seen = problem.view(["train", "retain", "forget"])
    assert set(seen.fingerprints) == {"train", "retain", "forget"}
    attempts = [
        lambda: seen.outputs(original, "test", ["loss"]),
        lambda: next(seen.batches("test", None)),
        lambda: seen.targets("test"),
        lambda: seen.index("test"),
        lambda: seen.view(["test"]),
        lambda: seen.fit(original, mean_loss(seen), ["test"], Recipe(1, 0.1), SEED, CTX),
    ]
    for attempt in attempts:
        with pytest.raises(SeedwiseError, match="no split 'test' can be seen here"):
            attempt()
    (made,) = seen.train("test", [SEED], CTX)
    assert isinstance(made, Failed)
    again = trained(seen).model
    assert problem.digest(again) == problem.digest(original)


def test_a_copy_is_independent(problem, original):
    before = problem.digest(original)
    copied = problem.copy(original)
    with torch.no_grad():
        next(copied.parameters()).add_(1)
    assert problem.digest(original) == before != problem.digest(copied)


def test_a_saved_net_comes_back(problem, original, tmp_path):
    artifact = problem.save(original, tmp_path / "net.safetensors")
    again = problem.load(artifact)
    assert not again.training
    assert problem.digest(again) == problem.digest(original)
    assert artifact.sha256 == hashlib.sha256(artifact.path.read_bytes()).hexdigest()


def test_weights_of_another_net_or_format_are_refused(problem, make_problem, original, tmp_path):
    artifact = problem.save(original, tmp_path / "net.safetensors")
    wider = Task("vision", Part("digits"), Part("mlp", {"hidden": [9]}))
    with pytest.raises(DataError, match=r"tensor '1.bias' .* \(8,\) but the model's is .* \(9,\)"):
        make_problem(wider).load(artifact)
    with pytest.raises(DataError, match="Convert it once"):
        problem.load(Artifact(tmp_path / "net.pt", ""))
