"""What `plan` and a dry run say of what is left."""

import math

from seedwise.cli.needs import needs
from seedwise.design.forecast import Forecast, Stage

NAN = math.nan


def test_what_is_counted_is_said():
    stages = (
        Stage("train", "original", 10, 4, 6, 60.0, 2e9, 1e9, 5e5, 2e8),
        Stage("unlearn", "npo", 30, 0, 30, NAN, NAN, NAN, NAN, NAN),
    )
    said = needs(Forecast(stages, 80, 2, 120.0, ("rouge",)), workers=4)
    assert said[1].split() == [
        "train",
        "original",
        "10",
        "4",
        "6",
        "1",
        "min",
        "0",
        "s",
        "2",
        "GB",
        "1.2",
        "GB",
    ]
    assert said[3:] == [
        "Left: 36 models, 80 measurements (2 finished models among those to measure); about 8 min "
        "0 s of computing (about 2 min 0 s on 4 workers), by what was made before.",
        "No measured time yet: npo; plan --calibrate makes one of each and measures.",
        "Not in it: metrics never measured here (rouge).",
        "Kept of what is left: 6 GB of weights, 3 MB of outputs per example, 1.2 GB of training "
        "history.",
        "Memory of a worker: up to 2 GB.",
    ]


def test_nothing_left_is_said():
    done = Stage("train", "original", 1, 1, 0, 60.0, NAN, 0.0, 0.0, 0.0)
    assert needs(Forecast((done,), 0, 0, 0.0, ()), None)[-1] == "Nothing is left to make."
