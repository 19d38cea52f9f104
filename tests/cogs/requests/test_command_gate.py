"""Who may use a command, by what admins chose for it and for the whole application."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.requests.command_gate import CHANNEL, ROLE, USER, Presser, is_allowed

GUILD, BEN, CURATOR, TREASURER, GENERAL, GALLERY = 100, 1, 2, 3, 4, 5
BEN_IN_GENERAL = Presser(guild_id=GUILD, user_id=BEN, role_ids=frozenset({CURATOR, TREASURER}), channel_id=GENERAL)
EVERYONE, EVERYWHERE = (ROLE, GUILD), (CHANNEL, GUILD - 1)

entries = st.dictionaries(
    st.sampled_from([(USER, BEN), (ROLE, CURATOR), (ROLE, TREASURER), EVERYONE, EVERYWHERE, (CHANNEL, GENERAL)]),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("own", "whole", "allowed"),
    [
        ({(USER, BEN): True}, {}, True),
        ({(ROLE, CURATOR): True}, {}, True),
        ({(ROLE, CURATOR): False, (ROLE, TREASURER): True}, {}, True),
        ({(ROLE, CURATOR): True, (USER, BEN): False}, {}, False),
        ({EVERYONE: True}, {}, True),
        ({EVERYONE: False, (ROLE, CURATOR): True}, {}, True),
        ({EVERYONE: False}, {(ROLE, CURATOR): True}, False),
        ({(ROLE, CURATOR): True}, {(USER, BEN): False, EVERYONE: False}, True),
        ({}, {(ROLE, CURATOR): True}, True),
        ({}, {EVERYONE: True}, False),  # that is how it is before anybody chooses
        ({(USER, BEN): True, (CHANNEL, GENERAL): False}, {}, False),
        ({(USER, BEN): True, EVERYWHERE: False}, {}, False),
        ({(USER, BEN): True, EVERYWHERE: False, (CHANNEL, GENERAL): True}, {}, True),
        ({(USER, BEN): True, (CHANNEL, GENERAL): True}, {EVERYWHERE: False}, True),
        ({(USER, BEN): True}, {EVERYWHERE: False, (CHANNEL, GALLERY): True}, False),
        ({(CHANNEL, GENERAL): True}, {}, False),  # a channel gives nobody the command
        ({(USER, CURATOR): True, (ROLE, BEN): True}, {}, False),  # ids are of one kind
    ],
)
def test_what_admins_chose_decides_for_a_member_without_the_default_permission(own, whole, allowed):
    assert is_allowed(own, whole, BEN_IN_GENERAL, by_default=False) is allowed


@pytest.mark.parametrize(
    ("own", "whole", "allowed"),
    [
        ({}, {}, True),
        ({}, {EVERYONE: True}, True),
        ({}, {EVERYONE: False}, False),
        ({EVERYONE: False}, {}, False),
        ({(USER, BEN): False}, {}, False),
        ({(ROLE, CURATOR): False}, {(USER, BEN): True}, False),
        ({(CHANNEL, GENERAL): False}, {}, False),
        ({(CHANNEL, GALLERY): False}, {}, True),
    ],
)
def test_the_default_permission_counts_unless_admins_chose_otherwise(own, whole, allowed):
    assert is_allowed(own, whole, BEN_IN_GENERAL, by_default=True) is allowed


@given(entries, entries)
def test_the_default_permission_never_takes_a_command_away(own, whole):
    assert is_allowed(own, whole, BEN_IN_GENERAL, by_default=True) >= is_allowed(
        own, whole, BEN_IN_GENERAL, by_default=False
    )


@given(entries, entries, st.sampled_from([(USER, BEN), EVERYWHERE, (CHANNEL, GENERAL)]))
def test_a_denied_member_or_channel_is_not_let_in_by_more_that_is_allowed(own, whole, denied):
    own = {key: allowed for key, allowed in own.items() if key[0] != denied[0]} | {denied: False}
    assert not is_allowed(own, whole, BEN_IN_GENERAL, by_default=True)
