from __future__ import annotations

import math


def test_it_is_what_the_record_counted(subject, measure):
    record = {"counts": {"online-ndcg": 135.5, "rounds": 200.0}}
    assert measure("online-ndcg", subject(record=record)) == {"online-ndcg": 135.5}


def test_where_nobody_saw_a_ranking_it_is_nan(subject, measure):
    for record in ({}, {"counts": {"rounds": 0.0}}):
        assert math.isnan(measure("online-ndcg", subject(record=record))["online-ndcg"])
