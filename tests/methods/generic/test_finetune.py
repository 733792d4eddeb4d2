from __future__ import annotations

import torch
from torch.nn import functional

from seedwise.contracts import Context
from seedwise.registry import methods
from seedwise.seeds import SeedStreams


def test_it_is_torchs_plain_loop_over_the_retain_set(problem, original, unlearn):
    seeds = SeedStreams("method/finetune", training=0, unlearning=0)
    model = problem.copy(original)
    steps = torch.optim.SGD(model.parameters(), 0.03, momentum=0.5, weight_decay=0.01)
    (retain,) = problem.batches("retain", None)
    for epoch in range(2):
        order = torch.from_numpy(seeds.generator("order", epoch).permutation(len(retain.targets)))
        for rows in order.split(100):
            steps.zero_grad()
            functional.cross_entropy(model(retain.inputs[rows]), retain.targets[rows]).backward()
            steps.step()
    found = unlearn("finetune", epochs=2, lr=0.03, batch_size=100, momentum=0.5, weight_decay=0.01)
    assert problem.digest(found) == problem.digest(model)


def test_unlearning_seeds_give_other_models_and_a_seed_the_same(problem, unlearn):
    digests = [problem.digest(unlearn("finetune", j, epochs=1)) for j in (0, 1, 0)]
    assert digests[0] == digests[2] != digests[1]
    assert not methods["finetune"].is_deterministic({"epochs": 1})


def test_progress_is_told(unlearn):
    shares = []
    unlearn("finetune", ctx=Context(tick=shares.append), epochs=2)
    assert shares == [0.5, 1.0]
