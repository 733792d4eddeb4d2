"""What is allowed, and what was probably meant."""

import pytest

from seedwise import errors
from seedwise.errors import SeedwiseError, WorkerError, did_you_mean


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("finetun", "did you mean 'finetune'? Allowed: finetune, ssd"),
        ("zzz", "Allowed: finetune, ssd"),
        ("", "Allowed: finetune, ssd"),
    ],
)
def test_what_is_near_is_offered_and_everything_listed(given, said):
    assert did_you_mean(given, ["ssd", "finetune"]) == said


def test_an_empty_choice_is_said():
    assert did_you_mean("a", []) == "Allowed: none"


def test_every_error_is_a_persons_mistake_but_that_of_a_worker():
    named = {n: e for n, e in vars(errors).items() if n.endswith("Error")}
    theirs = {name for name, error in named.items() if issubclass(error, SeedwiseError)}
    assert set(named) - theirs == {"WorkerError"}
    assert not issubclass(WorkerError, SeedwiseError)
