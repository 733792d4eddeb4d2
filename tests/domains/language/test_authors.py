from __future__ import annotations

from seedwise.domains.language.authors import fictional_authors
from seedwise.domains.language.corpus import authors_of
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("data")


def test_sizes_are_arguments():
    corpus = fictional_authors(STREAMS, authors=5, holdout=3, attributes=4, facts=7)
    assert (len(corpus.records), len(corpus.holdout)) == (20, 12)
    assert len(corpus.utility["utility"]) == 7
    assert len(corpus.train) == 27
    assert (len(authors_of(corpus.records)), len(authors_of(corpus.holdout))) == (5, 3)


def test_every_text_is_made_from_its_record():
    corpus = fictional_authors(STREAMS, authors=9, holdout=2)
    for record in (*corpus.records, *corpus.holdout):
        assert all(record.author in text for text in (record.question, record.answer))
        assert len({record.answer, record.paraphrase, *record.wrong}) == 7
        kept = set(record.paraphrase.split()) & set(record.wrong[0].split())
        assert len(kept) >= len(set(record.paraphrase.split())) - 2


def test_facts_have_wrong_answers_in_their_own_words():
    for record in fictional_authors(STREAMS, authors=2, facts=9).utility["utility"]:
        assert (record.author, record.paraphrase) == ("", "")
        prefix = record.answer.rpartition(" ")[0]
        assert all(wrong.rpartition(" ")[0] == prefix for wrong in record.wrong)
        assert len({record.answer, *record.wrong}) == 6


def test_both_templates_are_learnt_and_each_question_is_asked_once():
    corpus = fictional_authors(STREAMS)
    questions = [record.question for record in (*corpus.train, *corpus.holdout)]
    assert len(set(questions)) == len(questions)
    born = [record.answer for record in corpus.records if record.question.startswith("Where was")]
    first = sum(answer.startswith("The birthplace") for answer in born)
    assert 0 < first < len(born) == 40


def test_authors_do_not_depend_on_how_many_facts_there_are():
    one, more = (fictional_authors(STREAMS, authors=4, holdout=2, facts=n) for n in (1, 1))
    assert one == more
    fewer = fictional_authors(STREAMS, authors=4, holdout=2, attributes=3, facts=1)
    assert set(fewer.records) < set(one.records)


def test_the_partition_draws_the_authors():
    one, other = (fictional_authors(SeedStreams("data", p), authors=3) for p in (0, 1))
    assert not set(authors_of(one.records)) & set(authors_of(other.records))
