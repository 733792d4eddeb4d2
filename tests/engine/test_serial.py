"""The executor within this process."""

from tests.engine.conftest import Items

from seedwise.engine.serial import SerialExecutor
from seedwise.testing import ExecutorConformance


class TestSerial(Items, ExecutorConformance):
    def executor(self):
        return SerialExecutor()
