"""`seedwise report`."""


def test_report_is_one_self_contained_page(cli, ran):
    said = cli("report", "--store", ran.root)
    assert said.out.strip() == str(ran.root / "toy.html")
    page = (ran.root / "toy.html").read_text()
    assert "<svg" in page
    assert "toy-noise" in page


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
