"""What a study asks for."""

from dataclasses import FrozenInstanceError

import pytest

from seedwise.contracts import Recipe


def test_a_recipe_does_not_change():
    with pytest.raises(FrozenInstanceError):
        Recipe(epochs=1, lr=0.1).lr = 1.0
