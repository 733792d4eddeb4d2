"""Trees to import."""

import pytest
from tests.interop.open_unlearning.saves import Saves, nested


@pytest.fixture
def saves(tmp_path):
    """An empty folder `saves`."""
    return Saves(tmp_path / "saves")


@pytest.fixture
def tree(tmp_path):
    """A nested design: 3 originals, NPO and GradDiff twice on each, 3 retrained models."""
    return nested(tmp_path / "saves")
