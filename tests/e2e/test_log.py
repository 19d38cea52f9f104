"""What an operator reads in the log at INFO: one line for each job, and what a stop leaves behind."""

from __future__ import annotations

import pytest

OURS = ("bot", "assembly", "cogs", "infra", "seedream", "studio")
PROMPT = "a red fox in snow"


@pytest.fixture
def lines(caplog):
    """The messages that were logged at INFO and above since the last call."""
    caplog.set_level("INFO")
    caplog.clear()

    def taken() -> list[str]:
        found = [one.getMessage() for one in caplog.records if one.name.startswith(OURS)]
        caplog.clear()
        return found

    return taken


async def test_a_job_is_one_line_without_its_prompt(world, lines):
    await world.ada.imagine_to_end(prompt=PROMPT, model="doubao-seedream-4.0", images=3)
    (line,) = (one for one in lines() if not one.startswith("ready as"))
    assert " done: member " in line
    assert ", server " in line
    assert ", doubao-seedream-4.0, 3 of 3 pictures, 3 credits, " in line
    assert line.endswith(" s, by stream")
    assert PROMPT not in line


async def test_a_job_in_direct_messages_says_so(world, lines):
    await world.ada_in_dm.imagine_to_end(prompt=PROMPT)
    assert ", direct messages, " in lines()[-1]


async def test_a_stop_says_how_many_jobs_are_left(world, lines):
    await world.stop_bot()
    told = [line for line in lines() if line.startswith("stop")]
    assert told == [
        "stopping: 0 jobs run and get 5 s to end, 0 wait",
        "stopped: 0 jobs are left to the next start or to another process",
    ]
