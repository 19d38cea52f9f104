"""Which way and which form follow which refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.discord_errors import DiscordRefusal
from cogs.delivery.fallbacks import TRIES, DeliveryMethod, Fallbacks, fallback_order, fallbacks_for
from cogs.delivery.presenter import limits_of
from studio.jobs.images import JobImage
from studio.jobs.messages import MessageForm, Part, Shape
from studio.jobs.states import JobState
from tests.support.jobs import MESSAGE, ORIGIN, a_job, a_picture

PUBLIC = [
    DeliveryMethod.EDIT_BY_TOKEN,
    DeliveryMethod.EDIT_AS_BOT,
    DeliveryMethod.NEW_MESSAGE,
    DeliveryMethod.FOLLOW_UP,
    DeliveryMethod.DIRECT_MESSAGE,
]
LIMITS = (100, 50, 25)


def begun(**changes):
    return Fallbacks(**{"limits": LIMITS, "shape": Shape(), "final": True} | changes)


def ways_for(form):
    """As a presenter offers them: what is drawn of components does not become plain."""
    return [one for one in PUBLIC if not (one.edits and form is MessageForm.ATTACHMENTS)]


def tried(refusal, left=None, most=100):
    """Every form and way that is tried while each is refused so."""
    left, found = left or begun(), []
    while left and len(found) < most:
        way = left.method(0, ways_for(left.shape.form))
        if way is None:
            left = left.simpler()
            continue
        found.append((left.shape.form, way))
        left = left.refused(0, way, refusal)
    return found


def test_a_form_that_is_not_taken_leads_to_ever_simpler_ones_and_elsewhere_at_last():
    assert tried(DiscordRefusal.INVALID) == [
        (MessageForm.GALLERY, DeliveryMethod.EDIT_BY_TOKEN),
        (MessageForm.GALLERY, DeliveryMethod.NEW_MESSAGE),
        (MessageForm.ATTACHMENTS, DeliveryMethod.NEW_MESSAGE),
        (MessageForm.LINKS, DeliveryMethod.EDIT_BY_TOKEN),
        (MessageForm.LINKS, DeliveryMethod.NEW_MESSAGE),
        *((MessageForm.CARD, way) for way in PUBLIC),
    ]


def test_a_way_that_is_closed_leads_to_the_next_in_the_same_form():
    assert tried(DiscordRefusal.CLOSED) == [(MessageForm.GALLERY, way) for way in PUBLIC]


def test_files_that_are_too_large_become_smaller_and_are_linked_at_last():
    left = begun()
    for limit in LIMITS[1:]:
        left = left.refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.TOO_LARGE)
        assert (left.limit, left.shape) == (limit, Shape(limit=limit))
    assert left.refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.TOO_LARGE).shape.form is MessageForm.LINKS


@pytest.mark.parametrize(
    ("refusal", "form", "without"),
    [
        (DiscordRefusal.PICTURES, MessageForm.LINKS, {Part.PICTURES}),
        (DiscordRefusal.WORDS, MessageForm.GALLERY, {Part.PROMPT}),
        (DiscordRefusal.LINK, MessageForm.GALLERY, {Part.PROMPT, Part.LINKS}),
    ],
)
def test_what_is_refused_for_its_content_is_left_out_and_the_way_stays(refusal, form, without):
    left = begun().refused(0, DeliveryMethod.EDIT_BY_TOKEN, refusal)
    assert (left.shape.form, left.shape.without) == (form, without)
    assert left.method(0, PUBLIC) is DeliveryMethod.EDIT_BY_TOKEN


def test_pictures_and_links_that_are_both_refused_leave_the_card():
    left = (
        begun()
        .refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.PICTURES)
        .refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.LINK)
    )
    assert left.shape.form is MessageForm.CARD


@pytest.mark.parametrize(
    "refusal", [DiscordRefusal.INVALID, DiscordRefusal.WORDS, DiscordRefusal.PICTURES, DiscordRefusal.LINK]
)
def test_what_is_being_made_stays_in_its_message_with_all_that_it_holds(refusal):
    found = tried(refusal, begun(final=False))
    assert {form for form, _ in found} <= {MessageForm.GALLERY, MessageForm.LINKS}
    assert {way for _, way in found} == {DeliveryMethod.EDIT_BY_TOKEN}


@pytest.mark.parametrize("refusal", [DiscordRefusal.CLOSED, DiscordRefusal.GONE])
def test_what_is_being_made_moves_where_its_message_is_gone(refusal):
    assert tried(refusal, begun(final=False)) == [(MessageForm.GALLERY, way) for way in PUBLIC]


def test_the_picture_before_is_left_out_first_once():
    left = begun(before=True).refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.INVALID)
    assert (left.shape.form, left.shape.without) == (MessageForm.GALLERY, {Part.BEFORE})
    assert left.method(0, PUBLIC) is DeliveryMethod.EDIT_BY_TOKEN
    assert tried(DiscordRefusal.INVALID, left) == tried(DiscordRefusal.INVALID)


def test_a_token_that_is_dead_is_tried_for_nothing_else():
    left = begun().refused(0, DeliveryMethod.EDIT_BY_TOKEN, DiscordRefusal.TOKEN)
    assert left.method(0, PUBLIC) is DeliveryMethod.EDIT_AS_BOT
    assert left.method(1, [DeliveryMethod.FOLLOW_UP, DeliveryMethod.DIRECT_MESSAGE]) is DeliveryMethod.DIRECT_MESSAGE


def test_a_way_that_is_out_of_order_is_left_after_three_tries():
    left = begun()
    for attempt in range(1, TRIES + 1):
        assert left.method(0, PUBLIC) is DeliveryMethod.EDIT_BY_TOKEN
        left, pause = left.out_of_order(0, DeliveryMethod.EDIT_BY_TOKEN, PUBLIC, lost=False)
        assert pause is (attempt < TRIES)
    assert left.method(0, PUBLIC) is DeliveryMethod.EDIT_AS_BOT


def test_in_an_outage_all_ways_are_tried_once_after_each_pause_for_ever():
    left, rounds = begun(), []
    for _ in range(60):
        way = left.method(0, PUBLIC)
        left, pause = left.out_of_order(0, way, PUBLIC, lost=False)
        rounds.append((way, pause))
    assert rounds[-5:] == [(way, way is PUBLIC[-1]) for way in PUBLIC]


def test_new_messages_whose_answer_is_lost_are_not_sent_for_ever():
    left, sent = begun(), []
    for _ in range(100):
        way = left.method(0, PUBLIC)
        left, _pause = left.out_of_order(0, way, PUBLIC, lost=True)
        sent += [way]
    new = {way: sent.count(way) for way in PUBLIC if not way.edits}
    assert new == {DeliveryMethod.NEW_MESSAGE: TRIES, DeliveryMethod.FOLLOW_UP: 1, DeliveryMethod.DIRECT_MESSAGE: TRIES}


@given(st.lists(st.sampled_from(DiscordRefusal), max_size=200), st.booleans())
def test_whatever_is_refused_there_is_an_end(refusals, final):
    left, count = begun(final=final), 0
    for refusal in [*refusals, *[DiscordRefusal.INVALID] * 100]:
        while left and (way := left.method(0, ways_for(left.shape.form))) is None:
            left = left.simpler()
        if left is None:
            break
        count += 1
        left = left.refused(0, way, refusal)
    assert left is None
    assert count <= 40


# --- ways that are open ---------------------------------------------------------------------------------------------

LIVING, DEAD = 0.0, ORIGIN.token_expires
IN_DM = replace(MESSAGE, channel_id=77, by_token=False)
BY_TOKEN, AS_BOT, ON, NEW, FOLLOW_UP, DM = (
    DeliveryMethod.EDIT_BY_TOKEN, DeliveryMethod.EDIT_AS_BOT, DeliveryMethod.CONTINUATION, DeliveryMethod.NEW_MESSAGE,
    DeliveryMethod.FOLLOW_UP, DeliveryMethod.DIRECT_MESSAGE,
)  # fmt: skip
SERVER, PRIVATE, TOKEN_ONLY = {}, {"private": True}, {"token_only": True}


@pytest.mark.parametrize(
    ("where", "messages", "page", "form", "living", "dead"),
    [
        (SERVER, [MESSAGE], 0, MessageForm.GALLERY, [BY_TOKEN, AS_BOT, NEW, FOLLOW_UP, DM], [AS_BOT, NEW, DM]),
        (SERVER, [MESSAGE], 0, MessageForm.ATTACHMENTS, [NEW, FOLLOW_UP, DM], [NEW, DM]),
        (SERVER, [MESSAGE], 1, MessageForm.GALLERY, [ON, FOLLOW_UP, NEW, DM], [ON, NEW, DM]),
        (SERVER, [IN_DM], 0, MessageForm.GALLERY, [AS_BOT, NEW, FOLLOW_UP, DM], [AS_BOT, NEW, DM]),
        (SERVER, [IN_DM], 1, MessageForm.GALLERY, [DM], [DM]),
        (PRIVATE, [MESSAGE], 0, MessageForm.GALLERY, [BY_TOKEN, FOLLOW_UP, DM], [DM]),
        (PRIVATE, [MESSAGE], 1, MessageForm.GALLERY, [FOLLOW_UP, DM], [DM]),
        (PRIVATE, [IN_DM], 0, MessageForm.GALLERY, [AS_BOT, FOLLOW_UP, DM], [AS_BOT, DM]),
        (PRIVATE, [IN_DM], 1, MessageForm.GALLERY, [DM], [DM]),
        (PRIVATE, [], 0, MessageForm.GALLERY, [FOLLOW_UP, DM], [DM]),
        (TOKEN_ONLY, [MESSAGE], 0, MessageForm.GALLERY, [BY_TOKEN, AS_BOT, FOLLOW_UP, DM], [AS_BOT, DM]),
        (TOKEN_ONLY, [MESSAGE], 1, MessageForm.GALLERY, [FOLLOW_UP, DM], [DM]),
    ],
)
def test_the_ways_that_are_open_best_first(where, messages, page, form, living, dead):
    job = replace(a_job(origin=replace(ORIGIN, **where)), messages=tuple(messages))
    assert fallback_order(job, page, form, LIVING) == living
    assert fallback_order(job, page, form, DEAD) == dead


# --- where to begin ---------------------------------------------------------------------------------------------


def test_what_a_message_has_shown_of_its_place_is_remembered():
    shape = Shape(form=MessageForm.LINKS, without=frozenset({Part.PROMPT}), limit=50)
    job = replace(a_job(), messages=(replace(MESSAGE, shape=shape),))
    running = fallbacks_for(job, LIMITS)
    assert (running.shape, running.limits, running.final) == (shape, (50, 25), False)
    done = fallbacks_for(replace(job, state=JobState.DONE), LIMITS)
    assert (done.shape, done.final) == (replace(shape, form=MessageForm.GALLERY), True)


def test_a_place_that_takes_less_than_all_limits_has_the_least():
    job = replace(a_job(), messages=(replace(MESSAGE, shape=Shape(limit=1)),))
    assert fallbacks_for(job, LIMITS).limits == (25,)


@pytest.mark.parametrize("place", [8, 10, 50, 500])
@pytest.mark.parametrize("size", [0.5, 4, 9, 10, 30])
def test_pictures_become_ever_smaller_until_ten_fit_into_a_request_wherever_they_are_shown(place, size):
    job = a_job(origin=replace(ORIGIN, upload_limit=place * 2**20))
    limits = limits_of(replace(job, images=(JobImage(index=0, picture=a_picture(size=int(size * 2**20))),)))
    assert limits == sorted(set(limits), reverse=True)
    assert limits[0] == place * 2**20
    assert limits[-1] <= 2 * 2**20


def test_where_pictures_were_refused_it_begins_with_links():
    refused = Shape(without=frozenset({Part.PICTURES}))
    job = replace(a_job(), state=JobState.DONE, messages=(replace(MESSAGE, shape=refused),))
    assert fallbacks_for(job, LIMITS).shape.form is MessageForm.LINKS
