"""What Discord has refused of a job, and when it is to be asked for again."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from studio.jobs.advance import advance
from studio.jobs.events import (
    Cancelled,
    Deleted,
    Finished,
    GivenUp,
    ImageMissed,
    Late,
    LinksRenewed,
    Posted,
    Shown,
    Started,
    Submitted,
    Tidied,
)
from studio.jobs.job import UNDELIVERED_SECONDS
from studio.jobs.links import LINK_SECONDS, RENEWAL_SHARE
from studio.jobs.projection import RETRY_LEAST_SECONDS
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, an_attachment, arrived, posted

OTHER, THIRD = replace(MESSAGE, id=6), replace(MESSAGE, id=7)
ENDED_AT = 100.0


def after(*events, job=None):
    return reduce(advance, events, job or a_job())


def done():
    return after(posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(ENDED_AT))


def shown(job, *messages, replaced=()):
    return advance(job, Shown(job.version, messages, {0: an_attachment()}, replaced))


def given_up(job, at=ENDED_AT):
    return advance(job, GivenUp(job.version, at))


# --- messages that others have replaced -----------------------------------------------------------------------------


def test_a_message_that_was_edited_is_not_replaced():
    job = shown(done(), MESSAGE)
    assert (job.replaced, job.retry_at) == ((), None)


def test_what_others_have_replaced_is_to_lead_there_from_then_on():
    job = shown(done(), THIRD, replaced=(OTHER,))
    assert (job.messages, job.replaced) == ((THIRD,), (MESSAGE, OTHER))
    assert job.retry_at <= ENDED_AT
    assert job.settled


def test_what_leads_there_or_is_gone_is_left_alone_and_the_rest_is_tried_again():
    job = shown(done(), THIRD, replaced=(OTHER,))
    job = advance(job, Tidied(frozenset({MESSAGE.id}), ENDED_AT + 1))
    assert (job.replaced, job.retry_at) == ((OTHER,), ENDED_AT + 1 + RETRY_LEAST_SECONDS)
    job = advance(job, Tidied(frozenset({OTHER.id}), ENDED_AT + 99))
    assert (job.replaced, job.retry_at, job.settled) == ((), None, True)


def test_messages_that_are_replaced_again_and_again_are_all_remembered():
    job = shown(after(posted(), Started(Path.STREAM, 1.0), arrived(0)), OTHER)
    job = shown(after(arrived(1), Finished(ENDED_AT), job=job), THIRD)
    assert job.replaced == (MESSAGE, OTHER)


def test_each_pause_is_as_long_as_all_before_it_so_that_few_tries_reach_far():
    job, at, tries = shown(done(), OTHER), ENDED_AT, 0
    while at < ENDED_AT + 365 * 24 * 3600:
        job, tries = advance(job, Tidied(frozenset(), at)), tries + 1
        assert job.retry_at - at >= max(RETRY_LEAST_SECONDS, at - ENDED_AT)
        at = job.retry_at
    assert tries <= 24


# --- results that were not delivered --------------------------------------------------------------------------------


def test_what_was_not_delivered_is_tried_again_until_it_is():
    job = given_up(done())
    assert (job.undelivered, job.retry_at, job.messages) == (True, ENDED_AT + RETRY_LEAST_SECONDS, (MESSAGE,))
    later = given_up(job, ENDED_AT + 600)
    assert (later.undelivered, later.retry_at, later.settled) == (True, ENDED_AT + 1200, True)
    delivered = shown(later, OTHER)
    assert (delivered.undelivered, delivered.messages, delivered.replaced) == (False, (OTHER,), (MESSAGE,))


def test_while_a_job_is_made_its_own_process_tries_again():
    job = given_up(after(posted(), Started(Path.STREAM, 1.0), arrived(0)))
    assert (job.undelivered, job.retry_at) == (True, None)


@pytest.mark.parametrize(
    ("job", "at", "settled"),
    [(done, ENDED_AT + UNDELIVERED_SECONDS + 1, True), (lambda: after(posted(), Cancelled(1.0)), ENDED_AT, True)],
    ids=["too old", "cancelled"],
)
def test_of_what_nobody_can_have_any_more_the_messages_are_to_go(job, at, settled):
    job = given_up(replace(job(), replaced=(OTHER,)), at)
    assert (job.undelivered, job.messages, job.replaced) == (False, (), (OTHER, MESSAGE))
    assert (job.settled, job.retry_at > at) == (settled, True)


def test_what_nobody_can_have_any_more_and_has_no_messages_is_not_tried_again():
    job = given_up(replace(done(), messages=()), ENDED_AT + UNDELIVERED_SECONDS + 1)
    assert (job.undelivered, job.retry_at, job.settled) == (False, None, True)


def test_a_result_is_kept_for_a_week_to_the_second():
    assert given_up(done(), ENDED_AT + 7 * 24 * 3600.0).undelivered
    assert not given_up(done(), ENDED_AT + 7 * 24 * 3600.0 + 0.1).undelivered


def test_a_job_that_is_still_being_made_is_kept_however_old_it_is():
    running = after(posted(), Started(Path.POLL, 1.0), arrived(0))
    assert given_up(running, ENDED_AT + 2 * UNDELIVERED_SECONDS).undelivered


def test_the_first_pause_is_a_minute():
    assert given_up(done()).retry_at == ENDED_AT + 60.0


def test_what_is_shown_by_now_is_not_given_up():
    job = shown(done(), MESSAGE)
    assert given_up(job) is job


@pytest.mark.parametrize("version", [-1, 1])
def test_giving_up_a_version_that_is_not_there_or_is_no_longer_the_latest_changes_nothing(version):
    job = given_up(done())
    assert advance(job, GivenUp(job.version + version, ENDED_AT + 600)) is job


def test_giving_up_again_what_its_own_process_still_tries_changes_nothing():
    job = given_up(after(posted(), Started(Path.STREAM, 1.0), arrived(0)))
    assert given_up(job, ENDED_AT + 1) is job


@pytest.mark.parametrize(("version", "taken"), [(-1, False), (0, True), (1, False)])
def test_of_what_was_given_up_only_the_latest_version_can_still_be_shown(version, taken):
    job = given_up(done())
    assert (advance(job, Shown(job.version + version, (MESSAGE,), {})) is not job) is taken


@pytest.mark.parametrize(("version", "taken"), [(0, False), (1, True), (2, False)])
def test_what_is_shown_must_be_newer_than_what_was_and_no_newer_than_the_row(version, taken):
    job = shown(after(posted(), Started(Path.STREAM, 1.0), arrived(0)), MESSAGE)
    job = after(arrived(1), job=job)
    assert (advance(job, Shown(job.version - 1 + version, (MESSAGE,), {})) is not job) is taken


def test_what_was_not_delivered_is_still_tried_when_its_old_messages_are_gone():
    job = given_up(replace(done(), replaced=(OTHER,)))
    job = advance(job, Tidied(frozenset({OTHER.id}), ENDED_AT + 600))
    assert (job.replaced, job.retry_at) == ((), ENDED_AT + 1200)


def test_while_a_job_is_made_what_it_has_tidied_is_not_looked_at_again():
    job = given_up(replace(after(posted(), Started(Path.STREAM, 1.0), arrived(0)), replaced=(OTHER,)))
    assert advance(job, Tidied(frozenset({OTHER.id}), ENDED_AT)).retry_at is None


def test_tidying_that_changes_nothing_gives_the_same_job_back():
    job = shown(done(), MESSAGE)
    assert advance(job, Tidied(frozenset({99}), ENDED_AT)) is job


def test_of_what_its_member_has_deleted_only_old_messages_are_left_to_do():
    assert advance(given_up(done()), Deleted(ENDED_AT + 1)).retry_at is None
    deleted = advance(shown(done(), OTHER), Deleted(ENDED_AT + 1))
    assert (deleted.replaced, deleted.retry_at is not None) == ((MESSAGE,), True)
    assert advance(deleted, Tidied(frozenset({MESSAGE.id}), ENDED_AT + 2)).retry_at is None


# --- a token that ends before its job -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "message", "late"),
    [
        (replace(ORIGIN, private=True), MESSAGE, True),
        (replace(ORIGIN, token_only=True), MESSAGE, True),
        (ORIGIN, MESSAGE, False),
        (ORIGIN, replace(MESSAGE, ephemeral=True), True),
        (replace(ORIGIN, private=True), replace(MESSAGE, by_token=False), False),
    ],
    ids=["private", "out of the bot's reach", "in a server", "made private by Discord", "a direct message"],
)
def test_only_what_a_token_alone_can_change_is_late(origin, message, late):
    job = after(Posted(message), job=a_job(origin=origin))
    assert job.by_token_alone is late
    told = advance(job, Late())
    assert told.late is late
    assert (told.shown_version < told.version) is late
    assert advance(told, Late()) is told


def test_what_has_ended_is_not_late():
    job = after(posted(), Cancelled(1.0), job=a_job(origin=replace(ORIGIN, private=True)))
    assert job.state is JobState.CANCELLED
    assert advance(job, Late()) is job


# --- pictures that are shown neither as a file nor as a link, or only as one ----------------------------------------


def partly_shown(job, at):
    return advance(job, Shown(job.version, (MESSAGE,), {0: an_attachment()}, at=at, kept=True))


def test_a_picture_that_only_its_file_has_is_kept_and_tried_again_after_growing_pauses():
    job = partly_shown(done(), ENDED_AT + 1)
    assert (job.undelivered, job.settled, job.messages) == (True, True, (MESSAGE,))
    assert job.retry_at == ENDED_AT + 1 + RETRY_LEAST_SECONDS
    job = partly_shown(job, ENDED_AT + 5000)
    assert job.retry_at == ENDED_AT + 10_000
    assert not shown(job, MESSAGE).undelivered


def test_after_a_week_it_is_kept_no_longer_and_what_is_shown_stays():
    job = partly_shown(partly_shown(done(), ENDED_AT + 1), ENDED_AT + UNDELIVERED_SECONDS + 1)
    assert (job.undelivered, job.messages, job.replaced, job.retry_at) == (False, (MESSAGE,), (), None)


LINK, NEW = "https://files.example/0.jpeg", "https://files.example/new.jpeg"
DUE = 1.0 + LINK_SECONDS * RENEWAL_SHARE


def linked(by_token=False, private=False):
    missed = ImageMissed(0, Failure(reason=Reason.PICTURE), LINK)
    message = replace(MESSAGE, by_token=by_token)
    begun = after(Posted(message), Started(Path.POLL, 1.0), Submitted("task-1", None), missed, Finished(ENDED_AT))
    job = replace(begun, origin=replace(begun.origin, private=private))
    return advance(job, Shown(job.version, (message,), {}))


def test_a_link_that_stands_for_a_picture_is_due_before_it_dies():
    job = linked()
    assert (job.retry_at, job.undelivered, job.settled) == (DUE, False, True)


def test_a_new_link_is_shown_and_is_due_in_its_turn():
    job = advance(linked(), LinksRenewed({0: NEW, 1: "https://files.example/other"}, DUE))
    assert (job.images[0].link, job.images[0].renewed_at, len(job.images)) == (NEW, DUE, 1)
    assert not job.settled
    assert job.retry_at == DUE + LINK_SECONDS * RENEWAL_SHARE


def test_a_new_link_where_the_message_can_not_be_edited_is_only_kept():
    job = advance(linked(by_token=True, private=True), LinksRenewed({0: NEW}, DUE))
    assert (job.images[0].link, job.settled) == (NEW, True)


@pytest.mark.parametrize("links", [{}, {0: LINK}, {3: NEW}])
def test_where_there_is_no_new_link_nothing_is_tried_again(links):
    job = advance(linked(), LinksRenewed(links, DUE))
    assert (job.images, job.retry_at, job.settled) == (linked().images, None, True)
    assert advance(job, LinksRenewed(links, DUE + 60)) is job


def test_what_is_on_discord_or_deleted_needs_no_new_link():
    job = shown(done(), MESSAGE)
    assert advance(job, LinksRenewed({0: NEW}, DUE)) is job
    deleted = advance(linked(), Deleted(ENDED_AT + 1))
    assert advance(deleted, LinksRenewed({0: NEW}, DUE)) is deleted


def test_a_link_that_is_shown_late_is_renewed_at_once():
    late = DUE + 60.0
    job = linked()
    job = advance(replace(job, shown_version=job.version - 1), Shown(job.version, (MESSAGE,), {}, at=late))
    assert job.retry_at == DUE
    assert advance(job, LinksRenewed({}, late + 1)).retry_at is None
