"""A private result is its member's alone, whatever others press, link to, reply to or ask about it."""

from __future__ import annotations

import asyncio

import pytest

from cogs.delivery.buttons import VERBS
from tests.e2e.test_hostile import V2, job_of
from tests.support.world import Refused

FORGED = (*VERBS, "pick")
SECRET = "a secret fox of Ada's"


async def forged(world, jobs) -> list[tuple[object, int]]:
    """Messages with forged buttons for every verb, and how many each has."""
    messages = []
    ids = [f"sd:{verb}:{job}:{index}" for job in jobs for verb in FORGED for index in (0, 1)]
    for start in range(0, len(ids), 25):
        group = ids[start : start + 25]
        rows = [
            {
                "type": 1,
                "components": [
                    {"type": 2, "style": 2, "label": str(at + place), "custom_id": name}
                    for place, name in enumerate(group[at : at + 5])
                ],
            }
            for at in range(0, len(group), 5)
        ]
        messages.append((await world.post_as_bot("general", components=rows, flags=V2), len(group)))
    return messages


def looks(message) -> tuple[str, int, list[str]]:
    return message.text, len(message.pictures), message.labels


async def test_no_forged_button_shows_uses_or_changes_a_private_result(world):
    private = await world.ada.imagine_to_end(prompt=SECRET, private=True)
    direct = await world.ada_in_dm.imagine_to_end(prompt=SECRET)
    made, before = len(await world.requests()), [looks(private), looks(direct)]
    messages = await forged(world, [job_of(private), job_of(direct)])

    async def presses(member) -> int:
        tried = 0
        for message, count in messages:
            for number in range(count):
                refusal = await member.press(message, str(number))
                assert refusal.ephemeral
                assert "secret" not in str(refusal.data)
                assert not refusal.pictures
                tried += 1
        return tried

    tried = await asyncio.gather(*(presses(member) for member in (world.ben, world.cleo, world.dan)))
    assert sum(tried) == len(FORGED) * 2 * 2 * 3 >= 152
    assert [looks(await one.now()) for one in (private, direct)] == before
    assert len(await world.requests()) == made


@pytest.mark.parametrize("way", ["edit", "menu", "reply"])
async def test_a_private_result_cannot_be_reached_by_a_link_a_menu_or_a_reply(world, way):
    private = await world.ada.imagine_to_end(prompt=SECRET, private=True)
    link = f"https://discord.com/channels/{await world.guild_of('general')}/{private.data['channel_id']}/{private.id}"
    match way:
        case "edit":
            answer = await (await world.ben.run("edit", prompt="make it night", link=link)).answer()
            assert answer.ephemeral
        case "menu":
            with pytest.raises(Refused):  # by Discord: a member can't choose what they don't see
                await world.ben.run("Edit image", target=private)
            return
        case _:
            answer = await world.ben.answer_to(await world.ben.say(f"make it night {link}", mention=True))
    assert "secret" not in answer.text
    assert not answer.pictures
    assert all(not one["references"] for one in await world.requests())


async def test_me_shows_and_deletes_only_what_is_the_members_own(world):
    private = await world.ada.imagine_to_end(prompt=SECRET, private=True)
    screen = await (await world.ada.run("me")).answer()
    for member in (world.ben, world.dan):
        own = await (await member.run("me")).answer()
        assert "secret" not in own.text
    assert screen.ephemeral
    rows = [{"type": 1, "components": [{"type": 2, "style": 4, "label": "0", "custom_id": "sd:erase-all"}]}]
    copied = await world.post_as_bot("general", components=rows, flags=V2)
    await world.ben.press(copied, "0", answer=False)
    assert (await world.ada.press(private, "Details")).ephemeral
