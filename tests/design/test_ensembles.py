"""What an ensemble metric is measured on: everything, without each original, and its null."""

import pytest

from seedwise.design import wanted_of_ensemble
from seedwise.design.ensembles import NULL_DRAWS


@pytest.fixture
def draws(lab):
    lab.edit("toy-probe]", "toy-margin-gap]")

    def found(*overrides):
        lab.run(*overrides)
        snapshot = lab.snapshot(*overrides)
        labels = [method.label for method in snapshot.design.lock.methods]
        wanted = list(wanted_of_ensemble(snapshot, 0, labels.index("toy-noise")))
        return [one for one in wanted if one.draw is not None]

    return found


def hashes(cells):
    return {cell.key for cell in cells}


def stages(cells):
    return [cell.stage for cell in cells]


def test_a_draw_has_one_run_per_original_on_each_side(draws):
    found = draws()
    assert len(found) == 2 * NULL_DRAWS
    for plain, exchanged in zip(found[::2], found[1::2], strict=True):
        assert (plain.draw, plain.exchanged, exchanged.exchanged) == (exchanged.draw, False, True)
        assert [cell.original for cell in plain.subjects] == [(0, 0), (0, 1), (0, 2)]
        assert stages(plain.subjects) == ["unlearn"] * 3
        assert stages(plain.against) == ["retrain"] * 3
        both = hashes(plain.subjects) | hashes(plain.against)
        assert hashes(exchanged.subjects) | hashes(exchanged.against) == both
        assert len(exchanged.subjects) == len(exchanged.against) == 3
    picked = {tuple(cell.seeds.unlearning for cell in plain.subjects) for plain in found[::2]}
    assert len(picked) > 1


def test_independent_labels_are_dealt_anew(draws):
    sizes = {stages(one.subjects).count("retrain") for one in draws() if one.exchanged}
    assert {1, 2} <= sizes <= {0, 1, 2, 3}
    shared = [len({cell.original for cell in one.subjects}) < 3 for one in draws() if one.exchanged]
    assert any(shared)


def test_paired_labels_are_swapped_within_each_original(draws):
    for one in draws("reference=paired"):
        assert [cell.original for cell in one.subjects] == [(0, 0), (0, 1), (0, 2)]
        assert [cell.original for cell in one.against] == [(0, 0), (0, 1), (0, 2)]


def test_neither_the_order_of_the_list_nor_other_methods_move_a_draw(draws, lab):
    keys = {one.key for one in draws("seeds.training=[0,1,2]")}
    assert {one.key for one in draws("seeds.training=[2,0,1]")} == keys
    lab.edit("finetune, toy-noise", "{name: toy-noise, label: more, scale: .5}, toy-noise")
    assert {one.key for one in draws()} == keys


def test_one_run_per_original_is_measured_once(draws):
    found = draws("seeds.unlearning=1")
    assert len({one.key for one in found if not one.exchanged}) == 1
