"""How answers are printed."""

WIDE = ("--wide", "forget_acc,retain_acc", "--reference", "Retrain")


def test_analyze_one_metric_as_a_table(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--metric", "forget_acc")
    assert "share of training seed" in said.out
    assert "retain_acc" not in said.out


def test_a_metric_that_is_not_there(cli, ran):
    said = cli("analyze", "--store", ran.root, "--metric", "acc")
    assert said.code == 1
    assert "no metric 'acc' here" in said.err


def test_an_answer_without_rows_of_a_metric_that_there_is(cli, ran):
    said = cli("analyze", "--store", ran.root, "--show", "labels", "--metric", "loss/test")
    assert said.code == 0
    assert "nothing to show" in said.out


def test_one_ensemble_metric(cli, ran):
    ran.run("metrics=[toy-margin-gap]")
    said = cli("analyze", "--store", ran.root, "--metric", "toy-margin-gap", "--format", "csv")
    assert said.code == 0
    rows = said.out.splitlines()[1:]
    assert rows
    assert all(",toy-margin-gap," in row for row in rows)
