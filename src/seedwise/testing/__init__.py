"""Conformance suites for plug-ins, and a numpy toy domain that passes them.

Subclass a suite in a test file and say what to test; pytest finds the promises:

    from seedwise.testing import MethodConformance

    class TestMine(MethodConformance):
        method = mine
"""

from seedwise.testing.components import MethodConformance, MetricConformance
from seedwise.testing.domains import DomainConformance
from seedwise.testing.machinery import ExecutorConformance, StoreConformance

__all__ = [
    "DomainConformance",
    "ExecutorConformance",
    "MethodConformance",
    "MetricConformance",
    "StoreConformance",
]
