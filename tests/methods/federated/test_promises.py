"""Every federated method keeps the promises of a method, and leaves alone what it may not touch."""

from __future__ import annotations

import pytest

from seedwise.contracts import Clock, Context
from seedwise.contracts.rounds import LEVELS
from seedwise.engine.trial import trial
from seedwise.errors import SeedwiseError
from seedwise.registry import methods
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind

USES = [
    ("fed-finetune", {"rounds": 1}),
    ("fed-remove", {}),
    ("fed-accum", {}),
    ("fed-eraser", {"interval": 2}),
    ("not", {"rounds": 1}),
    ("not", {"rounds": 0}),
    ("pga", {"epochs": 1, "rounds": 1}),
    ("kd", {"epochs": 1}),
    ("kd", {"epochs": 1, "batch_size": None}),
    ("kd", {"epochs": 0}),
    ("fed-osd", {"rounds": 1, "recovery": 1}),
]


@pytest.mark.parametrize(("name", "arguments"), USES)
def test_it_draws_as_declared_and_owns_its_copy(trained, name, arguments):
    method = methods[name]
    made = trial(method, trained[0], arguments=bind(method.function, arguments))
    broken = [f"{f.check}: {f.message}" for f in made.findings() if not f.passed]
    assert not broken


@pytest.mark.parametrize(
    ("name", "level"),
    [(name, level) for name, _ in dict(USES).items() for level in methods[name].needs],
)
def test_a_history_that_was_not_kept_is_named(trained, name, level):
    problem, original = trained
    method = methods[name]
    kept = {one: original.extras[one] for one in LEVELS if one != level}
    arguments = bind(method.function, {})
    with pytest.raises(SeedwiseError, match=rf"'{name}' needs '{level}'.*capture=\('{level}',\)"):
        method.function(
            original.model, problem, kept, SeedStreams("any", 0, 0, 0), Context(), **arguments
        )


@pytest.mark.parametrize(
    ("name", "arguments", "clients"),
    [
        ("fed-finetune", {"rounds": 2}, 2 * 3),
        ("fed-remove", {}, 0),
        ("fed-accum", {}, 0),
        ("fed-eraser", {}, 3 * 3),
        ("fed-eraser", {"interval": 2}, 3),
        ("not", {"rounds": 1}, 3),
        ("pga", {"epochs": 1, "rounds": 2}, 2 + 2 * 3),
        ("kd", {"epochs": 1}, 0),
        ("fed-osd", {"rounds": 2, "recovery": 1}, 2 * 5 + 3),
    ],
)
def test_what_is_sent_is_counted(trained, unlearn, name, arguments, clients):
    ctx = Context(clock=Clock())
    model = unlearn(trained, name, ctx=ctx, **arguments)
    size = sum(value.nbytes for value in model.parameters())
    assert ctx.clock.counts.get("communication", 0) == 2 * clients * size


def _absent(problem, original):
    """Return a client that no round asked."""
    asked = set(original.extras["history:full"]["clients"].ravel().tolist())
    return next(client for client in problem.clients if client not in asked)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("fed-remove", {}), ("fed-accum", {}), ("kd", {"epochs": 0}), ("kd", {"epochs": 2})],
)
def test_forgetting_a_client_that_never_took_part_is_retraining_with_paired_seeds(
    make, unlearn, name, arguments
):
    """The methods that only take updates out find nothing to take out, to the last bit."""
    sampled = {"participation": 0.4, "rounds": 2, "clients": 6}
    absent = _absent(*make((0,), **sampled))
    made = make((absent,), **sampled)
    problem, original = made
    retrained = next(problem.train("retain", [SeedStreams("train", 0, 0)], Context()))
    assert problem.digest(retrained.model) == problem.digest(original.model)
    assert problem.digest(unlearn(made, name, **arguments)) == problem.digest(retrained.model)


@pytest.mark.parametrize(("name", "arguments"), USES)
def test_the_order_in_which_clients_are_named_changes_no_bit(make, unlearn, name, arguments):
    one, other = (unlearn(make(forget), name, **arguments) for forget in ((1, 3), (3, 1)))
    assert make()[0].digest(one) == make()[0].digest(other)


def test_what_needs_rounds_or_gradients_of_clients_says_so():
    assert {"classes", "client-gradients"} <= methods["fed-osd"].requires
    assert all("rounds" in methods[name].requires for name, _ in USES)
