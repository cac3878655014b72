"""Each part of a passage's score, one at a time."""

import math

import pytest

from bot.ports import PassageId, Survey, Trait
from bot.ranking import (
    ANSWER,
    ASKS,
    LINKED,
    NAMED,
    NEXT,
    SECOND,
    SPEAKER,
    TELLS_WHEN,
    THAT_TIME,
    Ranking,
    Wanted,
    asked_speaker,
)
from bot.types import Parts

Row = tuple[int, str, int]  # seat, speaker, traits


def survey(
    *rows: Row,
    words: tuple[tuple[int, ...], ...] = (),
    entities: dict[int, int] | None = None,
    named: tuple[int, ...] = (),
    others: tuple[int, ...] = (),
) -> Survey:
    """Passages numbered from 1; `others` are other people's."""
    return Survey(
        ids=tuple(PassageId(number) for number in range(1, len(rows) + 1)),
        seats=tuple(seat for seat, _, _ in rows),
        happened_at=(0,) * len(rows),
        traits=tuple(traits for _, _, traits in rows),
        speakers=tuple(speaker for _, speaker, _ in rows),
        own=tuple(number not in others for number in range(1, len(rows) + 1)),
        words=tuple(tuple(map(PassageId, held)) for held in words),
        entities={PassageId(number): entity for number, entity in (entities or {}).items()},
        named=frozenset(named),
    )


def ranked(
    found: Survey, cosines: dict[int, float] | None = None, wanted: Wanted | None = None
) -> dict[int, Parts]:
    near = {PassageId(number): cosine for number, cosine in (cosines or {}).items()}
    return {int(i): parts for i, parts in Ranking(found, near).best(wanted or Wanted(), 9).items()}


APART: tuple[Row, ...] = ((10, "A", 0), (20, "A", 0), (30, "A", 0), (40, "A", 0))


def test_a_rarer_word_counts_more_by_its_inverse_document_frequency() -> None:
    found = ranked(survey(*APART, words=((1,), (1, 2, 3))))
    rare, common = math.log(1 + 3.5 / 1.5), math.log(1 + 1.5 / 3.5)
    assert found[1] == {"words": 0.5}
    assert found[2]["words"] == pytest.approx(0.5 * common / (rare + common))
    assert list(found) == [1, 2, 3]


def test_meaning_counts_from_the_farthest_to_the_nearest() -> None:
    found = ranked(survey(*APART), {1: 0.9, 2: 0.6, 3: 0.5, 4: 0.1})
    assert [round(parts["meaning"], 6) for parts in found.values()] == [0.5, 0.3125, 0.25]


def test_nearness_alone_is_no_evidence_below_the_threshold() -> None:
    assert ranked(survey(*APART), {1: 0.39, 2: 0.2}) == {}
    assert list(ranked(survey(*APART), {1: 0.41, 2: 0.2})) == [1]


def test_below_the_threshold_nearness_still_ranks_what_shares_a_word() -> None:
    found = ranked(survey(*APART, words=((1, 2),)), {1: 0.1, 2: 0.3, 3: 0.2})
    assert list(found) == [2, 1]
    assert found[2]["meaning"] == 0.5
    memories: tuple[Row, ...] = ((0, "", 0),) * 2
    found = ranked(survey(*memories, entities={1: 7}, named=(7,)), {1: 0.3, 2: 0.2})
    assert found == {1: {"entity": NAMED, "meaning": 0.5}}


def test_below_the_threshold_nearness_is_no_evidence_beside_what_matches_either() -> None:
    rows: list[Row] = [(10, "A", 0), (11, "A", 0), (30, "A", 0)]
    found = ranked(survey(*rows, words=((1,),)), {1: 0.3, 2: 0.2, 3: 0.1})
    assert found[2].keys() == {"around"}


def test_what_has_no_vector_yet_has_no_meaning_and_what_alone_has_one_has_all() -> None:
    found = ranked(survey(*APART, words=((3,),)), {1: 0.9, 2: 0.1})
    assert found == {1: {"meaning": 0.5}, 3: {"words": 0.5}}
    assert ranked(survey(*APART, words=((3,),)), {1: 0.5}) == found


