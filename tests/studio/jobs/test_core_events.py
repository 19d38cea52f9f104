"""Every event in every state: what it changes, and whether that is to be shown."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from studio.jobs.advance import advance
from studio.jobs.events import (
    Abandoned,
    Broke,
    Cancelled,
    Deleted,
    Dropped,
    Finished,
    GivenUp,
    ImageDropped,
    ImageMissed,
    Late,
    Moved,
    Posted,
    Requeued,
    Shown,
    Started,
    Submitted,
)
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import MESSAGE, a_job, arrived, posted
from tests.support.layers import layered_job

CUT = Failure(reason=Reason.CUT)
START = Started(Path.STREAM, 1.0)

STATES = {
    "accepted": (),
    "queued": (posted(),),
    "running": (posted(), START),
    "partly": (posted(), START, arrived(0)),
    "done": (posted(), START, arrived(0), Finished(2.0)),
    "failed": (posted(), START, Broke(CUT, 2.0)),
    "cancelled": (posted(), Cancelled(2.0)),
    "abandoned": (Abandoned(2.0),),
    "deleted": (posted(), START, Deleted(2.0)),
    "dropped": (posted(), START, Dropped(2.0)),
}
EVENTS = {
    "Posted": Posted(MESSAGE),
    "Moved": Moved(2),
    "Cancelled": Cancelled(3.0),
    "Dropped": Dropped(3.0),
    "Started": Started(Path.POLL, 3.0),
    "Requeued": Requeued(),
    "Submitted": Submitted("task-1", "trace-1"),
    "Late": Late(),
    "ImageArrived": arrived(1),
    "ImageMissed": ImageMissed(1, CUT),
    "ImageDropped": ImageDropped(1),
    "Finished": Finished(3.0),
    "Broke": Broke(CUT, 3.0),
    "Abandoned": Abandoned(3.0),
    "Deleted": Deleted(3.0),
}

# What each event makes of each state: the state after it, with * where that is to be shown; "." where nothing changes.
TABLE = """
              accepted    queued      running    partly     done  failed  cancelled  abandoned  deleted    dropped
