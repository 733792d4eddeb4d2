"""One option has one name and one meaning in every verb."""

import inspect
from pathlib import Path

import pytest
import typer

from seedwise.cli import options
from seedwise.cli.main import app

COMMANDS = {command.name: command.callback for command in app.registered_commands}


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_a_store_is_named_alike_everywhere(verb):
    parameters = inspect.signature(COMMANDS[verb]).parameters
    if "store" in parameters:
        assert parameters["store"].default == options.DEFAULT_STORE == Path("runs")
        assert typer.main.get_command(app).commands[verb].params
        given = {o for p in typer.main.get_command(app).commands[verb].params for o in p.opts}
        assert "--store" in given


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_every_verb_and_option_says_what_it_is(verb):
    command = typer.main.get_command(app).commands[verb]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{verb} {parameter.name}"


@pytest.mark.parametrize("level", ["0.4", "1", "95", "high"])
def test_a_level_that_is_none_is_refused(cli, level):
    assert cli("analyze", "--level", level).code == 2
