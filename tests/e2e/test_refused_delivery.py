"""Each of Discord's refusals in each state of a delivery: the result ends once, in a form that Discord takes.

Nothing goes on saying that it is being painted, and what was made is charged.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cogs.delivery.discord_errors import DiscordRefusal, refusal_of
from infra.db.tables import CHARGES
from studio.jobs import message_sync

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
REFUSALS = {
    "a form that Discord doesn't take": (400, 50035),
    "explicit content": (400, 20009),
    "AutoMod": (400, 200000),
    "a harmful link": (400, 240000),
    "an archived thread": (400, 50083),
    "a locked thread": (400, 160005),
    "a file too large": (400, 40005),
    "a request too large": (413, 0),
    "no access": (403, 50001),
    "an unknown message": (404, 10008),
    "a dead token": (401, 50027),
    "a code that nobody has seen": (400, 987654),
}
EDITS = ("/webhooks/*", "/channels/*/messages/*")


@pytest.fixture(params=REFUSALS.values(), ids=list(REFUSALS))
def refusal(request):
    status, code = request.param
    return {"status": status, "code": code, "times": None}


async def everywhere(world):
    return [*await world.ada.messages(), *await world.ada_in_dm.messages()]


async def ends_well(world, pictures, *, waits_for="Details"):
    """One message has the buttons, nothing says that it is being painted, and what was made is charged."""
    settled = select(CHARGES).where(CHARGES.c.settled)
    await world.rows_are(settled)
    await world.until(lambda: everywhere(world), lambda found: any(waits_for in one.labels for one in found))
    found = await world.until(
        lambda: everywhere(world), lambda found: not any("… requested" in one.text for one in found)
    )
    assert len([one for one in found if waits_for in one.labels]) == 1, [one.text for one in found]
    (charge,) = await world.read(settled)
    assert charge.images == pictures
    return found


def has_it(found, count):
    """The pictures are shown, or linked, or the card says where they are."""
    shown = sum(len(one.pictures) + len(one.data["attachments"]) for one in found)
    words = "\n".join(one.text for one in found)
    return shown == count or "Save before" in words or "*Details* has links" in words


async def test_a_placeholder_costs_nothing_and_the_member_is_told_why(world, refusal):
    await world.discord_fault("/interactions/*", method="POST", **refusal | {"times": 1})
    asked = await world.ada.imagine(**SET)
    await world.rows_are(select(CHARGES).where(CHARGES.c.settled))
    (charge,) = await world.read(select(CHARGES))
    assert charge.images == 0
    assert await world.requests() == []
    told = asked.given.get("message")
    if refusal["code"] == 50027:  # nobody is left to tell
        assert told is None
    else:
        assert (await asked.answer()).ephemeral
        assert "Painting" not in (await asked.answer()).text


@pytest.mark.parametrize(("code", "words"), [(200000, "AutoMod blocked"), (50083, "archived or locked")])
async def test_a_reply_that_is_refused_costs_nothing_and_its_author_is_told(world, code, words):
    first = await world.ada.imagine_to_end(**SET)
    await world.discord_fault("/channels/*/messages", method="POST", status=400, code=code)
    reply = await world.ada.say("make it night", to=first)
    told = await world.ada.answer_to(reply)
    assert words in told.text
    assert len(await world.requests()) == 1


async def test_where_no_reply_can_be_posted_its_author_is_told_in_a_direct_message(world):
    first = await world.ada.imagine_to_end(**SET)
    await world.discord_fault("/channels/*/messages", method="POST", status=400, code=160005, times=2)
    await world.ada.say("make it night", to=first)
    told = await world.ada_in_dm.wait_for_message(text="archived or locked")
    assert "Nothing was made or charged" in told.text


async def test_every_edit_of_a_set_on_its_way(world, refusal):
    await world.set_api(delay=0.05, image_interval=0.05)
    for route in EDITS:
        await world.discord_fault(route, method="PATCH", **refusal)
    await world.ada.imagine(**SET, images=4)
    assert has_it(await ends_well(world, 4), 4)


async def test_the_first_edit_of_a_set_on_its_way(world, refusal):
    await world.set_api(delay=0.05, image_interval=0.05)
    await world.discord_fault("/webhooks/*", method="PATCH", **refusal | {"times": 1})
    await world.ada.imagine(**SET, images=4)
    assert has_it(await ends_well(world, 4), 4)


async def test_the_last_edit(world, refusal):
    await world.discord_fault("/webhooks/*", method="PATCH", **refusal | {"times": 1})
    await world.ada.imagine(**SET)
    assert has_it(await ends_well(world, 1), 1)


async def test_every_edit_and_the_first_new_message(world, refusal):
    """The pictures come as a plain message."""
    for route in EDITS:
        await world.discord_fault(route, method="PATCH", **refusal)
    await world.discord_fault("/channels/*/messages", method="POST", **refusal | {"times": 1})
    await world.ada.imagine(**SET)
    assert has_it(await ends_well(world, 1), 1)


async def test_all_but_the_last_card(world, refusal):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(**SET)
    await asked.answer()
    await world.kill_tokens()
    await world.discord_fault("/channels/*/messages/*", method="PATCH", **refusal)
    closes = refusal_of(refusal["status"], refusal["code"]) in {
        DiscordRefusal.TOKEN,
        DiscordRefusal.GONE,
        DiscordRefusal.CLOSED,
    }
    await world.discord_fault("/channels/*/messages", method="POST", **refusal | {"times": 1 if closes else 2})
    assert has_it(await ends_well(world, 1), 1)


async def test_a_second_message(world, refusal):
    await world.set_api(delay=0.05, image_interval=0.02)
    await world.discord_fault("/channels/*/messages", method="POST", **refusal | {"times": 1})
    await world.ada.imagine(**SET, images=12)
    assert has_it(await ends_well(world, 12), 12)


async def test_after_the_token_has_died(world, refusal):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(**SET)
    await asked.answer()
    await world.kill_tokens()
    await world.discord_fault("/channels/*/messages/*", method="PATCH", **refusal)
    assert has_it(await ends_well(world, 1), 1)


@pytest.mark.parametrize("name", sorted(REFUSALS.keys() - {"a dead token"}))  # which leaves nothing to change it by
async def test_every_edit_of_a_private_result(world, name):
    status, code = REFUSALS[name]
    await world.discord_fault("/webhooks/*", method="PATCH", status=status, code=code, times=None)
    await world.ada.imagine(**SET, private=True)
    assert has_it(await ends_well(world, 1), 1)
    assert await world.ben.messages() == []


@pytest.fixture
def quick_pauses(monkeypatch):
    monkeypatch.setattr(message_sync, "RETRY_SECONDS", (0.02, 0.02))
    monkeypatch.setattr(message_sync, "RETRY_SLOWEST_SECONDS", 0.02)


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.usefixtures("quick_pauses")
async def test_a_way_that_stays_out_of_order_leads_to_the_next(world, status):
    await world.discord_fault("/webhooks/*", method="PATCH", status=status, times=None)
    placeholder = await (await world.ada.imagine(**SET)).answer()
    found = await ends_well(world, 1)
    assert [(one.id, len(one.pictures)) for one in found] == [(placeholder.id, 1)]


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.usefixtures("quick_pauses")
async def test_all_edits_out_of_order_lead_to_a_new_message_and_the_old_one_goes(world, status):
    for route in EDITS:
        await world.discord_fault(route, method="PATCH", status=status, times=None)
    placeholder = await (await world.ada.imagine(**SET)).answer()
    found = await ends_well(world, 1)
    assert [len(one.pictures) for one in found if one.id != placeholder.id] == [1]


@pytest.mark.usefixtures("quick_pauses")
async def test_an_outage_is_waited_out_and_posts_nothing_twice(world):
    await world.discord_fault("/webhooks/*", status=503, times=None)
    await world.discord_fault("/channels/*", status=503, times=None)
    await world.discord_fault("/users/@me/channels", status=503, times=None)
    await (await world.ada.imagine(**SET)).answer()
    await world.discord_is_asked("POST", 503, times=8)
    await world.clear_discord_faults()
    found = await ends_well(world, 1)
    assert sum(len(one.pictures) for one in found) == world.uploads == 1


async def test_a_replaced_placeholder_leads_to_the_new_message(world):
    await world.discord_fault("/webhooks/*", method="PATCH", status=400, code=50035, times=1)
    await world.discord_fault("/channels/*/messages/*", method="PATCH", status=400, code=50035, times=1)
    placeholder = await (await world.ada.imagine(**SET)).answer()
    found = await ends_well(world, 1)
    (old,) = [one for one in found if one.id == placeholder.id]
    (new,) = [one for one in found if one.id != placeholder.id]
    assert old.text.strip() == f"➡️ Continued in [this message]({await link_of(world, new)})."
    assert len(new.pictures) == 1


async def link_of(world, message):
    return f"https://discord.com/channels/{await world.guild_of('general')}/{message.data['channel_id']}/{message.id}"


async def test_words_that_automod_blocks_are_left_out_and_the_pictures_stay(world):
    await world.discord_fault("/webhooks/*", method="PATCH", status=400, code=200000, times=1)
    result = await world.ada.imagine_to_end(**SET)
    assert "red fox" not in f"{result.text} {result.alt_texts} {result.pictures}"
    assert "AutoMod blocked it" in result.text
    assert len(result.pictures) == 1


async def test_a_picture_that_discord_finds_explicit_is_linked(world):
    await world.discord_fault("/webhooks/*", method="PATCH", status=400, code=20009, times=1)
    result = await (await world.ada.imagine(**SET)).result(pictures=0)
    assert "explicit content" in result.text
    assert "Save before" in result.text


async def shows(world, pictures):
    await world.until(world.ada.messages, lambda found: any(len(one.pictures) == pictures for one in found))


async def test_words_that_automod_blocks_while_pictures_come_are_not_in_their_names_either(world):
    await world.set_api(delay=0.05, image_interval=0.3)
    await world.ada.imagine(**SET, images=2)
    await shows(world, 1)
    await world.discord_setting(blocked_words=["fox"])
    found = await ends_well(world, 2)
    assert sum(len(one.pictures) for one in found) == 2
    assert "fox" not in "".join(f"{one.text} {one.alt_texts}" for one in found)
    assert [("fox" in url) for one in found for url in one.pictures] == [True, False]


@pytest.mark.parametrize("count", [2, 12])
async def test_words_that_automod_blocks_while_pictures_come_cost_no_further_upload(world, count):
    await world.set_api(delay=0.05, image_interval=0.1)
    await world.ada.imagine(**SET, images=count)
    await shows(world, 1)
    await world.discord_setting(blocked_words=["fox"])
    await ends_well(world, count)
    assert world.uploads == count


@pytest.mark.parametrize("name", ["AutoMod", "a harmful link", "a form that Discord doesn't take", "a file too large"])
async def test_what_is_refused_of_an_edit_while_pictures_come_costs_no_further_upload(world, name):
    status, code = REFUSALS[name]
    await world.set_api(delay=0.05, image_interval=0.3)
    await world.ada.imagine(**SET, images=4)
    await shows(world, 2)
    await world.discord_fault("/webhooks/*", method="PATCH", status=status, code=code)
    found = await ends_well(world, 4)
    assert sum(len(one.pictures) for one in found) == world.uploads == 4


@pytest.mark.parametrize("name", ["AutoMod", "a harmful link"])
async def test_words_that_are_refused_of_a_second_message_leave_the_first_ones_pictures(world, name):
    status, code = REFUSALS[name]
    await world.set_api(delay=0.05, image_interval=0.02)
    await world.discord_fault("/channels/*/messages", method="POST", status=status, code=code)
    await world.ada.imagine(**SET, images=12)
    found = await ends_well(world, 12)
    assert sum(len(one.pictures) for one in found) == world.uploads == 12


async def test_when_follow_ups_are_used_up_the_rest_of_a_set_comes_directly(world):
    await world.set_api(delay=0.05, image_interval=0.02)
    await world.discord_fault("/webhooks/*", method="POST", status=400, code=40094, times=None)
    await world.ada_elsewhere.imagine(**SET, images=12)
    assert len((await world.ada_in_dm.next_result()).pictures) == 2
    assert [len(one.pictures) for one in await world.ada_elsewhere.messages()] == [10]
    assert world.uploads == 12


async def test_details_of_words_that_automod_blocks_has_them_in_a_file(world):
    result = await world.ada.imagine_to_end(**SET)
    await world.discord_setting(blocked_words=["fox"])
    details = await world.ada.press(result, "Details")
    assert "fox" not in details.text
    assert "prompt.txt" in str(details.data["components"])
