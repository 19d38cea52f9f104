"""What was allowed when a screen was shown is checked again when it is used, whoever it was shown to."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.db.tables import AUDIT, GRANTS, LIMITS
from tests.e2e.admins import now, pressed, public_copy, quota_admin, set_limit
from tests.support.places import link_to, thread_in
from tests.support.settings import Screen
from tests.support.world import walk

REFUSAL = "Only members with the Manage Server permission, or those chosen for"


@pytest.fixture
async def curator(world):
    """A member with a role that has Manage Server, and nothing else."""
    await world.add_role("Curator", "MANAGE_GUILD")
    await world.set_roles("ben", "Curator")
    return world.ben


async def is_refused(member, message, button):
    refusal = await (await member.pressed(message, button)).answer()
    assert refusal.ephemeral
    assert REFUSAL in refusal.text
    assert "Nothing was changed." in refusal.text


async def is_done(member, message, button):
    assert REFUSAL not in (await pressed(member, message, button)).text


async def stored(world):
    return [len(await world.read(select(table))) for table in (LIMITS, GRANTS, AUDIT)]


async def questions(world, admin):
    """A message for every kind of button, and the button."""
    await world.cleo.imagine_to_end(prompt="a fox")
    await set_limit(admin, limit="day", amount="9", all="everyone")
    await quota_admin(admin, "grant", member="cleo", amount=5)
    for number in range(12):
        await world.add_role(f"role {number}")
        await set_limit(admin, limit="day", amount=str(number), member_or_role=f"role {number}")
    await world.post("/control/delete-role", {"guild": "Studio", "role": "role 0"})
    listed = await quota_admin(admin, "list")
    return [
        (await quota_admin(admin, "clear", all="every"), "Clear"),
        (await quota_admin(admin, "take", member="cleo"), "Take 5"),
        (await quota_admin(admin, "reset", all="everyone"), "Reset"),
        (listed, "▶"),
        (listed, "Clear limits of 1 deleted role"),
        (await quota_admin(admin, "log"), "Older ▶"),
        (await quota_admin(admin, "report"), "7 days"),
        (await quota_admin(admin, "report"), "sd:qa:export:30"),
    ]


# --- /quota-admin -----------------------------------------------------------------------------------------------------


async def test_no_button_of_quota_admin_outlives_the_role_that_its_reader_had(world, curator):
    asked = await questions(world, curator)
    before = await stored(world)
    await world.set_roles("ben")
    for message, button in asked:
        await is_refused(curator, message, button)
    assert await stored(world) == before
    assert [(await now(message)).text for message, _ in asked] == [message.text for message, _ in asked]


async def test_a_deleted_role_ends_what_it_allowed(world, curator):
    await set_limit(curator, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.post("/control/delete-role", {"guild": "Studio", "role": "Curator"})
    await is_refused(curator, question, "Clear")
    assert (await stored(world))[0] == 1


async def test_a_refused_press_does_not_use_up_the_question(world, curator):
    await set_limit(curator, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.set_roles("ben")
    await is_refused(curator, question, "Clear")
    await world.set_roles("ben", "Curator")
    await is_done(curator, question, "Clear")
    assert (await stored(world))[0] == 0


# --- chosen by the server's admins, under Server Settings > Integrations ----------------------------------------------


async def test_members_who_were_given_the_command_use_it_as_long_as_they_have_it(world):
    await world.add_role("Treasurer")
    await world.set_roles("ben", "Treasurer")
    await world.choose_for_command("quota-admin", {"role": "Treasurer", "permission": True})
    asked = await questions(world, world.ben)
    for message, button in asked[2:]:
        await is_done(world.ben, message, button)
    await world.choose_for_command("quota-admin")
    for message, button in asked[:2]:
        await is_refused(world.ben, message, button)


@pytest.mark.parametrize("command", ["quota-admin", None])
@pytest.mark.parametrize(
    "entry",
    [
        {"user": "ben", "permission": False},
        {"role": "Curator", "permission": False},
        {"role": "@everyone", "permission": False},
        {"channel": "general", "permission": False},
        {"channel": "all", "permission": False},
    ],
)
async def test_members_from_whom_the_command_was_taken_do_no_more_with_it(world, curator, command, entry):
    await set_limit(curator, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.choose_for_command(command, entry)
    await is_refused(curator, question, "Clear")
    await is_done(world.dan, await public_copy(question), "Clear")  # an Administrator
    assert (await stored(world))[0] == 0


async def test_a_command_that_was_given_gives_no_other(world):
    await world.choose_for_command("quota-admin", {"user": "ben", "permission": True})
    assert await world.ben.commands() >= {"quota-admin"}
    message = await forged(world, "sd:set:tab:access:1")
    await is_refused(world.ben, message, "sd:set:tab:access:1")


FAULTS = [{"status": 500, "times": None}, {"delay": 30.0}]
NOT_SURE = "couldn't check that you may do this. Nothing was changed."


@pytest.mark.parametrize("fault", FAULTS)
async def test_where_discord_does_not_say_who_was_chosen_nobody_is_trusted_but_administrators(world, curator, fault):
    await set_limit(world.dan, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.choose_for_command("quota-admin", {"user": "ben", "permission": False})
    await world.discord_fault("/applications/*/commands/permissions", method="GET", **fault)
    refusal = await (await curator.pressed(question, "Clear")).answer()
    assert NOT_SURE in refusal.text
    assert (await stored(world))[0] == 1
    await is_done(world.dan, await public_copy(question), "Clear")


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_discord_said_minutes_ago_counts_where_it_says_nothing(world, curator, fault):
    await set_limit(curator, limit="day", amount="2", all="everyone")
    await is_done(curator, await quota_admin(curator, "clear", all="every"), "Clear")
    await set_limit(curator, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.discord_fault("/applications/*/commands/permissions", method="GET", **fault)
    await is_done(curator, question, "Clear")
    await set_limit(curator, limit="day", amount="2", all="everyone")
    question = await quota_admin(curator, "clear", all="every")
    await world.set_roles("ben")
    await world.discord_fault("/applications/*/commands/permissions", method="GET", **fault)
    refusal = await (await curator.pressed(question, "Clear")).answer()
    assert NOT_SURE in refusal.text
    assert (await stored(world))[0] == 1


# --- forged -----------------------------------------------------------------------------------------------------------


async def forged(world, *custom_ids):
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": one, "custom_id": one} for one in custom_ids]}
    return await world.post_as_bot("general", components=[row], flags=1 << 15)


@pytest.mark.parametrize(
    "custom_id",
    ["sd:qa:clear:every.every", "sd:qa:export:90", "sd:qa:log:0", "sd:set:tab:access:1", "sd:set:private::1"],
)
async def test_a_forged_button_does_nothing_for_members_without_the_command(world, custom_id):
    await set_limit(world.ada, limit="day", amount="2", all="everyone")
    before = await stored(world)
    await is_refused(world.cleo, await forged(world, custom_id), custom_id)
    assert await stored(world) == before


@pytest.mark.parametrize(
    "argument",
    [
        "clear:every.nothing",
        "clear:nobody.day",
        "clear:",
        "take:x.every",
        "take:1.x",
        "reset:",
        "reset:nobody",
        "nonsense:",
    ],
)
async def test_a_button_that_cannot_be_read_changes_nothing(world, argument):
    await set_limit(world.ada, limit="day", amount="2", all="everyone")
    await quota_admin(world.ada, "grant", member="cleo", amount=5)
    before = await stored(world)
    message = await forged(world, f"sd:qa:{argument}")
    await world.ada.pressed(message, f"sd:qa:{argument}")
    assert (await world.ada.wait_for_message(after=message.id, text="older version")).ephemeral
    assert await stored(world) == before


# --- /settings --------------------------------------------------------------------------------------------------------


async def test_no_control_of_settings_outlives_the_permission(world, curator):
    for what, *values in (("private",), ("banned", world.cleo.id), ("tab:access",)):
        await world.set_roles("ben", "Curator")
        screen = await Screen.opened(curator)
        screen = screen if what.startswith("tab") else await screen.at(what)
        await world.set_roles("ben")
        assert REFUSAL in (await screen.use(what, *values)).text
    assert (await stored(world))[2] == 0


async def test_a_form_that_was_opened_with_the_permission_is_not_taken_without_it(world, curator):
    form = await (await (await Screen.opened(curator)).at("words_in")).opens("words_in")
    await world.set_roles("ben")
    assert REFUSAL in (await (await curator.fill(form, words="gore")).answer()).text
    assert (await stored(world))[2] == 0


async def test_members_who_were_given_settings_use_its_controls_and_forms_until_it_is_taken(world):
    await world.choose_for_command("settings", {"user": "ben", "permission": True})
    screen = await (await Screen.opened(world.ben)).at("words_in")
    screen = await screen.writes("words_in", "gore")
    assert "gore" in screen.text
    form = await screen.opens("words_in")
    await world.choose_for_command("settings")
    assert REFUSAL in (await (await world.ben.fill(form, words="blood")).answer()).text
    assert (await stored(world))[2] == 1


# --- pictures from other channels -------------------------------------------------------------------------------------

UNREADABLE = "You can't read the channel that one of these pictures is from"


async def edited_from(world, place):
    """An edit in general of a picture that is somewhere else."""
    link = await link_to(await world.member_in(place).imagine_to_end(prompt="a fox"))
    return await (await world.ada.run("edit", prompt="make it night", link=link)).result(pictures=1)


async def says(member, message, button):
    return (await (await member.pressed(message, button)).answer()).text


async def test_a_picture_is_not_reached_through_another_members_result(world):
    result = await edited_from(world, "gallery")
    await world.deny("gallery", "VIEW_CHANNEL", user="ben")
    assert UNREADABLE in await says(world.ben, result, "Reroll")
    await (await world.cleo.pressed(result, "Reroll")).result(pictures=1)
    assert len(await world.requests()) == 3


@pytest.mark.parametrize(
    ("kind", "taken"), [("voice", "CONNECT"), ("stage", "CONNECT"), ("text", "READ_MESSAGE_HISTORY")]
)
async def test_who_may_no_longer_read_a_chat_uses_no_more_of_its_pictures(world, kind, taken):
    chat = await world.make_channel("the-chat", kind)
    result = await edited_from(world, chat)
    await world.deny(chat, taken, user="ben")
    assert UNREADABLE in await says(world.ben, result, "Reroll")
    await world.deny(chat, user="ben")
    await (await world.ben.pressed(result, "Reroll")).result(pictures=1)


async def test_who_left_a_private_thread_uses_no_more_of_its_pictures(world):
    thread = await thread_in(world, "general", private=True)
    result = await edited_from(world, thread)
    assert UNREADABLE in await says(world.ben, result, "Reroll")
    await world.add_to_thread(thread, "ben")
    await (await world.ben.pressed(result, "Reroll")).result(pictures=1)


async def test_a_channel_that_has_become_age_restricted_keeps_the_pictures_it_had(world):
    link = await link_to(await world.member_in("gallery").imagine_to_end(prompt="a fox"))
    result = await (await world.ada.run("edit", prompt="make it night", link=link)).result(pictures=1)
    await world.set_age_restriction("gallery")
    assert "age-restricted channel" in await says(world.ada, result, "Reroll")
    refusal = await (await world.ada.run("edit", prompt="make it day", link=link)).answer()
    assert "age-restricted channel" in refusal.text
    inside = world.member_in("after-dark")
    await (await inside.run("edit", prompt="make it day", link=link)).result(pictures=1)
    assert len(await world.requests()) == 3


async def test_an_offer_is_not_taken_up_by_who_can_no_longer_read_the_channel_of_its_picture(world):
    link = await link_to(await world.member_in("gallery").imagine_to_end(prompt="a fox"))
    await set_limit(world.ada, limit="images", amount="1", all="everyone")
    offered = await (await world.ben.run("edit", prompt="make it night --images 2", link=link)).answer()
    (button,) = (one for one in walk(offered.data["components"]) if one["type"] == 2)
    await world.deny("gallery", "VIEW_CHANNEL", user="ben")
    assert UNREADABLE in await says(world.ben, offered, button["label"])
    assert len(await world.requests()) == 1