@pytest.mark.parametrize(
    ("asker", "traits", "share"),
    [("B", 0, NEXT), ("B", Trait.ASKS, ANSWER), ("A", Trait.ASKS, NEXT)],
)
def test_the_message_before_lends_and_somebody_elses_question_lends_most(
    asker: str, traits: int, share: float
) -> None:
    found = ranked(survey((10, asker, traits), (11, "A", 0), words=((1,),)))
    assert found[2] == {"around": pytest.approx(share / 2)}


def test_the_message_after_and_the_second_next_lend_less_and_no_third_lends() -> None:
    rows: list[Row] = [(seat, "A", 0) for seat in (10, 11, 12, 13, 14, 15)]
    found = ranked(survey(*rows, words=((4,),)))
    lent = {number: parts["around"] for number, parts in found.items() if number != 4}
    assert lent == {
        number: pytest.approx(share / 2)
        for number, share in ((2, SECOND), (3, NEXT), (5, NEXT), (6, SECOND))
    }


def test_of_two_neighbours_the_better_lends() -> None:
    rows: list[Row] = [(seat, "A", 0) for seat in (10, 11, 12)]
    assert ranked(survey(*rows, words=((1, 3),)))[2] == {"around": pytest.approx(NEXT / 2)}


def test_words_are_counted_from_the_best_match_with_what_is_lent() -> None:
    found = ranked(survey((10, "A", 0), (11, "A", 0), words=((1,), (2,))))
    assert found[1]["words"] == found[2]["words"] == pytest.approx(0.5 / (1 + NEXT))


def test_what_is_near_in_meaning_lends_too() -> None:
    found = ranked(survey((10, "A", 0), (11, "A", 0), (30, "A", 0)), {1: 0.9, 2: 0.1, 3: 0.1})
    assert list(found) == [1, 2]
    assert found[2]["around"] == pytest.approx(NEXT / 4)


def test_ones_own_bare_question_lends_nothing() -> None:
    rows: list[Row] = [(10, "A", Trait.ASKS | Trait.ONLY_ASKS), (11, "A", 0)]
    wanted = Wanted(questions=True)
    assert list(ranked(survey(*rows, words=((1,),)), wanted=wanted)) == [1]


def test_somebody_elses_bare_question_lends_to_the_message_before_it() -> None:
    rows: list[Row] = [(10, "A", 0), (11, "B", Trait.ASKS | Trait.ONLY_ASKS)]
    assert ranked(survey(*rows, words=((2,),)))[1] == {"around": pytest.approx(NEXT / 2)}


def test_another_persons_message_lends_and_is_not_found_itself() -> None:
    rows: list[Row] = [(10, "B", Trait.ASKS), (11, "A", 0)]
    found = ranked(survey(*rows, words=((1,),), others=(1,)))
    assert found == {2: {"around": ANSWER / 2}}


def test_other_peoples_messages_change_no_statistics() -> None:
    alone = ranked(survey((10, "A", 0), (30, "A", 0), words=((1,), (1, 2))))
    crowd: tuple[Row, ...] = ((10, "A", 0), (30, "A", 0), (50, "B", 0), (60, "B", 0))
    assert ranked(survey(*crowd, words=((1, 3, 4), (1, 2, 3)), others=(3, 4))) == alone
    alone = ranked(survey(*crowd[:2]), {1: 0.9, 2: 0.5})
    assert ranked(survey(*crowd, others=(3, 4)), {1: 0.9, 2: 0.5, 3: 1.0, 4: 0.1}) == alone


def test_nobody_lends_more_meaning_than_the_nearest_of_ones_own() -> None:
    rows: list[Row] = [(10, "A", 0), (11, "B", 0), (30, "A", 0), (40, "A", 0)]
    found = ranked(survey(*rows, others=(2,)), {1: 0.1, 2: 1.0, 3: 0.5, 4: 0.1})
    assert found[1] == {"around": pytest.approx(NEXT / 4)}


def test_what_is_left_out_is_not_ranked_and_lends_nothing() -> None:
    rows: list[Row] = [(10, "A", 0), (11, "A", 0), (30, "A", 0)]
    found = Ranking(survey(*rows, words=((1, 3),)), {}, {PassageId(1)}).best(Wanted(), 9)
    assert list(found) == [3]
    found = Ranking(survey(*rows, words=((2, 3),)), {}, {PassageId(1)}).best(Wanted(), 9)
    assert list(found) == [2, 3]


