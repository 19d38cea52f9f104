"""How long a job's row keeps the interaction's token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.jobs.advance import advance
from studio.jobs.events import (
    Abandoned,
    Broke,
    Cancelled,
    Deleted,
    Finished,
    GivenUp,
    ImageMissed,
    Shown,
    Started,
    Tidied,
)
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, an_attachment, arrived, posted

SECOND = replace(MESSAGE, id=6, page=1)
PRIVATE = replace(ORIGIN, private=True)
BROKE = Broke(Failure(reason=Reason.SERVICE), 9.0)
STARTED = Started(Path.STREAM, 1.0)


def after(*events, origin=ORIGIN):
    job = a_job(origin=origin)
    for event in events:
        job = advance(job, event)
    return job


def shown(job, *messages, **changes):
    event = Shown(job.version, messages or (MESSAGE,), {0: an_attachment()} if job.images else {}, at=20.0, **changes)
    return advance(job, event)


def done(origin=ORIGIN):
    return after(posted(), STARTED, arrived(0), Finished(9.0), origin=origin)


@pytest.mark.parametrize(
    "events",
    [
        (posted(), STARTED, arrived(0), Finished(9.0)),
        (posted(), STARTED, BROKE),
        (posted(), STARTED, ImageMissed(0, Failure(reason=Reason.CONTENT_REFUSED)), Finished(9.0)),
        (posted(), Cancelled(9.0)),
    ],
    ids=["done", "failed", "refused by the service", "cancelled"],
)
@pytest.mark.parametrize("origin", [ORIGIN, PRIVATE, replace(ORIGIN, token_only=True)])
def test_it_goes_with_the_message_that_shows_the_end(events, origin):
    job = after(*events, origin=origin)
    assert job.origin.token == ORIGIN.token
    assert shown(job).origin == replace(origin, token="")


@pytest.mark.parametrize("events", [(Abandoned(2.0),), (posted(), Deleted(2.0))])
def test_it_goes_at_once_where_nothing_will_be_shown(events):
    assert after(*events).origin.token == ""


def test_a_job_that_runs_on_after_it_was_deleted_drops_it_at_its_end():
    job = after(posted(), STARTED, Deleted(2.0))
    assert job.origin.token
    assert advance(job, BROKE).origin.token == ""


def test_a_replaced_message_keeps_it_until_it_leads_to_its_successor():
    job = shown(done(), SECOND, replaced=(MESSAGE,))
    assert job.replaced
    assert job.origin.token
    assert advance(job, Tidied(frozenset({MESSAGE.id}), 21.0)).origin.token == ""


def test_an_undelivered_result_keeps_it_while_it_can_be_tried_before_the_token_ends():
    job = done()
    early = advance(job, GivenUp(job.version, 30.0))
    assert early.retry_at < ORIGIN.token_expires
    assert early.origin.token
    late = advance(job, GivenUp(job.version, 700.0))
    assert late.retry_at > ORIGIN.token_expires
    assert late.origin.token == ""


def test_a_private_result_of_several_messages_keeps_it_as_delete_reaches_the_others_by_nothing_else():
    assert shown(done(PRIVATE), MESSAGE, SECOND).origin.token
    assert shown(done(), MESSAGE, SECOND).origin.token == ""
