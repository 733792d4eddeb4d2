"""When a method that draws nothing but orders of examples is deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_orders(arguments: Mapping[str, Any]) -> bool:
    """Return whether no order is drawn: whole splits, in their own order, are one step."""
    return arguments.get("batch_size") is None
