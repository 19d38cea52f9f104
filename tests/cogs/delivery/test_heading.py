"""The heading of a result: a prompt takes three lines on a phone, beside a small picture as well as without."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from cogs.delivery.job_message import render
from cogs.delivery.job_text import COLUMNS_BESIDE, PROMPT_COLUMNS
from studio.jobs.advance import advance
from studio.jobs.events import Finished, Started
from studio.jobs.job import Parent, PictureSource, Verb
from studio.jobs.states import Path
from tests.support.jobs import ORIGIN, a_job, arrived, posted

BEFORE = "https://cdn.discordapp.com/attachments/3/5/fox.jpeg"


def heading(job):
    """The first line of a result, and how many small pictures stand beside it."""
    done = reduce(advance, (posted(), Started(Path.STREAM, 1.0), arrived(), Finished(26.0)), job)
    [container] = render(done)[0].view.to_components()
    top = container["components"][0]
    text, beside = (top["components"][0], 1) if top.get("accessory") else (top, 0)
    return text["content"].partition("\n")[0].strip("*"), beside


async def test_a_long_prompt_is_cut_to_three_lines_of_what_room_there_is():
    made = a_job(prompt="words " * 40)
    text, beside = heading(made)
    assert (PROMPT_COLUMNS - 6 < len(text) <= PROMPT_COLUMNS, beside) == (True, 0)

    source = PictureSource(channel_id=ORIGIN.channel_id, message_id=5)
    edit = a_job(prompt="words " * 40, images=(BEFORE,))
    edit = replace(edit, sources=(source,), parent=Parent(verb=Verb.EDIT, link="https://discord.com/channels/2/3/5"))
    text, beside = heading(edit)
    assert (COLUMNS_BESIDE - 6 < len(text) <= COLUMNS_BESIDE, beside) == (True, 1)


@pytest.mark.parametrize(
    ("prompt", "end"),
    [
        ("words, " * 40, "words, words…"),
        ("many words " * 40, "words many…"),
        ("水" * 41 + "、" + "水" * 20, "水水…"),
        ("水" * 60, "水水…"),
    ],
)
async def test_a_cut_prompt_ends_with_a_letter_before_the_dots(prompt, end):
    text, _beside = heading(a_job(prompt=prompt))
    assert text.endswith(end)
