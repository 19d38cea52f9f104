"""Changes of lists, which two admins may make at once; and how the audit log has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.guilds.changes import audit_values, items_of, with_list
from studio.guilds.settings import GuildSettings, InvalidSettingError

ids = st.frozensets(st.integers(1, 30), max_size=12)


@given(before=ids, added=ids, removed=ids)
def test_added_items_are_in_removed_ones_are_not_and_the_rest_stays(before, added, removed):
    after = with_list(GuildSettings(banned=before), "banned", added=added, removed=removed).banned
    assert after == (before - removed) | added


@given(start=ids, first=ids, second=ids)
def test_two_admins_who_start_from_the_same_list_both_succeed(start, first, second):
    """Each chose anew in a list that both saw as it was: only where they contradict does the later one count."""
    settings = GuildSettings(banned=start)
    for meant in (first, second):
        settings = with_list(settings, "banned", added=meant - start, removed=start - meant)
    assert settings.banned >= (first - start) | (second - start)
    assert not settings.banned & (start - first) - second
    assert not settings.banned & (start - second)


def test_a_channel_is_in_one_of_the_two_lists():
    settings = with_list(GuildSettings(channels_allowed=frozenset({1, 2})), "channels_denied", added={2, 3})
    assert (settings.channels_allowed, settings.channels_denied) == ({1}, {2, 3})
    settings = with_list(settings, "channels_allowed", added={3}, removed={1})
    assert (settings.channels_allowed, settings.channels_denied) == ({3}, {2})


def test_words_keep_their_order_and_the_same_word_is_kept_once():
    settings = with_list(GuildSettings(blocked_words=("gore", "blood")), "blocked_words", added=["Fox", "GORE"])
    assert settings.blocked_words == ("gore", "blood", "Fox")


def test_a_list_that_is_too_long_is_refused():
    with pytest.raises(InvalidSettingError) as refused:
        with_list(GuildSettings(), "channels_allowed", added=range(1, 252))
    assert (refused.value.problem, refused.value.limit) == ("too_long", 250)


AUDIT_VALUES = [
    (None, "doubao-seedream-4.0", (None, "doubao-seedream-4.0")),
    (None, True, (None, "on")),
    (True, False, ("on", "off")),
    (33, None, ("33", None)),
    ("UTC", "Europe/Berlin", ("UTC", "Europe/Berlin")),
    (frozenset({1, 20, 3}), frozenset({3, 4}), ("1, 20", "4")),
    (frozenset(), frozenset({2}), (None, "2")),
    (("red fox", "gore"), ("gore",), ("red fox", None)),
]


@pytest.mark.parametrize(("before", "now", "values"), AUDIT_VALUES)
def test_the_audit_log_has_values_as_text_and_of_lists_only_what_changed(before, now, values):
    assert audit_values(before, now) == values


def test_the_items_of_a_list_can_be_read_back():
    assert items_of(audit_values(frozenset(), frozenset({11, 2}))[1]) == ["2", "11"]
    assert items_of(None) == []
