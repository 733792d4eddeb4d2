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
