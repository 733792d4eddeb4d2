"""`seedwise try`."""

import pytest

METHOD = """
import seedwise as sw

@sw.method("mine", deterministic={deterministic})
def mine(original, problem, extras, seeds, ctx, *, lr: float = 0.01):
    from seedwise.contracts import Recipe
    recipe = Recipe(epochs=1, lr=lr, batch_size=64)
    loss = lambda model, batch: problem.losses(model, batch).mean()
    return problem.fit(problem.copy(original), loss, ("retain",), recipe, seeds, ctx)
"""


def test_try_checks_a_persons_method_on_digits(cli, tmp_path):
    pytest.importorskip("torch")
    path = tmp_path / "mine.py"
    path.write_text(METHOD.format(deterministic=False))
    said = cli("try", path, "--argument", "lr=1e-2")
    assert said.code == 0
    assert said.out.count("ok  ") == 6
    assert "accuracy forget" in said.out
    path.write_text(METHOD.format(deterministic=True))
    broken = cli("try", path)
    assert broken.code == 1
    assert "FAIL determinism as declared" in broken.out
    unknown = cli("try", path, "--argument", "rate=1")
    assert "unknown argument 'rate'" in unknown.err
    (tmp_path / "empty.py").write_text("x = 1\n")
    assert "registers no method" in cli("try", tmp_path / "empty.py").err
