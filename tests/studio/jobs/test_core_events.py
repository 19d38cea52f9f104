"""Every event in every state: what it changes, and whether that is to be shown."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from studio.jobs.events import (
    Abandoned,
    Broke,
    Cancelled,
    Completed,
    Deleted,
    ImageMissed,
    Late,
    Moved,
    Posted,
    Requeued,
    Started,
    Submitted,
    advance,
)
from studio.jobs.job import Failure, JobState, Path, Reason
from tests.support.jobs import MESSAGE, a_job, arrived, posted

CUT = Failure(reason=Reason.CUT)
START = Started(Path.STREAM, 1.0)

STATES = {
    "accepted": (),
    "queued": (posted(),),
    "running": (posted(), START),
    "partly": (posted(), START, arrived(0)),
    "done": (posted(), START, arrived(0), Completed(2.0)),
    "failed": (posted(), START, Broke(CUT, 2.0)),
    "cancelled": (posted(), Cancelled(2.0)),
    "abandoned": (Abandoned(2.0),),
    "deleted": (posted(), START, Deleted(2.0)),
}
EVENTS = {
    "Posted": Posted(MESSAGE),
    "Moved": Moved(2),
    "Cancelled": Cancelled(3.0),
    "Started": Started(Path.POLL, 3.0),
    "Requeued": Requeued(),
    "Submitted": Submitted("task-1", "trace-1"),
    "Late": Late(),
    "ImageArrived": arrived(1),
    "ImageMissed": ImageMissed(1, CUT),
    "Completed": Completed(3.0),
    "Broke": Broke(CUT, 3.0),
    "Abandoned": Abandoned(3.0),
    "Deleted": Deleted(3.0),
}

# What each event makes of each state: the state after it, with * where that is to be shown; "." where nothing changes.
TABLE = """
              accepted    queued      running     partly      done     failed     cancelled  abandoned  deleted
Posted        queued      .           .           .           .        .          .          .          .
Moved         queued*     queued*     .           .           .        .          .          .          .
Cancelled     cancelled*  cancelled*  .           .           .        .          .          .          .
Started       running     running     .           .           .        .          .          .          .
Requeued      .           .           queued      queued      .        .          .          .          cancelled
Submitted     queued      queued      running     running     .        .          .          .          running
Late          .           .           .           .           .        .          .          .          .
ImageArrived  queued*     queued*     running*    running*    .        .          .          .          running
ImageMissed   queued*     queued*     running*    running*    .        .          .          .          running
Completed     failed*     failed*     failed*     done*       .        .          .          .          failed
Broke         failed*     failed*     failed*     done*       .        .          .          .          failed
Abandoned     cancelled   cancelled   cancelled   cancelled   .        .          .          .          cancelled
Deleted       cancelled   cancelled   running     running     done     failed     cancelled  cancelled  .
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
