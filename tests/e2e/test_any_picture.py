"""Pictures as people have them become edits, whatever a phone has made of them; what is no picture costs nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import a_world
from tests.infra.images.files import encoded
from tests.support.bots import BotProcess
from tests.support.corpus import SAMPLES
from tests.support.corpus.checker import problems

EVERY = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})
SAMPLE = {sample.name: sample for sample in SAMPLES}
MEGABYTE = 2**20


@pytest.mark.parametrize(
    "name",
    [
        "motion-photo-zeros.jpg",
        "samsung-noise.jpg",
        "mpo-turned.jpg",
        "IMG_turned_6.HEIC",
        "still.avif",
        "panorama-of-50-MP.jpg",
        "no-end-mark.jpg",
    ],
)
async def test_what_a_phone_makes_becomes_an_edit(world, name):
    sample = SAMPLE[name]
    asked = await world.ada.run("edit", prompt="make it night", files={"image": (name, sample.content)})
    await asked.result(pictures=1)
    (sent,) = await world.references()
    assert problems(sample, sent, formats=EVERY) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("IMG_0001.DNG", "a camera raw file (DNG). Export it as a JPEG"),
        ("cut-at-50-percent.jpg", "a JPEG picture that is cut off. Use the whole file"),
        ("deep.jpg", "a 12-bit JPEG. Save it as an ordinary JPEG"),
    ],
)
async def test_what_can_not_be_used_is_called_by_its_name_and_costs_nothing(world, name, words):
    asked = await world.ada.run("edit", prompt="make it night", files={"image": (name, SAMPLE[name].content)})
    end = await asked.ended()
    assert words in end.text.replace("\\", "")
    assert end.ephemeral or "Nothing was charged" in end.text
    assert await world.requests() == []


async def test_a_picture_is_refused_while_the_api_is_busy_with_others(world):
    await world.set_api(delay=60)
    world.settings["MAX_IN_FLIGHT"] = "1"
    await world.restart_bot()
    await world.ada.imagine(prompt="a red fox")
    asked = await world.ben.run(
        "edit", prompt="make it night", files={"image": ("a.png", SAMPLE["no-end.png"].content)}
    )
    assert "cut off" in (await asked.ended()).text


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
async def test_a_bomb_is_refused_at_once_while_ten_others_are_served_in_little_memory(tmp_path):
    bot = BotProcess(tmp_path / "bot.log")
    async with a_world(tmp_path, bot) as world:
        await world.set_api(delay=0.2)
        small = ("small.bmp", encoded(Image.new("RGB", (640, 480), "teal"), "BMP"))
        bomb = ("bomb.png", encoded(Image.new("RGBA", (15_000, 15_000)), "PNG"))
        assert len(bomb[1]) < 1.3 * MEGABYTE
        await (await world.ben.run("edit", prompt="warm up", files={"image": small})).result(pictures=1)
        began = time.monotonic()
        refused = await world.ada.run("edit", prompt="make it night", files={"image": bomb})
        await refused.answer()
        others = [await world.ben.run("edit", prompt=f"make it {n}", files={"image": small}) for n in range(10)]
        end = await refused.result(text="make it night")
        took = time.monotonic() - began
        await asyncio.gather(*(asked.result(pictures=1) for asked in others))
        assert "15000x15000 pixels, too large to be converted here" in end.text
        assert "Nothing was charged" in end.text
        assert took < 10  # a loaded machine runs the tests; alone it takes a fraction of a second
        assert sum(_peaks(bot.pid)) < 512 * MEGABYTE


def _peaks(pid: int) -> list[int]:
    """The most memory that a process and its children have had, in bytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = [Path(f"/proc/{process}/status").read_text() for process in (pid, *children)]
    lines = (line for text in status for line in text.splitlines() if line.startswith("VmHWM"))
    return [int(line.split()[1]) * 1024 for line in lines]
