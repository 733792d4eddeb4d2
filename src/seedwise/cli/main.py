"""The `seedwise` command: its verbs, and what a person sees of an error."""

from __future__ import annotations

import functools
import importlib
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import typer
from rich.console import Console

from seedwise._version import __version__
from seedwise.errors import SeedwiseError, WorkerError

_VERBS = (
    "init",
    "validate",
    "plan",
    "run",
    "status",
    "analyze",
    "compare",
    "tipping",
    "report",
    "table",
    "export",
    "import_results",
    "ls",
    "try_method",
    "demo",
    "doctor",
    "schema",
)
_DEBUG = "--debug"

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


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a person's mistake, and a defect, into one message and exit code 1, Ctrl-C into 130."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except SeedwiseError as error:
            _fail(str(error))
        except KeyboardInterrupt:
            _console().print(
                "stopped; what is finished is kept, the same command goes on from here"
            )
            raise typer.Exit(130) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever escapes is a defect, and is named so
            _fail(_defect(error))

    return guarded


def _fail(message: str) -> NoReturn:
    """Print the message of the error at hand, with `--debug` its traceback before, and exit."""
    if _DEBUG in sys.argv:
        traceback.print_exc()
    console = _console()
    console.print(f"error: {message}", markup=False, style="red" if console.is_terminal else "")
    raise typer.Exit(1) from None


def _defect(error: Exception) -> str:
    kind = "" if isinstance(error, WorkerError) else f"{type(error).__name__}: "
    said = " ".join(str(error).split())
    return (
        f"{kind}{said}. This is a defect of seedwise or of a plug-in; the same command with "
        "--debug shows where"
    )


def _console() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False)


for _verb in _VERBS:
    _module = importlib.import_module(f"seedwise.cli.{_verb}")
    app.command(_verb.partition("_")[0])(_guarded(_module.command))


def main() -> None:
    """Run the command line; `--debug` may stand anywhere."""
    app(args=[argument for argument in sys.argv[1:] if argument != _DEBUG])
