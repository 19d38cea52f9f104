"""Pictures that are paid for and awkward to deliver: each comes as its file, smaller, as a link, or is kept."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from infra.db.tables import CHARGES, JOBS
from sandbox.seedream import renderer
from tests.e2e.conftest import a_world
from tests.support.pictures import noise_png

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
SETTLED = select(JOBS).where(JOBS.c.settled)
LIMIT = 60_000


def damaged(size):
    """A PNG with a head and an end, whose pixels can't be decoded."""
    png = bytearray(noise_png(size, size))
    middle = len(png) // 2
    png[middle : middle + 64] = bytes(64)
    with pytest.raises((OSError, SyntaxError)):
        Image.open(io.BytesIO(png)).load()
    return bytes(png)


@pytest.fixture
def painted(monkeypatch):
    """What the service makes in place of some of its pictures, by their index."""
    others, draw = {}, renderer.draw
    monkeypatch.setattr(renderer, "draw", lambda subject, files=(): others.get(subject.index) or draw(subject, files))
    return others


@pytest.fixture
async def plain_world(tmp_path):
    """Its service answers at once, in full."""
    async with a_world(tmp_path, DELIVERY="plain") as world:
        yield world


async def charged(world):
    await world.rows_are(select(CHARGES).where(CHARGES.c.settled))
    (charge,) = await world.read(select(CHARGES))
    return charge.images


async def answers_with(world, *pictures):
    """The service's next answer holds these pictures themselves, and no links."""
    data = [{"b64_json": base64.b64encode(one).decode(), "size": "1024x1024"} for one in pictures]
    await world.api_fault("rewrite", patch={"data": data})


async def test_a_damaged_picture_that_fits_is_attached_as_it_came(world, painted):
    painted[0] = damaged(100)
    result = await world.ada.imagine_to_end(**SET)
    assert await world.download(result.pictures[0]) == painted[0]
    assert "couldn't" not in result.text
    assert await charged(world) == 1


async def test_one_that_can_not_be_made_smaller_is_linked_beside_its_set(world, painted):
    await world.set_upload_limit(LIMIT)
    painted[2] = damaged(300)
    result = await world.ada.imagine_to_end(**SET, images=4)
    assert len(result.pictures) == 3
    assert all(size <= LIMIT for size in result.file_sizes)
    assert "🔗 Couldn't be attached here. Save before <t:" in result.text
    assert result.text.count("[Picture 3](") == 1
    assert "4 made" not in result.text
    assert await charged(world) == 4
    await world.rows_are(SETTLED)
    await world.spool_is_empty()


async def test_where_the_limit_is_below_any_picture_all_of_a_set_are_linked(world):
    await world.set_upload_limit(200)
    result = await (await world.ada.imagine(**SET, images=4)).result(pictures=0)
    assert result.text.count("[Picture ") == 4
    assert await charged(world) == 4


async def test_a_full_disk_while_pictures_are_made_smaller_leaves_links(world, painted, monkeypatch):
    await world.set_upload_limit(LIMIT)
    painted[0] = noise_png(300, 300)
    write = Path.write_bytes

    def full(path, data):
        if ".fit." in path.name:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    result = await (await world.ada.imagine(**SET)).result(pictures=0)
    assert "[Picture 1](" in result.text
    assert await charged(world) == 1


async def test_files_that_vanish_before_they_are_shown_are_fetched_again(world):
    for route, method in (("/webhooks/*", "PATCH"), ("/channels/*", "PATCH"), ("/channels/*", "POST")):
        await world.discord_fault(route, method=method, status=503, times=None)
    asked = await world.ada.imagine(**SET, images=2)
    await world.rows_are(select(JOBS).where(JOBS.c.state == "done"))
    for file in world.spool.iterdir():
        file.unlink()
    await world.clear_discord_faults()
    await asked.result(pictures=2)


# --- pictures that come without a link -------------------------------------------------------------------------------


async def test_one_that_is_neither_attached_nor_linked_is_kept_and_got_with_me(plain_world):
    world, picture = plain_world, damaged(300)
    await world.set_upload_limit(LIMIT)
    await answers_with(world, noise_png(40, 40), picture)
    result = await world.ada.imagine_to_end(**SET, images=2)
    assert len(result.pictures) == 1
    assert "📬 Picture 2 couldn't be attached here. Get it with /me within a week." in result.text
    assert await charged(world) == 2
    await world.rows_are(select(JOBS).where(JOBS.c.settled, JOBS.c.undelivered))
    await world.restart_bot()
    assert len(list(world.spool.iterdir())) == 2
    await world.set_upload_limit(10 * 2**20)
    await world.ada.press(await (await world.ada.run("me")).answer(), "Show result", answer=False)
    shown = await world.until(
        world.ada.messages, lambda found: any(one.ephemeral and len(one.pictures) == 2 for one in found)
    )
    private = next(one for one in shown if len(one.pictures) == 2)
    assert await world.download(private.pictures[1]) == picture
    await world.rows_are(select(JOBS).where(JOBS.c.settled, ~JOBS.c.undelivered))
    await world.spool_is_empty()


async def test_a_picture_that_is_made_smaller_and_has_no_link_says_only_that(plain_world):
    await plain_world.set_upload_limit(LIMIT)
    await answers_with(plain_world, noise_png(400, 400))
    result = await plain_world.ada.imagine_to_end(**SET)
    assert len(result.pictures) == 1
    assert "Reduced to fit this channel's upload limit" in result.text
    assert "Full size" not in result.text


async def test_what_was_made_and_is_lost_is_not_said_to_be_free(plain_world):
    await answers_with(plain_world, b"<html><body>502 Bad Gateway</body></html>")
    result = await (await plain_world.ada.imagine(**SET)).result(pictures=0)
    assert "A picture was made, but it couldn't be downloaded." in result.text
    assert "The service may still have charged for it." in result.text
    assert "Nothing was charged" not in result.text
    assert await charged(plain_world) == 0
