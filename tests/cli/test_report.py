"""`seedwise report`."""

import re


def test_report_is_one_self_contained_page(cli, ran):
    said = cli("report", "--store", ran.root)
    assert said.out.strip() == str(ran.root / "toy.html")
    page = (ran.root / "toy.html").read_text()
    assert "<svg" in page
    assert "toy-noise" in page


def test_unequal_numbers_of_unlearning_seeds_are_a_range(cli, lab):
    lab.edit("unlearning: 2", "unlearning: {default: 2, toy-noise: 4}")
    lab.run()
    cli("report", "--store", lab.root)
    page = re.sub(r"<[^>]+>|\s+", " ", (lab.root / "toy.html").read_text())
    assert re.search(r"unlearning seeds each \(J\) +1-4 ", page)  # toy-shrink is deterministic
    assert re.search(r"unlearning seeds +2-4 ", page)  # as the study says


def test_a_report_that_cannot_be_written(cli, ran):
    said = cli("report", "--store", ran.root, "--out", ran.path / "report.html")
    assert said.code == 1
    assert "cannot be written: " in said.err


def test_a_method_that_changed_nothing_is_named(cli, lab):
    lab.edit("methods: [", "methods: [lazy, ")
    lab.plugin(
        "@sw.method('lazy', deterministic=True)\n"
        "def lazy(original, problem, extras, seeds, ctx):\n    return problem.copy(original)\n"
    )
    cli("run", lab.path, "--store", lab.root, "--workers", 0)
    cli("report", "--store", lab.root)
    assert "did nothing" in (lab.root / "toy.html").read_text()
