"""What is measured, and what decides a measurement's key."""

from seedwise.design import wanted_of_row
from seedwise.design.measurements import streams_of
from seedwise.seeds import NoStreams


def wanted(lab, *overrides):
    snapshot = lab.snapshot(*overrides)
    found = [w for row in snapshot.wanted_rows() for w in wanted_of_row(snapshot, row)]
    names = [metric.label for metric in snapshot.design.lock.metrics]
    return snapshot, [(names[one.metric], one) for one in found]


def keys(lab, *overrides):
    return {one.key for _, one in wanted(lab, *overrides)[1]}


def test_nothing_is_wanted_of_models_that_are_not_there(lab):
    assert wanted(lab)[1] == []


def test_evaluation_seeds_vary_only_what_draws(lab):
    lab.run()
    _, found = wanted(lab)
    draws = {name: set() for name, _ in found}
    for name, one in found:
        draws[name].add(one.seeds.evaluation)
    assert draws["toy-probe"] == {0, 1}
    assert draws["accuracy"] == draws["toy-weight-distance"] == {None}


def test_a_metric_that_declares_no_randomness_gets_no_stream(lab):
    lab.run()
    snapshot, found = wanted(lab)
    for name, one in found:
        assert isinstance(one.seeds, NoStreams) == (name != "toy-probe")
    metric = snapshot.design.lock.metrics[-1]
    place = found[0][1].subjects[0].seeds
    assert len(streams_of(snapshot, metric, place)) == 2
    assert len(streams_of(snapshot, metric, place, evaluations=False)) == 1


def test_one_metric_or_evaluation_seed_more_only_adds(lab):
    lab.run()
    before = keys(lab)
    more = keys(lab, "seeds.evaluation=3")
    assert before < more
    fewer = "metrics=[accuracy, runtime]"
    assert keys(lab, fewer) < before


def test_arguments_decide_a_key_and_labels_do_not(lab):
    lab.run()
    plain = keys(lab, "metrics=[accuracy]")
    labelled = keys(lab, "metrics=[{name: accuracy, label: acc}]")
    other = keys(lab, "metrics=[{name: accuracy, splits: [test]}]")
    assert plain == labelled
    assert not plain & other


def test_a_pair_metric_names_the_reference_of_the_same_seed_and_the_next_for_the_floor(lab):
    lab.run()
    snapshot, found = wanted(lab)
    methods = snapshot.design.lock.methods
    pairs = [one for name, one in found if name == "toy-weight-distance"]
    assert pairs
    for one in pairs:
        mine, reference = one.subjects[0], one.against[0]
        step = 1 if mine.stage == "retrain" else 0
        assert reference.seeds.training == (mine.seeds.training + step) % 3
        assert reference.stage == "retrain"
    assert len(methods) == 5
