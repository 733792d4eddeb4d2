"""Which cells come next, and in what portions."""

from seedwise.engine.schedule import missing_ensembles, missing_rows, next_cells


def test_few_originals_are_split_among_many_workers(lab):
    snapshot = lab.snapshot("seeds.training=1")
    first = next_cells(snapshot, ["missing"], 4, set())
    assert [len(keys) for keys in first] == [1, 1]  # the reference and the original
    lab.run("seeds.training=1", limit=2)
    then = next_cells(lab.snapshot("seeds.training=1"), ["missing"], 4, set())
    assert [len(keys) for keys in then] == [2, 2, 2]


def test_portions_belong_to_one_original_each_and_make_what_others_need_first(lab):
    snapshot = lab.snapshot()
    portions = next_cells(snapshot, ["missing"], 2, set())
    cells = [[snapshot.design.cells[key] for key in keys] for keys in portions]
    assert [{cell.original for cell in some} for some in cells] == [{(0, i)} for i in range(3)]
    for some in cells:
        stages = [cell.stage for cell in some]
        assert sorted(stages, key=("retrain", "train", "unlearn").index) == stages
    assert sum(map(len, portions)) == 22


def test_what_was_tried_is_skipped(lab):
    tried = {key for keys in next_cells(lab.snapshot(), ["missing"], 2, set()) for key in keys}
    assert next_cells(lab.snapshot(), ["missing"], 2, tried) == []


def test_runs_wait_for_an_original_and_are_blocked_when_it_failed(lab):
    snapshot = lab.snapshot()
    original = snapshot.design.train(0, 1)
    failure = {"generation": 0, "kind": "raised", "stage": "train", "message": "no luck"}
    lab.store.fail(original.key, failure)
    left = next_cells(lab.snapshot(), ["missing"], 2, set())
    blocked = {c.key for c in snapshot.wanted_cells() if c.parent == original.key}
    assert blocked
    assert not blocked & {key for keys in left for key in keys}
    again = next_cells(lab.snapshot(), ["missing", "failed"], 2, set())
    assert blocked <= {key for keys in again for key in keys} | {original.key}


def test_finished_models_without_a_measurement_are_found(lab):
    lab.run()
    assert missing_rows(lab.snapshot(), retry=False) == []
    assert missing_ensembles(lab.snapshot(), retry=False) == []
    more = missing_rows(lab.snapshot("seeds.evaluation=3"), retry=False)
    assert len(more) == 3
    path = next(p for p in (lab.root / "measurements").rglob("*.json"))
    path.unlink()
    assert len(missing_rows(lab.snapshot(), retry=False)) == 1


def test_ensembles_are_missing_until_all_are_measured(lab):
    lab.run()
    lab.edit("toy-probe]", "toy-probe, toy-margin-gap]")
    assert missing_ensembles(lab.snapshot(), retry=False)
    lab.run()
    assert missing_ensembles(lab.snapshot(), retry=False) == []