def test_a_named_entity_and_one_that_is_spoken_of_bring_their_memories() -> None:
    memories: tuple[Row, ...] = ((0, "", 0),) * 4
    found = ranked(survey(*memories, words=((1,),), entities={1: 7, 2: 7, 3: 8}, named=(8,)))
    assert found[1] == {"words": 0.5}
    assert found[3] == {"entity": NAMED}
    assert found[2] == {"linked": pytest.approx(LINKED * 0.5)}
    assert 4 not in found


def test_a_question_for_the_time_prefers_what_tells_one() -> None:
    rows: list[Row] = [(10, "A", 0), (20, "A", Trait.TELLS_WHEN)]
    assert list(ranked(survey(*rows, words=((1, 2),)))) == [1, 2]
    found = ranked(survey(*rows, words=((1, 2),)), wanted=Wanted(when=True))
    assert list(found) == [2, 1]
    assert found[2]["when"] == TELLS_WHEN


def test_the_time_that_is_asked_about_ranks_and_excludes_nothing() -> None:
    wanted = Wanted(times=[0.0, 0.5])
    found = ranked(survey(*APART[:2], words=((1, 2),)), wanted=wanted)
    assert list(found) == [2, 1]
    assert found[2]["time"] == THAT_TIME / 2


def test_what_is_of_the_time_is_evidence_where_nothing_else_is_asked_for() -> None:
    times = [1.0, 0.9, 0.0, 0.0]
    assert ranked(survey(*APART), wanted=Wanted(times=times)) == {}
    assert ranked(survey(*APART), wanted=Wanted(times=times, only_then=True)) == {
        1: {"then": THAT_TIME}
    }


def test_a_message_that_only_asks_is_evidence_only_where_questions_are_wanted() -> None:
    rows: list[Row] = [(10, "A", Trait.ONLY_ASKS), (0, "", Trait.ONLY_ASKS), (20, "A", 0)]
    assert list(ranked(survey(*rows, words=((1, 2, 3),)))) == [2, 3]
    found = ranked(survey(*rows, words=((1, 2, 3),)), wanted=Wanted(questions=True))
    assert list(found) == [1, 2, 3]


def test_what_ends_in_a_question_counts_less() -> None:
    found = ranked(survey((10, "A", Trait.ASKS), (20, "A", 0), words=((1, 2),)))
    assert list(found) == [2, 1]
    assert found[1]["asks"] == ASKS


def test_what_the_named_speaker_said_counts_more() -> None:
    rows: list[Row] = [(10, "Ann", 0), (20, "Bo", 0)]
    found = ranked(survey(*rows, words=((1, 2),)), wanted=Wanted(speaker="Bo"))
    assert list(found) == [2, 1]
    assert found[2]["speaker"] == pytest.approx(SPEAKER / 2)
    rows = [(10, "Ann", 0), (20, "Bo", Trait.ASKS)]
    found = ranked(survey(*rows), {1: 0.9, 2: 0.4}, Wanted(speaker="Bo"))
    assert found[2] == {"asks": ASKS}  # not even less


def test_a_speaker_is_asked_for_by_their_first_name_where_several_speak() -> None:
    assert asked_speaker(["Ann Lee", "Bo", ""], "What does Ann's dog eat?") == "Ann Lee"
    assert asked_speaker(["Ann Lee", "Bo"], "Who is Lee?") is None
    assert asked_speaker(["Ann", "Bo"], "Do Ann and Bo dance?") is None
    assert asked_speaker(["Ann", "Bo"], "Who dances?") is None
    assert asked_speaker(["Ann", ""], "What does Ann eat?") is None


def test_only_the_best_so_many_are_ranked() -> None:
    best = Ranking(survey(*APART, words=((1, 2, 3), (2, 3))), {}).best(Wanted(), 2)
    assert list(best) == [2, 3]


def test_what_came_or_went_between_the_queries_is_left_out() -> None:
    found = survey(*APART[:1], words=((1, 99),), entities={98: 1})
    assert list(ranked(found, {1: 0.5, 97: 0.9})) == [1]
    assert ranked(survey()) == {}
