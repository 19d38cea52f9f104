"""/settings as admins and members meet it: each setting through the screen, each refusal in its own words."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cogs.i18n.translate import _ as message_in
from cogs.i18n.translate import using_locale
from infra.db.tables import AUDIT
from tests.e2e.admins import pressed
from tests.support.pictures import jpeg
from tests.support.settings import Screen

LITE, V45, V40, T2I = (f"doubao-seedream-{one}" for one in ("5.0-lite", "4.5", "4.0", "3.0-t2i"))
FREE = "Nothing was made or charged."
PHOTO = ("photo.jpg", jpeg(1200, 800))


@pytest.fixture
async def screen(world):
    return await Screen.opened(world.ada)


async def channel(world, name):
    return (await world._channel(name))[1]


async def role(world, name):
    guilds = (await world.get("/control/world"))["guilds"]
    return next(
        one["id"] for guild in guilds if guild["name"] == "Studio" for one in guild["roles"] if one["name"] == name
    )


async def changes(world):
    rows = await world.read(select(AUDIT).order_by(AUDIT.c.id))
    return [(row.target, row.before, row.after) for row in rows]


def said(locale, message, **values):
    with using_locale(locale):
        return message_in(message, **values)


async def refused(member, words, **options):
    """A request is refused in these words, for nobody else to see, and the service is never asked."""
    asked = await member.imagine(**{"prompt": "a red fox in snow"} | options)
    refusal = await asked.answer()
    assert refusal.ephemeral
    assert words in refusal.text
    assert refusal.text.endswith(FREE)
    assert await member.world.requests() == []


# --- what is chosen where a member chooses nothing ------------------------------------------------------------------


async def test_defaults_are_used_where_a_member_leaves_it_open(world, screen):
    screen = await screen.sets("default_model", LITE)
    screen = await screen.use("default_size", "3K")
    screen = await screen.use("output_format", "png")
    screen = await screen.use("watermark")
    assert screen.shown("default_model") == {LITE}
    assert screen.shown("default_size") == {"3K"}
    assert screen.shown("output_format") == {"png"}
    assert screen.control("watermark")["label"] == "On"
    await world.ben.imagine_to_end(prompt="a red fox in snow")
    request = (await world.requests())[-1]["parameters"]
    assert request["size"] == "3K"
    assert request["output_format"] == "png"
    assert request["watermark"] is True
    overview = await screen.tab("Overview")
    assert "SeeDream 5.0 lite · 3K · PNG · with watermark · visible to everyone" in overview.text


async def test_a_members_last_choice_overrides_the_servers_default(world, screen):
    await world.ben.imagine_to_end(prompt="a fox", model=V45, size="4K")
    await screen.sets("default_model", V40)
    await world.ben.imagine_to_end(prompt="a second fox")
    await world.cleo.imagine_to_end(prompt="a third fox")
    models = [one["model"] for one in await world.requests()]
    assert models == ["doubao-seedream-4-5-251128", "doubao-seedream-4-5-251128", "doubao-seedream-4-0-250828"]
    assert [one["parameters"]["size"] for one in await world.requests()] == ["4K", "4K", "2K"]


async def test_a_members_last_choice_is_ignored_if_it_is_not_allowed(world, screen):
    await world.ben.imagine_to_end(prompt="a fox", model=LITE)
    await screen.sets("models", V45, V40)
    await world.ben.imagine_to_end(prompt="a second fox")
    assert (await world.requests())[-1]["model"] == "doubao-seedream-4-5-251128"


async def test_a_default_that_a_model_does_not_support_is_left_out(world, screen):
    screen = await screen.sets("default_size", "1K")
    await screen.use("output_format", "png")
    await world.ben.imagine_to_end(prompt="a fox", model=V45)
    request = (await world.requests())[-1]["parameters"]
    assert request["size"] == "2K"
    assert "output_format" not in request


async def test_any_size_can_be_typed_and_one_that_no_model_supports_is_refused(world, screen):
    screen = await screen.at("default_size")
    wrong = await screen.writes("default_size", "9x9", press="other")
    assert "⚠️" in wrong.text
    assert "9x9" in wrong.text
    right = await wrong.writes("default_size", " 2048 × 1536 ", press="other")
    assert right.shown("default_size") == {"2048x1536"}
    assert await changes(world) == [("default_size", None, "2048x1536")]
    result = await world.ben.imagine_to_end(prompt="a fox", model=V40)
    assert await result.sizes() == [(2048, 1536)]
    assert (await right.use("default_size", "unset")).shown("default_size") == {"unset"}


async def test_private_by_default_is_seen_by_its_member_alone_unless_they_say_otherwise(world, screen):
    await screen.sets("private")
    await world.ben.imagine_to_end(prompt="a surprise")
    assert all(not one.pictures for one in await world.cleo.messages())
    await world.ben.imagine_to_end(prompt="for all", private=False)
    assert any(one.pictures for one in await world.cleo.messages())


async def test_settings_do_not_apply_outside_the_server(world, screen):
    await screen.sets("banned", world.ada.id)
    await refused(world.ada, "banned you")
    assert (await world.ada_in_dm.imagine_to_end(prompt="a fox")).pictures
    assert (await world.ada_in_workshop.imagine_to_end(prompt="a fox")).pictures


# --- refusals -------------------------------------------------------------------------------------------------------


async def test_models_that_are_not_allowed_are_refused_with_those_that_are(world, screen):
    screen = await screen.sets("models", V45, V40)
    assert screen.shown("models") == {V45, V40}
    await refused(
        world.ben, "SeeDream 3.0 t2i isn't allowed in this server. Choose SeeDream 4.0 or SeeDream 4.5.", model=T2I
    )


async def test_channels_are_allowed_blocked_and_moved_between_the_lists(world, screen):
    general, gallery = await channel(world, "general"), await channel(world, "gallery")
    screen = await screen.sets("channels_allowed", gallery)
    await refused(world.ben, f"only in certain channels of this server. Use <#{gallery}>.")
    screen = await screen.use("channels_denied", general, gallery)
    assert screen.shown("channels_allowed") == set()
    assert screen.shown("channels_denied") == {general, gallery}
    await refused(world.ben, f"You can't make pictures in <#{general}>. Use another channel.")
    screen = await screen.use("channels_allowed", general)
    assert screen.shown("channels_denied") == {gallery}
    await world.ben.imagine_to_end(prompt="a fox")


async def test_a_channel_that_a_member_cannot_see_is_not_named_to_them(world, screen):
    gallery = await channel(world, "gallery")
    await screen.sets("channels_allowed", gallery)
    await world.post("/control/permissions", {"channel": "gallery", "user": "ben", "deny": ["VIEW_CHANNEL"]})
    await refused(world.ben, "you can't see any of them. Ask an admin.")


async def test_a_refusal_names_the_allowed_roles(world, screen):
    patron = await role(world, "Patron")
    screen = await screen.sets("roles_allowed", patron)
    assert screen.shown("roles_allowed") == {patron}
    await refused(world.ben, f"You need the role <@&{patron}> to make pictures in this server.")
    await world.cleo.imagine_to_end(prompt="a fox")


async def test_age_restricted_channels_only(world, screen):
    await screen.sets("age_restricted_only")
    await refused(world.ben, "age-restricted channels of this server, and this channel isn't one. Use one that is.")
    after_dark = type(world.ben)(world, "ben", "after-dark")
    await after_dark.imagine_to_end(prompt="a fox")


async def test_blocked_words_are_named_to_the_member_and_can_be_removed(world, screen):
    screen = await (await screen.at("words_in")).writes("words_in", "gore, Red  Fox\n\n狐;gore")
    assert "`gore` · `Red Fox` · `狐`" in screen.text
    await refused(world.ben, "doesn't allow ||Red Fox|| in a prompt", prompt="a rêd-FOX in snow")
    await refused(world.ben, "||狐||", prompt="赤狐")
    option = next(one for one in screen.control("blocked_words")["options"] if one["label"] == "Red Fox")
    screen = await screen.use("blocked_words", option["value"])
    assert "Red Fox`" not in screen.text
    await world.ben.imagine_to_end(prompt="a red fox in snow")
    assert await changes(world) == [
        ("blocked_words", None, "gore, Red Fox, 狐"),
        ("blocked_words", "Red Fox", None),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (" , ;\n", "There are no words in that."),
        ("...", "no letters, digits or symbols"),
        ("x" * 101, "at most 100 characters"),
        (", ".join(f"w{n}" for n in range(501)), "can't have more than 500"),
    ],
    ids=["nothing", "no token", "long", "many"],
)
async def test_invalid_words_are_refused_on_the_screen(world, screen, words, told):
    screen = await (await screen.at("words_in")).writes("words_in", words)
    assert told in screen.text
    assert await changes(world) == []


async def test_many_words_have_pages(world, screen):
    words = ", ".join(f"word{n}" for n in range(45))
    screen = await (await screen.at("words_in")).writes("words_in", words)
    assert "1 of 3" in screen.message.labels
    screen = await screen.act(screen.message.custom_id("▶"))
    assert "2 of 3" in screen.message.labels
    assert "`word20`" in screen.text
    values = [one["value"] for one in screen.control("blocked_words")["options"]]
    screen = await screen.use("blocked_words", *values)
    assert "2 of 2" in screen.message.labels


@pytest.mark.parametrize("way", ["imagine", "edit", "blend", "menu", "reply", "reroll", "vary", "edit button"])
async def test_a_banned_member_is_refused_by_every_way(world, screen, way):
    first = await world.cleo.imagine_to_end(prompt="a red fox in snow")
    made = len(await world.requests())
    await screen.sets("banned", world.ben.id)
    ben = world.ben
    match way:
        case "imagine":
            refusal = await (await ben.imagine(prompt="a fox")).answer()
        case "edit":
            refusal = await (await ben.run("edit", prompt="night", files={"image": PHOTO})).answer()
        case "blend":
            refusal = await (await ben.run("blend", files={"image": PHOTO, "image2": PHOTO})).answer()
        case "menu":
            opened = await ben.run("Edit image", target=first)
            refusal = await (await ben.fill(opened, change="make it night")).answer()
        case "reply":
            refusal = await ben.answer_to(await ben.say("make it night", to=first))
        case "edit button":
            refusal = await (await ben.fill(await ben.pressed(first, "Edit"), change="make it night")).answer()
        case _:
            refusal = await ben.press(first, way.capitalize())
    assert "banned you from making pictures" in refusal.text
    assert FREE in refusal.text
    assert len(await world.requests()) == made


async def test_a_ban_can_be_lifted(world, screen):
    screen = await screen.sets("banned", world.ben.id)
    assert screen.shown("banned") == {world.ben.id}
    await refused(world.ben, "banned you")
    screen = await screen.use("banned")
    assert screen.shown("banned") == set()
    await world.ben.imagine_to_end(prompt="a fox")
    assert await changes(world) == [("banned", None, world.ben.id), ("banned", world.ben.id, None)]


# --- a watermark that members can't switch off ------------------------------------------------------------------


@pytest.mark.parametrize(
    "way", ["imagine", "edit", "blend", "menu", "reply", "reroll", "vary", "edit button", "cut out", "layers"]
)
async def test_a_required_watermark_is_on_every_picture_by_every_way(world, screen, way):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await screen.sets("watermark_required")
    ben = world.ben
    match way:
        case "imagine":
            made = await ben.imagine_to_end(prompt="a fox", watermark=False)
            assert "This server requires the watermark." in made.text
        case "edit":
            made = await (await ben.run("edit", prompt="night", files={"image": PHOTO})).ended()
        case "blend":
            made = await (await ben.run("blend", files={"image": PHOTO, "image2": PHOTO})).ended()
        case "menu":
            made = await (await ben.fill(await ben.run("Edit image", target=first), change="make it night")).ended()
        case "reply":
            made = await ben.result_of(await ben.say("make it night", to=first))
        case "edit button":
            made = await (await ben.fill(await ben.pressed(first, "Edit"), change="make it night")).ended()
        case _:
            made = await (await ben.pressed(first, way.capitalize())).ended()
    assert made.pictures
    assert [one["parameters"]["watermark"] for one in await world.requests()] == [False, True]


async def test_a_required_watermark_is_required_in_no_other_server(world, screen):
    await screen.sets("watermark_required")
    await world.ada_in_workshop.imagine_to_end(prompt="a fox", watermark=False)
    assert (await world.requests())[-1]["parameters"]["watermark"] is False


async def test_a_retry_of_an_older_request_gets_the_required_watermark(world, screen):
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.imagine(prompt="a fox", watermark=False)).ended()
    screen = await screen.sets("watermark_required")
    again = await (await world.ada.pressed(failed, "Retry")).ended()
    assert "This server requires the watermark." in again.text
    assert (await world.requests())[-1]["parameters"]["watermark"] is True
    assert "always with watermark" in (await screen.tab("Overview")).text
    assert await changes(world) == [("watermark_required", "off", "on")]


# --- log channel, time zone, audit log ------------------------------------------------------------------------------


async def test_changes_are_posted_to_the_log_channel_and_ping_nobody(world, screen):
    gallery = await channel(world, "gallery")
    screen = await screen.sets("log_channel", gallery)
    await screen.sets("banned", world.ben.id)
    looking = type(world.ada)(world, "ada", "gallery")
    posted = await looking.wait_for_message(text="Banned members")
    assert f"<@{world.ada.id}> changed **Banned members:** + <@{world.ben.id}>" in posted.text
    assert await world.pings() == []
    assert await changes(world) == [("log_channel", None, gallery), ("banned", None, world.ben.id)]


async def test_removing_the_log_channel_is_posted_in_that_channel(world, screen):
    screen = await screen.sets("log_channel", await channel(world, "gallery"))
    await screen.use("log_channel")
    await type(world.ada)(world, "ada", "gallery").wait_for_message(text="→ no channel")


async def test_a_log_channel_that_the_bot_cannot_write_in_is_refused(world, screen):
    backroom = await channel(world, "backroom")
    screen = await screen.sets("log_channel", backroom)
    assert f"I can't post in <#{backroom}>" in screen.text
    assert await changes(world) == []


async def test_a_failing_log_channel_delays_nobody_and_is_logged_once(world, screen, caplog):
    screen = await screen.sets("log_channel", await channel(world, "gallery"))
    await type(world.ada)(world, "ada", "gallery").wait_for_message(text="Log channel")
    await world.discord_fault("/channels/*/messages", status=403, code=50013, times=None)
    for _ in range(3):
        screen = await screen.sets("private")
    await world.discord_is_asked("POST", 403, times=1)
    await world.restart_bot()
    assert len([one for one in caplog.messages if "can't post in log channel" in one]) == 1
    assert len(await changes(world)) == 4
    assert "⚠️" not in screen.text


async def test_the_screen_warns_if_the_bot_can_no_longer_post_in_the_log_channel(world, screen):
    await screen.sets("log_channel", await channel(world, "gallery"))
    await world.deny("gallery", "SEND_MESSAGES")
    async with asyncio.timeout(30):
        while "I can't post there" not in screen.text:
            screen = await screen.tab("General")


async def test_the_time_zone_is_typed_in_any_case_and_the_nearest_is_suggested(world, screen):
    screen = await (await screen.at("time_zone")).writes("time_zone", "Europe/Berlni")
    assert "Did you mean Europe/Berlin?" in screen.text
    screen = await screen.writes("time_zone", " europe/berlin ")
    assert re.search(r"\*\*Time zone\*\* · Europe/Berlin, currently \d\d:\d\d", screen.text)
    assert await changes(world) == [("time_zone", "UTC", "Europe/Berlin")]


async def test_an_offset_is_the_zone_that_is_ahead_by_it_and_shown_as_it_was_written(world, screen):
    screen = await (await screen.at("time_zone")).writes("time_zone", "GMT+2")
    there = datetime.now(timezone(timedelta(hours=2)))
    assert f"**Time zone** · UTC+2, currently {there:%H:}" in screen.text
    assert "✅ Saved. **Time zone:** UTC → UTC+2" in screen.text
    assert await changes(world) == [("time_zone", "UTC", "Etc/GMT-2")]


async def test_an_abbreviation_offers_places_with_their_time_and_one_is_saved_when_it_is_chosen(world, screen):
    screen = await (await screen.at("time_zone")).writes("time_zone", "EST")
    assert "⚠️ “EST” can be several time zones. Choose yours in the menu below." in screen.text
    assert await changes(world) == []
    offered = {one["value"]: one["label"] for one in screen.control("time_zone:offered")["options"]}
    there = datetime.now(ZoneInfo("America/New_York"))
    assert offered["America/New_York"].startswith(f"America/New_York, currently {there:%H:}")
    screen = await screen.use("time_zone:offered", "America/Toronto")
    assert "✅ Saved. **Time zone:** UTC → America/Toronto" in screen.text
    assert await changes(world) == [("time_zone", "UTC", "America/Toronto")]


async def test_the_choice_for_replies_is_saved_and_logged(world, screen):
    screen = await screen.at("replies")
    assert screen.shown("replies") == {"ask_when_unsure"}
    screen = await screen.use("replies", "always_ask")
    assert screen.shown("replies") == {"always_ask"}
    assert "✅ Saved. **Replies:** Ask when unsure → Always ask" in screen.text
    assert await changes(world) == [("replies", "ask_when_unsure", "always_ask")]
    assert "**Replies:** Always ask" in (await screen.tab("Overview")).text


async def test_the_bot_speaks_one_language_or_each_members_own(world, screen):
    screen = await screen.sets("log_channel", await channel(world, "gallery"))
    assert screen.shown("language") == {"unset"}
    screen = await screen.use("language", "de")
    assert screen.shown("language") == {"de"}
    own = said("de", "each member's Discord language")
    change = f"**{said('de', 'Language')}:** {own} → Deutsch"
    assert said("de", "✅ Saved. {change}", change=change) in screen.text
    assert said("de", "Recent changes") in screen.text
    assert change in (await type(world.ada)(world, "ada", "gallery").wait_for_message(text="→ Deutsch")).text
    assert "Deutsch" in (await screen.tab("Overview")).text
    screen = await screen.sets("language", "unset")
    assert screen.shown("language") == {"unset"}
    assert "✅ Saved. **Language:** Deutsch → each member's Discord language" in screen.text
    assert "**Language:** each member's Discord language" in (await screen.tab("Overview")).text
    assert (await changes(world))[1:] == [("language", None, "de"), ("language", "de", None)]


async def test_recent_changes_are_shown_with_their_admins(world, screen):
    screen = await screen.sets("watermark")
    screen = await screen.tab("General")
    assert f"<@{world.ada.id}> **Watermark:** the bot's default → on" in screen.text


# --- who may, restarts, two at once, what is gone -------------------------------------------------------------------


async def test_a_member_without_permission_is_refused_at_the_command_and_at_every_control(world, screen):
    asked = await world.post(
        "/control/command", {"user": "ada", "channel": "general", "name": "settings", "options": {}, "wait": True}
    )
    assert "Settings for Studio" in asked["message"]["components"][0]["components"][0]["content"]
    offered = await world.get("/control/commands", user="ben", channel="general")
    assert "settings" not in {one["name"] for one in offered}
    seen_by_all = await public_copy(world, await screen.at("banned"))
    for what in ("tab", "banned", "words_in"):
        control = screen_of(world.ben, seen_by_all).control(what)
        refusal = await screen_of(world.ben, seen_by_all).act(
            control["custom_id"], (world.cleo.id,) if what == "banned" else ()
        )
        assert "Only members with the Manage Server permission" in refusal.text
    assert await changes(world) == []


async def test_a_modal_is_refused_if_the_permission_was_lost_meanwhile(world, screen):
    dan = await Screen.opened(type(world.ada)(world, "dan", "general"))
    opened = await (await dan.at("words_in")).opens("words_in")
    await world.post("/control/delete-role", {"guild": "Studio", "role": "Admin"})
    refusal = await (await dan.member.fill(opened, words="gore")).answer()
    assert "Only members with the Manage Server permission" in refusal.text
    assert await changes(world) == []


async def test_a_press_and_a_modal_work_after_a_restart(world, screen):
    screen = await screen.at("words_in")
    opened = await screen.opens("words_in")
    await world.restart_bot()
    after = Screen(world.ada, await (await world.ada.fill(opened, words="gore")).answer())
    assert "`gore`" in after.text
    await world.restart_bot()
    after = await after.use("banned", world.ben.id)
    assert after.shown("banned") == {world.ben.id}
    await refused(world.ben, "banned you")
    assert "`gore`" in after.text


async def test_two_admins_at_once_keep_each_others_changes(world, screen):
    dan = await Screen.opened(type(world.ada)(world, "dan", "general"))
    first, second = await screen.at("banned"), await dan.at("banned")
    await asyncio.gather(first.use("banned", world.ben.id), second.use("banned", world.cleo.id))
    shown = await (await Screen.opened(world.ada)).at("banned")
    assert shown.shown("banned") == {world.ben.id, world.cleo.id}
    first, second = await screen.at("private"), await dan.at("private")
    await asyncio.gather(first.use("private"), second.use("private"))
    assert (await (await Screen.opened(world.ada)).at("private")).control("private")["label"] == "On"
    assert len([one for one in await changes(world) if one[0] == "private"]) == 1


async def test_deleted_channels_and_roles_keep_restricting_until_an_admin_removes_them(world, screen):
    gallery, patron = await channel(world, "gallery"), await role(world, "Patron")
    screen = await screen.sets("channels_allowed", gallery)
    screen = await screen.use("roles_allowed", patron)
    await world.post("/control/delete-channel", {"channel": "gallery"})
    await world.post("/control/delete-role", {"guild": "Studio", "role": "Patron"})
    await refused(world.ben, "no longer exists. Ask an admin")
    screen = await screen.tab("Access")
    assert "2 deleted channels or roles" in screen.text
    assert "If you remove them, everyone can make pictures in every channel." in screen.text
    assert screen.shown("channels_allowed") == screen.shown("roles_allowed") == set()
    screen = await screen.use("age_restricted_only")
    screen = await screen.use("age_restricted_only")
    assert "2 deleted channels or roles" in screen.text
    screen = await screen.use("clear")
    assert "of nothing" not in screen.text
    await world.ben.imagine_to_end(prompt="a fox")


async def test_a_deleted_log_channel_can_be_removed(world, screen):
    await screen.sets("log_channel", await channel(world, "gallery"))
    await world.post("/control/delete-channel", {"channel": "gallery"})
    screen = await screen.tab("General")
    assert "This channel was deleted" in screen.text
    screen = await screen.act(screen.message.custom_id("No log channel"))
    assert "This channel was deleted" not in screen.text


def screen_of(member, message):
    return Screen(member, message)


async def public_copy(world, screen):
    """The same controls in a message that everybody can see, as only a forger would have them."""
    payload = {"components": [_bare(one) for one in screen.message.data["components"]], "flags": 1 << 15}
    return await world.post_as_bot("general", **payload)


def _bare(component):
    inner = {key: [_bare(one) for one in component[key]] for key in ("components",) if key in component}
    accessory = {"accessory": _bare(component["accessory"])} if "accessory" in component else {}
    return {key: value for key, value in component.items() if key != "id" and value is not None} | inner | accessory


async def test_settings_and_limits_lead_to_each_other(world):
    screen = await Screen.opened(world.ada)
    limits = await pressed(world.ada, screen.message, "Show")
    assert "This server has no limits" in limits.text
    assert "Settings for Studio" in (await pressed(world.ada, limits, "Settings")).text
    seen_by_all = await public_copy(world, Screen(world.ada, limits))
    refusal = await (await world.ben.pressed(seen_by_all, "Settings")).answer()
    assert "chosen for /settings" in refusal.text
