"""What a domain, a method, a metric, a store and an executor promise each other.

`M` is the model of a domain: a torch module, a module with an adapter, a numpy vector, a path.
Nothing outside a domain looks inside an `M`. The conformance classes of `seedwise.testing` check
every promise made here. `tokens` and `rounds` are what the capabilities of these names add.
"""

from seedwise.contracts.components import Direction, Level, Method, Metric, MetricSpec, Subject
from seedwise.contracts.domain import (
    COLUMNS,
    Artifact,
    Batch,
    Domain,
    Extras,
    Failed,
    HubDomain,
    Objective,
    Problem,
    Trained,
)
from seedwise.contracts.running import Clock, Context, Phase
from seedwise.contracts.store import Event, Executor, Store
from seedwise.contracts.tasks import ForgetSet, Part, Recipe, Task

__all__ = [
    "COLUMNS",
    "Artifact",
    "Batch",
    "Clock",
    "Context",
    "Direction",
    "Domain",
    "Event",
    "Executor",
    "Extras",
    "Failed",
    "ForgetSet",
    "HubDomain",
    "Level",
    "Method",
    "Metric",
    "MetricSpec",
    "Objective",
    "Part",
    "Phase",
    "Problem",
    "Recipe",
    "Store",
    "Subject",
    "Task",
    "Trained",
]
