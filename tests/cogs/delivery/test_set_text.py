"""What a set's message says about pictures that join it."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from cogs.delivery.set_text import child_lines
from studio.jobs.advance import advance
from studio.jobs.events import Finished, Started
from studio.jobs.images import Child
from studio.jobs.states import JobState, Path
from tests.support.jobs import a_job, arrived, posted

SET = reduce(advance, (posted(), Started(Path.STREAM, 1.0), *map(arrived, range(3)), Finished(26.0)), a_job(group=3))
SECOND = Child(job_id="second", slot=1, base=20, count=1)
FIRST = Child(job_id="first", slot=0, base=21, count=1, since=5.0)
FURTHER = Child(job_id="further", slot=3, base=22, count=3, since=9.0)
ENDED = Child(job_id="ended", slot=2, base=25, count=1, state=JobState.DONE)
STOPPING = replace(FURTHER, stopped=True, reserved=3, state=JobState.RUNNING)
REDO_STOPPED = replace(FIRST, stopped=True, cost=1, state=JobState.FAILED)

REDOING = "🎨 Redoing {} … requested <t:{}:R>"


@pytest.mark.parametrize(
    ("children", "lines"),
    [
        ((SECOND,), [REDOING.format("Picture 2", 0)]),
        ((SECOND, FIRST), [REDOING.format("Picture 2, Picture 1", 0)]),
        ((FURTHER,), ["🎨 Painting 3 more pictures … requested <t:9:R>"]),
        ((FIRST, FURTHER), [REDOING.format("Picture 1", 5), "🎨 Painting 3 more pictures … requested <t:9:R>"]),
        ((FURTHER, ENDED), ["🎨 Painting 3 more pictures … requested <t:9:R>"]),
        ((ENDED,), []),
        ((REDO_STOPPED,), ["-# Picture 1 wasn't redone. Stopped. 1 credit was billed, as it had been sent."]),
        (
            (ENDED, STOPPING),
            ["-# No more pictures were made. Stopped. It had been sent, so up to 3 credits will be billed."],
        ),
        ((STOPPING, FIRST), [REDOING.format("Picture 1", 5)]),
    ],
)
def test_a_set_says_what_is_painted_for_it_and_redone_pictures_are_not_counted_with_new_ones(children, lines):
    assert child_lines(replace(SET, children=children)) == lines
