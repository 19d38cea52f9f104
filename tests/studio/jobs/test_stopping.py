"""A job that is stopped: what isn't sent is free, what was is billed, and nothing that comes afterwards is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.advance import advance
from studio.jobs.events import (
    Broke,
    Cancelled,
    Deleted,
    Dropped,
    Finished,
    GivenUp,
    ImageArrived,
    ImageDropped,
    ImageMade,
    ImageMissed,
    Late,
    Mentioned,
    Requeued,
    Shown,
    Started,
    Submitted,
)
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, an_attachment, arrived, posted

REFUSED = Failure(reason=Reason.CONTENT_REFUSED)
LOST = Failure(reason=Reason.LOST)
START = Started(Path.STREAM, 1.0)
WANTED = 4

indexes = st.integers(0, WANTED - 1)
sent = st.one_of(
    st.sampled_from([Cancelled(2.0), Dropped(2.0), Dropped(3.0), START, Started(Path.POLL, 3.0), Deleted(4.0)]),
    st.sampled_from([Submitted("task-1", None), Late(), Finished(5.0), Broke(LOST, 5.0)]),
    indexes.map(arrived),
    indexes.map(lambda index: ImageMade(index, f"https://files.example/{index}.jpeg")),
    indexes.map(lambda index: ImageMissed(index, REFUSED)),
    indexes.map(lambda index: ImageMissed(index, LOST, f"https://files.example/{index}.jpeg", again=True)),
)
lives = st.lists(sent, max_size=14)


def lived(events, job=None):
    """Every job on the way there."""
    jobs = [job or reduce(advance, [posted()], a_job(group=WANTED))]
    for event in events:
        jobs.append(advance(jobs[-1], event))
    return jobs


def kept(job):
    """Everything of a job's images that a member can see or the bot has."""
    return {(image.index, image.picture, image.link) for image in job.images if image.picture or image.link}


@given(lives)
def test_in_whatever_order_things_happen_what_is_made_is_charged_once_and_what_is_not_sent_is_free(events):
    jobs = lived(events)
    job = jobs[-1]
    if job.state in {JobState.DONE, JobState.FAILED}:
        assert job.spent == sum(image.made for image in job.images) <= WANTED
        assert len({image.index for image in job.images}) == len(job.images)
    if job.state is JobState.CANCELLED:
        assert (job.spent, job.started_at) == (0, None)
    firsts = [before for before, after in pairwise(jobs) if after.state.final and not before.state.final]
    assert len(firsts) <= 1
    assert all(before.spent == 0 for before in firsts)


@given(lives)
def test_nothing_that_comes_after_a_drop_is_kept_or_shown_and_nothing_that_was_there_goes(events):
    jobs = lived(events)
    for before, after in pairwise(jobs):
        if before.dropped_at is not None:
            assert kept(after) == kept(before)
            assert after.dropped_at == before.dropped_at
            assert after.state is not JobState.CANCELLED
        elif after.dropped_at is not None:
            assert kept(after) <= kept(before)
            assert [image for image in before.images if image.arrived] == [
                image for image in after.images if image.arrived
            ]


@given(lives)
def test_a_drop_changes_no_charge(events):
    def charge(life):
        job = reduce(advance, life, lived([START])[-1])
        return job.state, job.spent, [(image.index, image.made) for image in job.images]

    without = [event for event in events if not isinstance(event, Dropped | ImageMade)]
    for at in range(len(without) + 1):
        assert charge([*without[:at], Dropped(2.5), *without[at:]]) == charge(without)


@given(lives)
def test_every_event_that_comes_twice_changes_nothing_the_second_time(events):
    for event, after in zip(events, lived(events)[1:], strict=True):
        if not isinstance(event, ImageMade | ImageMissed | ImageArrived) or after.dropped_at is not None:
            assert advance(after, event) is after


# --- particulars ------------------------------------------------------------------------------------------------------


def after(*events, **request):
    return reduce(advance, events, a_job(**request))


def test_what_was_not_sent_is_cancelled_by_either_press_and_can_not_start_afterwards():
    for press in (Cancelled(2.0), Dropped(2.0)):
        job = after(posted(), press)
        assert (job.state, job.finished_at, job.dropped_at) == (JobState.CANCELLED, 2.0, None)
        assert advance(job, START) is job


def test_what_is_stopped_between_two_tries_is_cancelled_as_it_was_not_accepted():
    job = after(posted(), START, Dropped(2.0), Requeued())
    assert (job.state, job.finished_at, job.spent, job.dropped_at) == (JobState.CANCELLED, 2.0, 0, None)
    assert job.shown_version < job.version
    assert advance(job, Started(Path.STREAM, 3.0)) is job
    again = after(posted(), START, Requeued(), Cancelled(2.0))
    assert (again.state, again.spent) == (JobState.CANCELLED, 0)


