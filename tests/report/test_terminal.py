from __future__ import annotations

import io

import pytest
from rich.console import Console

from seedwise.report import print_summary


def printed(results, width: int = 80, **options) -> str:
    stream = io.StringIO()
    print_summary(results, Console(file=stream, width=width, **options))
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_console(results, width):
    assert max(len(line) for line in printed(results, width).splitlines()) <= width


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_estimate_is_cut_whatever_the_width(results, width):
    text = printed(results, width)
    for words in (".794 [.776, .812]", "27 [17, 37]", ".007 [-.009, .022]", "js-to-reference"):
        assert words in text


def test_a_narrow_console_gets_several_tables(results):
    assert printed(results, 200).count("accuracy/forget") == 1
    heads = [line for line in printed(results, 80).splitlines() if line.startswith("method ")]
    assert len(heads) == 4


def test_plain_output_is_plain_ascii(results):
    assert printed(results).isascii()
    assert "\x1b" not in printed(results)


def test_shares_and_warnings_are_below(results):
    text = printed(results)
    assert "finetune         87 %" in text
    assert "all (deterministic)" in text
    assert "! neg-grad-plus: 2 failed runs" in text


def test_one_training_seed(make_results, make_frame):
    text = printed(make_results(make_frame(training=1)))
    assert "single_training_seed" in text
    assert "[." not in text


def test_markup_in_names_is_printed_as_it_is(make_results, make_frame):
    frame = make_frame(training=3, metrics={"accuracy": (0.9, 0.1)})
    frame["method"] = frame["method"].replace({"finetune": "[red]x[/red]"})
    assert "[red]x[/red]" in printed(make_results(frame))
