from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from seedwise.report import write_html
from seedwise.report.html import render_html

VOID = {"meta", "path", "circle", "rect", "link", "br", "input"}


class Page(HTMLParser):
    """Collects elements, and fails on a tag that is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def count(self, tag: str, **attrs: str) -> int:
        return sum(
            name == tag and all(has.get(key) == value for key, value in attrs.items())
            for name, has, _ in self.elements
        )


FACTS = {"study": "digits", "versions": {"numpy": "2.1"}, "cost": {"wall_s": 75.0}}


@pytest.fixture(scope="module")
def text(results):
    return render_html(results, FACTS)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_file_is_written_where_asked(results, tmp_path, text):
    path = write_html(results, tmp_path / "deep" / "report.html", FACTS)
    stamp = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
    assert stamp.sub("", path.read_text(encoding="utf-8")) == stamp.sub("", text)


def test_nothing_is_fetched_from_anywhere(text, page):
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    for tag, attrs, _ in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed")
        assert "src" not in attrs
        assert (attrs.get("href") or "#").startswith("#")


def test_links_lead_to_places_on_the_page(page):
    anchors = {attrs["id"] for _, attrs, _ in page.elements if "id" in attrs}
    targets = {attrs["href"][1:] for _, attrs, _ in page.elements if "href" in attrs}
    assert targets <= anchors


def test_every_picture_has_a_table_and_a_caption(text):
    for figure in re.findall(r"<figure>(.*?)</figure>", text, re.DOTALL):
        assert "<figcaption>" in figure
        assert "<table" in figure
    assert text.count('role="img"') == 4 * 8
    assert text.count("<figure>") == 4 * 8 + 1


def test_pictures_are_labelled(page):
    pictures = [attrs for tag, attrs, _ in page.elements if tag == "svg" and "role" in attrs]
    assert all(attrs["aria-label"] for attrs in pictures)


def test_of_many_metrics_the_first_is_open(page):
    panels = [
        attrs
        for tag, attrs, _ in page.elements
        if attrs.get("class") == "panel" and tag == "details"
    ]
    assert len(panels) == 3 * 8
    assert sum("open" in attrs for attrs in panels) == 3


def test_names_cannot_become_code(make_results, make_frame):
    frame = make_frame(training=4)
    evil = "<script>alert(1)</script>"
    frame["method"] = frame["method"].replace({"finetune": evil})
    page = Page(render_html(make_results(frame), {"study": evil, "<b>": "\"'>"}))
    assert page.count("script") == 1
    assert any(evil in words for words in page.words)


def test_facts_and_flags_are_there(text, page):
    assert "versions: numpy" in text
    assert "1 min 15 s" in text
    assert page.count("dt", id="flag-failed_cells") == 1
    assert page.count("dt", id="flag-single_training_seed") == 0


def test_highlighting_marks_methods_and_not_independent_references(make_results, make_frame):
    methods = {"retrain": (0.0, 0.1, 0.0), "finetune": (0.1, 0.1, 0.1)}
    metrics = {"accuracy/test": (0.9, 0.1)}
    frame = make_frame(training=5, methods=methods, metrics=metrics)
    apart = Page(render_html(make_results(frame)))
    paired = Page(render_html(make_results(frame, reference="paired")))
    assert paired.count("circle", **{"data-seed": "0"}) > apart.count(
        "circle", **{"data-seed": "0"}
    )


@pytest.mark.parametrize(
    "keep",
    [
        lambda frame: frame["training_seed"] == 0,
        lambda frame: frame["method"] == "finetune",
        lambda frame: frame["method"] == "original",
        lambda frame: frame["method"] != "retrain",
        lambda frame: frame["unlearning_seed"].fillna(0) == 0,
    ],
    ids=["one training seed", "one method", "only originals", "no reference", "J = 1"],
)
def test_poor_studies_still_give_a_page(make_results, make_frame, keep):
    frame = make_frame()
    page = Page(render_html(make_results(frame[keep(frame)])))
    assert not any(words.strip() in ("nan", "NaN", "None") for words in page.words)


def test_a_method_that_failed_everywhere_is_shown(make_results, make_frame):
    frame = make_frame(training=5)
    frame.loc[frame["method"] == "finetune", ["value", "status"]] = [float("nan"), "failed"]
    text = render_html(make_results(frame))
    assert "no values" in text


def test_a_large_study_is_a_small_file(make_results, make_frame):
    frame = make_frame(training=75, unlearning=25)
    assert len(frame) > 60_000
    text = render_html(make_results(frame))
    assert len(text.encode()) < 3_000_000
    assert "evenly spaced ones" in text
