"""The `seedwise` command: its verbs, and what a person sees of an error."""

from __future__ import annotations

import importlib
import sys
import traceback

import click
import typer
from rich.console import Console

from seedwise._version import __version__
from seedwise.errors import SeedwiseError

_VERBS = (
    "init",
    "validate",
    "run",
    "status",
    "analyze",
    "report",
    "table",
    "export",
    "ls",
    "try_method",
    "demo",
    "doctor",
    "schema",
)
_INTERRUPTED = 130

app = typer.Typer(
    name="seedwise",
    help="Nested-seed evaluation of machine unlearning.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"seedwise {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(
        False,
        "--version",
        help="Show the version.",
        callback=_show_version,
        is_eager=True,
    ),
) -> None:
    """Nested-seed evaluation of machine unlearning."""


for _verb in _VERBS:
    _module = importlib.import_module(f"seedwise.cli.{_verb}")
    app.command(_verb.removesuffix("_method"))(_module.command)


def main() -> None:
    """Run the command line; a person's mistake is one message and exit code 1 or 2."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        code = app(args=arguments, standalone_mode=False)
    except SeedwiseError as error:
        _show(console, str(error), debug=debug)
        code = 1
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = _INTERRUPTED
    except BrokenPipeError:
        code = 0
    if code == _INTERRUPTED:
        console.print("stopped; what is finished is kept, the same command goes on from here")
    sys.exit(code if isinstance(code, int) else 0)


def _show(console: Console, message: str, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    console.print(f"error: {message}", markup=False, style="red" if console.is_terminal else "")
