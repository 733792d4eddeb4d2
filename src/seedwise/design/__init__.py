"""The nested design: cells and keys, what the lock needs and what the store lacks."""

from seedwise.design.cells import Cell, Design, Row
from seedwise.design.ensembles import wanted_of_ensemble
from seedwise.design.forecast import Forecast, forecast
from seedwise.design.measurements import Wanted, wanted_of_row
from seedwise.design.snapshot import Snapshot

__all__ = [
    "Cell",
    "Design",
    "Forecast",
    "Row",
    "Snapshot",
    "Wanted",
    "forecast",
    "wanted_of_ensemble",
    "wanted_of_row",
]
