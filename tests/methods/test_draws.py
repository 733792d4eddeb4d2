"""When a method that draws nothing but orders is deterministic."""

import pytest

from seedwise import registry
from seedwise.methods.draws import without_orders


@pytest.mark.parametrize(
    ("arguments", "verdict"), [({"batch_size": None}, True), ({"batch_size": 64}, False)]
)
def test_whole_splits_in_their_own_order_draw_nothing(arguments, verdict):
    assert without_orders(arguments) is verdict
    assert registry.methods["gradient-ascent"].is_deterministic(arguments) is verdict
