"""Tools whose results can be imported."""

import pytest

import seedwise as sw
from seedwise.cli import import_results
from seedwise.errors import TableError
from seedwise.interop.tools import Tool


def test_an_unknown_tool(tmp_path):
    with pytest.raises(TableError, match="no import from 'tofoo'; did you mean 'tofu'"):
        sw.import_results("tofoo", tmp_path)


def test_the_command_line_knows_the_same_tools():
    assert import_results.Tool == Tool
