"""`seedwise ls`."""


def test_ls_lists_studies_methods_metrics_and_domains(cli, ran):
    assert cli("ls", "--store", ran.root).out.startswith("toy")
    assert "batch_size" in cli("ls", "methods").out
    assert "js-to-reference" in cli("ls", "metrics").out
    assert "vision" in cli("ls", "domains").out
