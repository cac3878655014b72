import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.metrics import hit, ndcg, percentile, recall

A, B, C, X = (frozenset({name}) for name in "abcx")
WANTED = A | B

ids = st.frozensets(st.sampled_from("abcdefgh"), max_size=3)


def test_recall_is_the_share_of_what_was_wanted() -> None:
    assert recall([], WANTED) == 0
    assert recall([X, A], WANTED) == 0.5
    assert recall([A, A, X], WANTED) == 0.5
    assert recall([A | B], WANTED) == 1


def test_a_hit_is_any_of_what_was_wanted() -> None:
    assert hit([X, B], WANTED) == 1
    assert hit([X, C], WANTED) == 0
    assert hit([], WANTED) == 0


def test_ndcg_is_one_for_the_best_order_and_less_for_every_later_rank() -> None:
    assert ndcg([A, B, X], WANTED, 10) == 1
    assert ndcg([X, A], A, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg([A, X, B], WANTED, 10) == pytest.approx((1 + 0.5) / (1 + 1 / math.log2(3)))


def test_ndcg_looks_no_deeper_than_asked() -> None:
    assert ndcg([X, X, A], A, 2) == 0
    assert ndcg([A, B], A | B | C | X, 2) == 1


def test_ndcg_counts_a_line_once() -> None:
    assert ndcg([A, A, B], WANTED, 10) == ndcg([A, X, B], WANTED, 10)


@given(st.lists(ids, max_size=12), ids.filter(bool), st.integers(1, 12))
def test_every_measure_is_a_share(
    ranking: list[frozenset[str]], wanted: frozenset[str], depth: int
) -> None:
    for measured in (
        recall(ranking, wanted),
        hit(ranking, wanted),
        ndcg(ranking, wanted, depth),
    ):
        assert 0 <= measured <= 1 + 1e-9


def test_a_percentile_is_one_of_the_values() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert percentile(hundred, 50) == 50
    assert percentile(hundred, 95) == 95
    assert percentile([3.0, 1.0, 2.0], 95) == 3
    assert percentile([7.0], 50) == 7
