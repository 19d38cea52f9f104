"""`advance`: a fold that nothing repeated, late or shuffled can confuse."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.advance import advance
from studio.jobs.arrivals import MOST_IMAGES
from studio.jobs.events import (
    Abandoned,
    Broke,
    Cancelled,
    Deleted,
    Finished,
    GivenUp,
    ImageMissed,
    Late,
    Moved,
    Posted,
    Requeued,
    Shown,
    Started,
    Submitted,
    Tidied,
)
from studio.jobs.job import UNDELIVERED_SECONDS
from studio.jobs.messages import PostedMessage
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, an_attachment, arrived, posted

REFUSED = Failure(reason=Reason.CONTENT_REFUSED, detail="no", trace_id="t-1")
CUT = Failure(reason=Reason.CUT)
OTHER_MESSAGE = PostedMessage(id=6, channel_id=3, by_token=True, drawing="later")
THIRD_MESSAGE = replace(OTHER_MESSAGE, id=7)

EVENTS = st.one_of(
    st.just(posted()),
    st.sampled_from([Started(Path.STREAM, 1.0), Started(Path.POLL, 2.0)]),
    st.just(Requeued()),
    st.builds(Moved, st.integers(0, 3)),
    st.builds(Cancelled, st.floats(0, 9)),
    st.builds(Submitted, st.sampled_from([None, "task-1", "task-2"]), st.sampled_from([None, "trace-1"])),
    st.builds(arrived, st.integers(0, MOST_IMAGES + 5)),
    st.builds(ImageMissed, st.integers(0, 5), st.just(REFUSED), st.sampled_from([None, "https://files.example/0"])),
    st.builds(Finished, st.floats(0, 9)),
    st.builds(Broke, st.sampled_from([REFUSED, CUT]), st.floats(0, 9)),
    st.builds(Abandoned, st.floats(0, 9)),
    st.just(Late()),
    st.builds(
        Shown,
        st.integers(0, 12),
        st.sampled_from([(MESSAGE,), (OTHER_MESSAGE,)]),
        st.just({0: an_attachment()}),
        st.sampled_from([(), (THIRD_MESSAGE,)]),
    ),
    st.builds(GivenUp, st.integers(0, 12), st.sampled_from([3.0, 100.0, 2 * UNDELIVERED_SECONDS])),
    st.builds(Tidied, st.sets(st.sampled_from([5, 6, 7])).map(frozenset), st.floats(0, 1000)),
    st.builds(Deleted, st.floats(0, 9)),
)


def after(*events, **request):
    return reduce(advance, events, a_job(**request))


def test_a_single_image_is_done_and_costs_one():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(), Finished(2.0))
    assert (job.state, job.spent, job.finished_at) == (JobState.DONE, 1, 2.0)
    assert job.shown_version < job.version


@pytest.mark.parametrize(("asked", "shown"), [(False, False), (False, True), (True, True), (True, False)])
def test_what_discord_shows_to_the_member_alone_is_private_and_nothing_private_becomes_public(asked, shown):
    job = a_job(origin=replace(ORIGIN, private=asked))
    job = advance(job, Posted(replace(MESSAGE, ephemeral=shown)))
    assert job.origin == replace(ORIGIN, private=asked or shown)
    assert job.shown_version == job.version


def test_only_what_still_waits_can_be_cancelled_and_it_costs_nothing():
    waiting = after(posted(), Cancelled(2.0))
    assert (waiting.state, waiting.spent, waiting.finished_at) == (JobState.CANCELLED, 0, 2.0)
    assert waiting.shown_version < waiting.version
    running = after(posted(), Started(Path.STREAM, 1.0), Cancelled(2.0))
    assert running.state is JobState.RUNNING


def test_a_cancelled_job_is_never_started():
    assert after(posted(), Cancelled(2.0), Started(Path.STREAM, 3.0)).state is JobState.CANCELLED


def test_who_was_told_of_a_queue_is_told_that_it_moves_and_that_it_is_over():
    moved = after(posted(), Moved(2))
    assert (moved.place, moved.shown_version < moved.version) == (2, True)
    assert advance(moved, Moved(2)) is moved
    started = advance(moved, Started(Path.STREAM, 1.0))
    assert (started.place, started.shown_version < started.version) == (0, True)


def test_what_no_message_shows_costs_no_edit():
    job = after(posted(), Started(Path.POLL, 1.0), Submitted("task-1", "trace-1"))
    assert job.shown_version == job.version
    assert (job.state, job.task_id, job.trace_id) == (JobState.RUNNING, "task-1", "trace-1")


def test_an_image_that_failed_alone_leaves_the_others_and_is_not_charged():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), ImageMissed(1, REFUSED), Finished(3.0), group=2)
    assert (job.state, job.spent, job.failure) == (JobState.DONE, 1, None)


def test_a_stream_that_broke_keeps_what_had_arrived():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), Broke(CUT, 2.0), group=4)
    assert (job.state, job.spent, job.failure) == (JobState.DONE, 1, CUT)


def test_a_stream_that_broke_before_anything_came_has_failed_and_costs_nothing():
    job = after(posted(), Started(Path.STREAM, 1.0), Broke(CUT, 2.0))
    assert (job.state, job.spent, job.failure) == (JobState.FAILED, 0, CUT)


def test_when_every_image_was_refused_the_job_fails_with_their_reason():
    job = after(posted(), Started(Path.STREAM, 1.0), ImageMissed(0, REFUSED), Finished(2.0))
    assert (job.state, job.failure) == (JobState.FAILED, REFUSED)


def test_an_answer_without_pictures_fails_as_empty():
    job = after(posted(), Started(Path.PLAIN, 1.0), Finished(2.0))
    assert job.failure == Failure(reason=Reason.EMPTY)


def test_a_picture_that_was_made_but_not_fetched_counts_and_keeps_its_link():
    job = after(posted(), Started(Path.PLAIN, 1.0), ImageMissed(0, REFUSED, "https://files.example/0"), Finished(2.0))
    assert (job.state, job.spent) == (JobState.DONE, 1)


def test_a_job_that_had_to_wait_again_can_start_again():
    job = after(posted(), Started(Path.STREAM, 1.0), Requeued(), Started(Path.STREAM, 5.0))
    assert (job.state, job.started_at) == (JobState.RUNNING, 5.0)


def test_an_abandoned_job_never_starts_and_has_nothing_to_show():
    job = after(Abandoned(1.0), Started(Path.STREAM, 2.0))
    assert (job.state, job.settled, job.spent) == (JobState.CANCELLED, True, 0)


def test_showing_an_older_version_leaves_the_newer_one_to_be_shown():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), group=2)
    drawn = job.version
    job = advance(advance(job, arrived(1)), Shown(drawn, (OTHER_MESSAGE,), {0: an_attachment()}))
    assert job.shown_version < job.version
    assert [image.attachment is not None for image in job.images] == [True, False]


def test_a_deleted_job_changes_no_more():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(), Finished(2.0), Deleted(3.0))
    assert job.settled
    assert advance(job, Shown(99, (), {})) is job


def test_what_is_deleted_while_it_waits_is_not_made():
    job = after(posted(), Deleted(2.0))
    assert (job.state, job.settled) == (JobState.CANCELLED, True)
    assert advance(job, Started(Path.STREAM, 3.0)) is job


def test_what_is_deleted_while_it_is_made_is_paid_for_and_not_shown():
    job = after(posted(), Started(Path.STREAM, 1.0), Deleted(2.0))
    assert not job.settled
    for event in (arrived(0), arrived(1), Finished(3.0)):
        job = advance(job, event)
        assert job.shown_version == job.version
    assert (job.state, job.spent, job.settled) == (JobState.DONE, 2, True)


def test_what_is_deleted_while_it_is_made_and_was_not_begun_is_not_tried_again():
    job = after(posted(), Started(Path.STREAM, 1.0), Deleted(2.0), Requeued())
    assert (job.state, job.settled, job.spent) == (JobState.CANCELLED, True, 0)


def test_a_version_that_cannot_be_shown_is_given_up_and_a_later_one_is_tried():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), group=2)
    given_up = advance(job, GivenUp(job.version, 3.0))
    assert given_up.shown_version == given_up.version
    assert advance(given_up, GivenUp(job.version, 3.0)) is given_up
    assert advance(given_up, arrived(1)).shown_version < given_up.version + 1


def test_what_was_given_up_is_undelivered_until_it_is_shown_after_all():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(2.0))
    given_up = advance(job, GivenUp(job.version, 3.0))
    assert (given_up.undelivered, given_up.settled) == (True, True)
    shown = advance(given_up, Shown(given_up.version, (OTHER_MESSAGE,), {0: an_attachment(0)}))
    assert (shown.undelivered, shown.settled, shown.messages) == (False, True, (OTHER_MESSAGE,))
    assert advance(shown, Shown(given_up.version, (MESSAGE,), {})) is shown


def test_what_is_given_up_on_its_way_and_shown_at_its_end_is_delivered():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), group=2)
    job = advance(advance(job, GivenUp(job.version, 3.0)), Finished(2.0))
    assert job.undelivered
    assert not advance(job, Shown(job.version, (MESSAGE,), {})).undelivered


def test_what_was_deleted_or_cancelled_is_not_delivered_any_more():
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(2.0))
    assert not advance(advance(job, GivenUp(job.version, 3.0)), Deleted(3.0)).undelivered
    cancelled = after(posted(), Cancelled(1.0))
    assert not advance(cancelled, GivenUp(cancelled.version, 3.0)).undelivered


@given(st.lists(EVENTS, max_size=30), st.integers(1, 4))
def test_the_same_event_twice_is_the_same_as_once(events, group):
    job = a_job(group=group)
    for event in events:
        job = advance(job, event)
        assert advance(job, event) is job


@given(st.lists(EVENTS, max_size=30), st.integers(1, 4))
def test_versions_only_rise_and_a_final_state_is_final(events, group):
    job = a_job(group=group)
    for event in events:
        changed = advance(job, event)
        assert changed is job or changed.version == job.version + 1
        assert job.shown_version <= changed.shown_version <= changed.version
        if job.state.final:
            assert (changed.state, changed.spent, changed.failure) == (job.state, job.spent, job.failure)
        job = changed
    assert len(job.images) <= MOST_IMAGES
    assert job.spent == (sum(image.made for image in job.images) if job.state.final and job.state != "cancelled" else 0)


@given(st.permutations([arrived(0), arrived(1), arrived(2), Submitted("task-1", "trace-1")]))
def test_the_order_in_which_images_arrive_does_not_matter(events):
    job = after(posted(), Started(Path.STREAM, 1.0), *events, Finished(9.0), group=3)
    assert [image.index for image in job.images] == [0, 1, 2]
    assert (job.state, job.spent, job.task_id) == (JobState.DONE, 3, "task-1")


@pytest.mark.parametrize("event", [arrived(0), Broke(CUT, 8.0), Finished(9.0), Started(Path.POLL, 7.0), Requeued()])
def test_what_comes_after_the_end_changes_nothing(event):
    job = after(posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(2.0))
    assert advance(job, event) is job
