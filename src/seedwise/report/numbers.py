"""How numbers are written: the digits follow the uncertainty, and no locale is asked.

An estimate is rounded so that the half-width of its interval keeps two significant digits:
0.93124 with a half-width of 0.0123 is `.931 [.919, .944]`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

SIGNIFICANT = 2
"""Significant digits that are kept of a half-width."""

LONGEST = 6
"""Most decimals before a number is written with an exponent."""


class Style(NamedTuple):
    """The signs of one medium: minus, what stands for a missing number, and the exponent."""

    minus: str
    dash: str
    exponent: str


PLAIN = Style("-", "-", "e{}")
SCREEN = Style("\N{MINUS SIGN}", "\N{EN DASH}", "e{}")
LATEX = Style("$-$", "--", "$\\cdot 10^{{{}}}$")


class Written(NamedTuple):
    """An estimate in words: its value, and its interval (empty if there is none)."""

    value: str
    interval: str

    @property
    def text(self) -> str:
        """Return value and interval in one line."""
        return f"{self.value} {self.interval}".rstrip()


def places(uncertainty: float) -> int:
    """Return the decimals that keep two significant digits of an uncertainty.

    Example:
        >>> places(0.0123), places(1.7), places(2300.0)
        (3, 1, 0)
    """
    if not (math.isfinite(uncertainty) and uncertainty > 0):
        return LONGEST
    return max(0, SIGNIFICANT - 1 - math.floor(math.log10(uncertainty)))


def number(value: float, decimals: int | None = None, style: Style = PLAIN) -> str:
    """Write one number, by default with three significant digits.

    Example:
        >>> number(0.93124, 3), number(-0.0004, 3), number(12.3456), number(float("nan"))
        ('.931', '.000', '12.3', '-')
    """
    if not math.isfinite(value):
        return style.dash if math.isnan(value) else ("∞" if value > 0 else f"{style.minus}∞")
    digits = _three_significant(value) if decimals is None else decimals
    if digits > LONGEST or abs(value) >= 1e7:
        return _with_exponent(value, digits, style)
    text = f"{abs(value):.{digits}f}"
    sign = style.minus if value < 0 and float(text) != 0 else ""
    return sign + (text[1:] if text.startswith("0.") else text)


def estimate(value: float, low: float, high: float, style: Style = PLAIN) -> Written:
    """Write an estimate and its interval with the digits its half-width deserves.

    Example:
        >>> estimate(0.93124, 0.91894, 0.94354).text
        '.931 [.919, .944]'
        >>> estimate(0.93124, float("nan"), float("nan")).text
        '.931'
    """
    half = max(high - value, value - low)
    if not (math.isfinite(half) and half > 0):
        return Written(number(value, None, style), "")
    digits = places(half)
    ends = (number(end, digits, style) for end in (low, high))
    return Written(number(value, digits, style), f"[{', '.join(ends)}]")


def signed(value: float, low: float, high: float, style: Style = PLAIN) -> Written:
    """Write a difference: like `estimate`, with a plus before a positive value.

    Example:
        >>> signed(0.041, 0.012, 0.070).text
        '+.041 [.012, .070]'
    """
    written = estimate(value, low, high, style)
    has_digit = any(character in "123456789" for character in written.value)
    return written._replace(value=f"+{written.value}") if value > 0 and has_digit else written


def percent(share: float, style: Style = PLAIN) -> str:
    """Write a share in whole per cent; shares near an end never read 0 or 100 by rounding.

    Example:
        >>> percent(0.743), percent(0.002), percent(0.999), percent(1.0), percent(float("nan"))
        ('74 %', '<1 %', '>99 %', '100 %', '-')
    """
    if math.isnan(share):
        return style.dash
    text = f"{share * 100:.0f}"
    if text == "0" and share > 0:
        return "<1 %"
    return ">99 %" if text == "100" and share < 1 else f"{text} %"


def level_name(level: float) -> str:
    """Write a confidence level or an error rate with all its digits.

    Example:
        >>> level_name(0.95), level_name(0.999), level_name(1 - 0.95)
        ('95 %', '99.9 %', '5 %')
    """
    return f"{round(level * 100, 6):g} %"


def percent_range(low: float, high: float) -> str:
    """Write an interval of a share, empty if it is not known.

    Example:
        >>> percent_range(0.41, 0.93), percent_range(float("nan"), 0.9)
        ('[41, 93]', '')
    """
    return f"[{low * 100:.0f}, {high * 100:.0f}]" if math.isfinite(high - low) else ""


def p_value(p: float, style: Style = PLAIN) -> str:
    """Write a p-value without stars.

    Example:
        >>> p_value(0.0312), p_value(0.00004), p_value(1.0), p_value(float("nan"))
        ('p = .031', 'p < .001', 'p = 1.00', '-')
    """
    if math.isnan(p):
        return style.dash
    if p < 0.001:
        return "p < .001"
    return f"p = {number(p, 2 if p >= 0.995 else 3)}"


def duration(seconds: float) -> str:
    """Write a duration in the units a person would use.

    Example:
        >>> duration(0.42), duration(12.34), duration(200), duration(7500)
        ('0.42 s', '12.3 s', '3 min 20 s', '2 h 5 min')
    """
    if not math.isfinite(seconds):
        return PLAIN.dash
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{min(seconds, 59.9):.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number_of: int, noun: str, plural: str | None = None) -> str:
    """Write a number of things.

    Example:
        >>> count(1, "run"), count(3, "run"), count(2, "study", "studies")
        ('1 run', '3 runs', '2 studies')
    """
    return f"{number_of:,} {noun if number_of == 1 else plural or noun + 's'}"


def span(low: int, high: int) -> str:
    """Write a range of counts.

    Example:
        >>> span(3, 3), span(1, 3)
        ('3', '1-3')
    """
    return str(low) if low == high else f"{low}-{high}"


def _three_significant(value: float) -> int:
    return 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))


def _with_exponent(value: float, decimals: int, style: Style) -> str:
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    digits = min(max(decimals + power, 0), 12)
    mantissa, exponent = f"{abs(value):.{digits}e}".split("e")
    sign = style.minus if value < 0 else ""
    return sign + mantissa + style.exponent.format(int(exponent))