def test_what_had_arrived_stays_and_of_what_comes_then_only_its_number():
    link = ImageMade(1, "https://files.example/1.jpeg")
    events = (arrived(0), link, Dropped(2.0), arrived(1), ImageDropped(2), ImageMissed(3, REFUSED), Finished(5.0))
    job = after(posted(), START, *events, group=4)
    assert (job.state, job.spent, job.failure) == (JobState.DONE, 3, None)
    assert [image.dropped for image in job.images] == [False, True, True, False]
    assert [bool(image.picture or image.link) for image in job.images] == [True, False, False, False]


def test_only_the_drop_and_the_end_are_shown():
    job = after(posted(), START, arrived(0), Dropped(2.0), group=4)
    assert job.shown_version < job.version
    shown = replace(job, shown_version=job.version)
    counted = reduce(advance, [arrived(1), ImageMissed(2, REFUSED), Submitted("task-1", None)], shown)
    assert counted.shown_version == counted.version
    assert advance(counted, Finished(5.0)).shown_version < advance(counted, Finished(5.0)).version


def private(*events):
    origin = replace(ORIGIN, private=True, token_expires=900.0)
    return reduce(advance, events, replace(a_job(), origin=origin))


def test_no_message_is_sent_only_to_say_what_a_stopped_job_cost():
    job = private(posted(), START, Dropped(2.0))
    job = replace(job, shown_version=job.version)
    assert advance(job, Late()) is job
    reached, late = (advance(advance(job, arrived(0)), Finished(at)) for at in (890.0, 950.0))
    assert (reached.spent, reached.shown_version < reached.version) == (1, True)
    assert (late.spent, late.settled) == (1, True)


@pytest.mark.parametrize(("made", "undelivered"), [((), False), ((arrived(0),), True)])
def test_of_a_stopped_job_that_can_not_be_shown_only_pictures_are_kept_for_its_member(made, undelivered):
    job = after(posted(), START, *made, Dropped(2.0), arrived(1), Finished(5.0), group=4)
    given_up = advance(job, GivenUp(job.version, 6.0))
    assert (given_up.undelivered, given_up.settled) == (undelivered, True)


# --- mentions ---------------------------------------------------------------------------------------------------------


def shown(job, message=MESSAGE):
    return advance(job, Shown(job.version, (message,), {0: an_attachment()}, at=90.0))


def ended(at, *events, mention=True):
    job = replace(after(posted(), START), mention=mention)
    return reduce(advance, events or (arrived(0), Finished(at)), job)


@pytest.mark.parametrize(
    ("job", "mentioned"),
    [
        (ended(61.0), True),
        (ended(61.0, Broke(LOST, 61.0)), True),
        (ended(59.0), False),
        (ended(61.0, mention=False), False),
        (ended(61.0, arrived(0), Dropped(30.0), Finished(61.0)), False),
        (ended(61.0, arrived(0)), False),
        (after(posted(), Cancelled(61.0)), False),
        (ended(61.0, arrived(0), Finished(61.0), Deleted(62.0)), False),
    ],
    ids=["done", "failed", "quick", "not wanted", "stopped", "running", "cancelled", "deleted"],
)
def test_who_wants_it_is_mentioned_where_it_took_over_a_minute_and_that_is_noted_as_its_end_is_shown(job, mentioned):
    assert shown(job).mentioned_at == (90.0 if mentioned else None)


def test_a_new_message_has_mentioned_the_member_already():
    assert shown(ended(61.0), replace(MESSAGE, id=6)).mentioned_at is None


def test_the_message_that_mentions_the_member_is_noted_once_and_needs_no_edit():
    before = shown(ended(61.0))
    noted = advance(before, Mentioned(MESSAGE.id, 77))
    assert (noted.messages[0].mention, noted.settled) == (77, True)
    assert advance(noted, Mentioned(MESSAGE.id, 77)) is noted
    assert advance(before, Mentioned(99, 77)) is before
    assert advance(advance(before, Deleted(91.0)), Mentioned(MESSAGE.id, 77)).messages[0].mention == 77


def test_nobody_is_mentioned_twice():
    noted = shown(ended(61.0))
    later = advance(replace(noted, version=noted.version + 1), Shown(noted.version + 1, (MESSAGE,), {}, at=99.0))
    assert (later.mentioned_at, later.settled) == (90.0, True)
