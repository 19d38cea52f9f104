"""Admins at work with /quota-admin, for tests."""

from __future__ import annotations

import csv
import io

from infra.reports.export import COLUMNS
from tests.support.world import TIMEOUT, Member, Message

LOADING = 1 << 7


async def quota_admin(member, command, /, **options) -> Message:
    """What a subcommand answers in the end."""
    return await settled(await (await member.run(f"quota-admin {command}", **options)).answer())


async def set_limit(member, /, **options) -> Message:
    """What is answered once a limit was set and saved."""
    return await pressed(member, await quota_admin(member, "set", **options), "Save")


async def settled(message) -> Message:
    """A message that was deferred, once it is there."""
    if message.data["flags"] & LOADING:
        query = {"for": "revision", "message": message.id, "after": "1", "timeout": str(TIMEOUT)}
        await message.world.get("/control/wait", **query)
        return await now(message)
    return message


async def now(message) -> Message:
    found = await message.world.get(f"/control/messages/{message.id}")
    return Message(message.world, message.data | found["message"])


async def pressed(member, message, button) -> Message:
    """The message after a press, whether it was changed or another one came."""
    states = len((await message.world.get(f"/control/messages/{message.id}"))["history"])
    answer = await member.pressed(message, button)
    if answer.given["answer"]["type"] == 6:
        query = {"for": "revision", "message": message.id, "after": str(states), "timeout": str(TIMEOUT)}
        await message.world.get("/control/wait", **query)
        return await now(message)
    return await settled(await answer.answer())


def dan(world) -> Member:
    """The second admin."""
    return Member(world, "dan", "general")


async def rows_of(message) -> list[dict]:
    """The lines of the CSV that a message brings."""
    (file,) = message.data["files"]
    text = (await message.world.download(file["url"])).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not rows or tuple(rows[0]) == COLUMNS
    return rows


async def public_copy(message) -> Message:
    """The same buttons in a message that everybody can see, as only a forger would have them."""
    components = [_bare(one) for one in message.data["components"]]
    return await message.world.post_as_bot("general", components=components, flags=1 << 15)


def _bare(component):
    inner = {"components": [_bare(one) for one in component["components"]]} if "components" in component else {}
    return {key: value for key, value in component.items() if key != "id" and value is not None} | inner
