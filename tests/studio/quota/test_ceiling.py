"""When the operator is alerted about the use of the day's limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.quota.ceiling import CeilingUse, SentAlert, next_alert

DAY = 86_400.0
TODAY = 20_000 * DAY


def use(used, limit=100, *, day=TODAY, needs=1):
    return CeilingUse(limit=limit, used=used, day=day, ends=day + DAY, needs=needs)


def told_by(*uses):
    """The level of each alert."""
    told, levels = None, []
    for one in uses:
        if new := next_alert(one, told):
            told = new
            levels.append(new.level)
    return levels


@pytest.mark.parametrize(
    ("used", "limit", "level"),
    [
        (0, 100, 0), (49, 100, 0), (50, 100, 50), (79, 100, 50), (80, 100, 80), (99, 100, 80), (100, 100, 100),
        (0, 1, 0), (1, 1, 100), (1, 2, 50), (2, 2, 100), (1, 3, 0), (2, 3, 50), (3, 7, 0), (4, 7, 50), (6, 7, 80),
        (120, 100, 100),
    ],
)  # fmt: skip
def test_a_level_is_reached_when_so_much_is_used(used, limit, level):
    assert use(used, limit).level == level


def test_a_limit_that_has_too_little_left_for_a_picture_is_used_up():
    assert use(6, 7, needs=2).is_used_up
    assert not use(5, 7, needs=2).is_used_up


def test_each_level_is_told_once_a_day():
    assert told_by(*map(use, range(101))) == [50, 80, 100]


def test_credits_that_come_back_and_are_used_again_are_not_told_again():
    assert told_by(use(50), use(35), use(55), use(85), use(60), use(82), use(100), use(90), use(100)) == [50, 80, 100]


def test_what_passes_several_levels_at_once_is_told_once():
    assert told_by(use(1, 1), use(1, 1)) == [100]
    assert told_by(use(90), use(91)) == [80]


def test_the_next_day_all_are_told_again():
    assert told_by(use(100), use(0, day=TODAY + DAY), use(50, day=TODAY + DAY), use(100, day=TODAY + DAY)) == [
        100, 50, 100,
    ]  # fmt: skip


def test_a_process_whose_clock_is_behind_tells_nothing_of_yesterday():
    assert told_by(use(50, day=TODAY + DAY), use(80, day=TODAY)) == [50]


def test_of_a_limit_that_is_raised_during_the_day_the_levels_above_the_told_use_are_told():
    assert told_by(use(8, 10), use(8, 100), use(49, 100), use(50, 100), use(80, 100), use(100, 100)) == [
        80,
        50,
        80,
        100,
    ]
    assert told_by(use(10, 10), use(10, 20), use(12, 20), use(16, 20), use(20, 20), use(20, 20)) == [100, 80, 100]


def test_a_limit_that_is_lowered_during_the_day_is_told_by_its_new_levels():
    assert told_by(use(50), use(50, 60), use(50, 50), use(50, 50)) == [50, 80, 100]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from([0, 1, 2])), max_size=40))
def test_on_no_day_is_any_level_of_a_limit_told_twice_however_often_that_is_raised(steps):
    told, alerts = None, []
    for used, limit, days in sorted(steps, key=lambda step: (step[2], step[1])):
        if told := (new := next_alert(use(used, limit, day=TODAY + days * DAY), told)) or told:
            alerts += [(told.day, told.level, told.limit)] if new else []
    assert len(alerts) == len(set(alerts))
    assert isinstance(told, SentAlert | None)