Posted        queued      .           .          .          .     .       .          .          .          .
Moved         queued*     queued*     .          .          .     .       .          .          .          .
Cancelled     cancelled*  cancelled*  .          .          .     .       .          .          .          .
Dropped       cancelled*  cancelled*  running*   running*   .     .       .          .          .          .
Started       running     running     .          .          .     .       .          .          .          .
Requeued      .           .           queued     queued     .     .       .          .          cancelled  cancelled*
Submitted     queued      queued      running    running    .     .       .          .          running    running
Late          .           .           .          .          .     .       .          .          .          .
ImageArrived  queued*     queued*     running*   running*   .     .       .          .          running    running
ImageMissed   queued*     queued*     running*   running*   .     .       .          .          running    running
ImageDropped  queued      queued      running    running    .     .       .          .          running    running
Finished      failed*     failed*     failed*    done*      .     .       .          .          failed     failed*
Broke         failed*     failed*     failed*    done*      .     .       .          .          failed     failed*
Abandoned     cancelled   cancelled   cancelled  cancelled  .     .       .          .          cancelled  cancelled
Deleted       cancelled   cancelled   running    running    done  failed  cancelled  cancelled  .          running
"""


def cells():
    heads, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [(event, state, cell) for event, *row in lines for state, cell in zip(heads, row, strict=True)]


@pytest.mark.parametrize(("event", "state", "expected"), cells())
def test_what_an_event_makes_of_a_state(event, state, expected):
    job = reduce(advance, STATES[state], a_job(group=4))
    job = replace(job, shown_version=job.version)
    after = advance(job, EVENTS[event])
    if expected == ".":
        assert after is job
    else:
        assert (after.state, after.version) == (JobState(expected.rstrip("*")), job.version + 1)
        assert (after.shown_version < after.version) is expected.endswith("*")


def test_the_table_has_every_state_and_every_event():
    assert {(event, state) for event, state, _ in cells()} == {(event, state) for event in EVENTS for state in STATES}


# --- particulars ------------------------------------------------------------------------------------------------------


def after(*events, **request):
    return reduce(advance, events, a_job(**request))


def test_a_place_is_shown_and_taken_back_when_the_job_starts_and_where_none_was_shown_an_edit_is_saved():
    moved = after(posted(), Moved(2))
    started = advance(moved, START)
    assert (moved.place, moved.shown_version < moved.version) == (2, True)
    assert (started.place, started.path, started.started_at) == (0, Path.STREAM, 1.0)
    shown = replace(moved, shown_version=moved.version)
    assert advance(shown, START).shown_version == shown.version
    unshown = after(posted(), START)
    assert unshown.shown_version == unshown.version


def test_the_same_place_again_changes_nothing():
    job = after(posted(), Moved(2))
    assert advance(job, Moved(2)) is job


def test_a_task_and_a_trace_are_kept_as_they_were_first_named():
    job = after(posted(), START, Submitted(None, "trace-1"))
    assert (job.task_id, job.trace_id) == (None, "trace-1")
    job = advance(job, Submitted("task-1", "trace-2"))
    assert (job.task_id, job.trace_id) == ("task-1", "trace-1")
    assert advance(job, Submitted("task-2", "trace-2")) is job
    assert job.shown_version == job.version


def test_a_failure_s_trace_is_kept_where_none_was_named_before():
    traced = replace(CUT, trace_id="trace-9")
    assert after(posted(), START, Broke(traced, 2.0)).trace_id == "trace-9"
    assert after(posted(), START, Submitted("task-1", "trace-1"), Broke(traced, 2.0)).trace_id == "trace-1"
    assert after(posted(), START, Submitted("task-1", "trace-1"), Finished(2.0)).trace_id == "trace-1"


def test_twenty_pictures_are_taken_and_no_more():
    job = after(posted(), START, arrived(19), arrived(20), group=4)
    assert [image.index for image in job.images] == [19]


def test_pictures_are_kept_in_their_order_and_each_once():
    job = after(posted(), START, arrived(2), arrived(0), ImageMissed(2, CUT), group=4)
    assert [(image.index, image.failure) for image in job.images] == [(0, None), (2, None)]
    assert (job.images[0].link, job.images[0].picture.path) == ("https://files.example/0.jpeg", "job-0.jpeg")


def test_a_picture_that_was_made_and_could_not_be_fetched_is_paid_for_and_one_that_was_refused_is_not():
    missed = ImageMissed(0, CUT, "https://files.example/0.jpeg"), ImageMissed(1, CUT)
    job = after(posted(), START, *missed, Finished(5.0), group=4)
    assert (job.state, job.spent, job.failure, job.finished_at) == (JobState.DONE, 1, None, 5.0)


def test_a_request_without_a_picture_fails_by_its_images_own_failure_or_as_empty():
    assert after(posted(), START, ImageMissed(0, CUT), Finished(5.0)).failure == CUT
    assert after(posted(), START, Finished(5.0)).failure == Failure(reason=Reason.EMPTY)


def test_layers_are_not_shown_before_the_end():
    one = reduce(advance, (posted(), START, arrived(0)), layered_job())
    assert (len(one.images), one.shown_version) == (1, one.version)
    assert advance(one, Finished(2.0)).shown_version < advance(one, Finished(2.0)).version


def test_what_goes_back_to_the_queue_has_not_started_and_what_was_deleted_meanwhile_ends_then():
    job = advance(after(posted(), START), Requeued())
    assert (job.state, job.started_at, job.shown_version) == (JobState.QUEUED, None, job.version)
    deleted = after(posted(), START, Deleted(7.0), Requeued())
    assert (deleted.state, deleted.finished_at) == (JobState.CANCELLED, 7.0)


def test_a_placeholder_that_only_its_member_sees_makes_the_job_private():
    assert after(Posted(replace(MESSAGE, ephemeral=True))).origin.private
    assert not after(posted()).origin.private
    job = after(posted())
    assert (job.messages, job.shown_version) == ((MESSAGE,), job.version)


@pytest.mark.parametrize("event", [Shown(9, (MESSAGE,), {}), GivenUp(9, 3.0), Deleted(3.0), Moved(1)])
def test_of_a_deleted_job_nothing_is_shown_or_given_up(event):
    job = replace(after(posted(), START, arrived(0), Finished(2.0), Deleted(2.5)), version=9)
    assert advance(job, event) is job
    queued = replace(after(posted()), deleted_at=1.0, version=9)
    assert advance(queued, event) is queued


def test_a_waiting_job_that_is_deleted_is_cancelled_and_a_running_one_goes_on():
    waiting = after(posted(), Deleted(2.0))
    assert (waiting.state, waiting.deleted_at, waiting.finished_at) == (JobState.CANCELLED, 2.0, 2.0)
    running = after(posted(), START, Deleted(2.0))
    assert (running.state, running.deleted_at, running.finished_at) == (JobState.RUNNING, 2.0, None)


def test_what_is_abandoned_or_cancelled_ends_then():
    assert after(Abandoned(2.0)).finished_at == 2.0
    assert after(Abandoned(2.0)).settled
    assert after(posted(), Cancelled(3.0)).finished_at == 3.0
