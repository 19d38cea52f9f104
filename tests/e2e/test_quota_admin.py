"""/quota-admin as admins and members meet it: each subcommand, what is refused, and what comes of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from infra.db.engine import open_engine, transaction
from infra.db.tables import AUDIT, CHARGES, GRANTS, LIMITS
from tests.e2e.admins import dan, pressed, public_copy, quota_admin, rows_of, set_limit
from tests.support.settings import Screen
from tests.support.world import Member

FOX = "a red fox in snow"
UNCHANGED = "Nothing was changed."
COMMANDS = ("set", "clear", "list", "grant", "take", "reset", "report", "export", "log")


async def limits(world):
    rows = await world.read(select(LIMITS.c.who, LIMITS.c.kind, LIMITS.c.amount).order_by(LIMITS.c.who, LIMITS.c.kind))
    return [tuple(row) for row in rows]


async def audit(world):
    rows = await world.read(select(AUDIT).order_by(AUDIT.c.id))
    return [(row.action, row.target.partition(":")[0], row.before, row.after) for row in rows]


async def charges(world, **columns):
    """Charges that are in the ledger already."""
    engine = open_engine(world.environment["DATABASE_URL"])
    usual = {"server_id": int(await world.guild_of("general")), "price": 1, "from_grants": 0, "settled": True}
    count = len(next(iter(columns.values())))
    rows = [
        usual | {"job_id": f"kept-{number}"} | {name: values[number] for name, values in columns.items()}
        for number in range(count)
    ]
    async with transaction(engine) as connection:
        await connection.execute(insert(CHARGES), rows)
    await engine.dispose()
    return rows


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_the_command_is_only_for_members_who_manage_the_server(world):
    for name, offered in (("ada", True), ("dan", True), ("ben", False), ("cleo", False)):
        commands = await world.get("/control/commands", user=name, channel="general")
        assert ("quota-admin" in {one["name"] for one in commands}) is offered
    (command,) = (
        one
        for one in await world.get("/control/commands", user="ada", channel="general")
        if one["name"] == "quota-admin"
    )
    assert sorted(one["name"] for one in command["options"]) == sorted(COMMANDS)
    in_dm = await world.get("/control/commands", user="ada", channel="dm")
    assert "quota-admin" not in {one["name"] for one in in_dm}


async def test_a_button_is_refused_to_members_who_may_not_use_the_command(world):
    await quota_admin(world.ada, "grant", member="ben", amount=5)
    seen_by_all = await public_copy(await quota_admin(world.ada, "take", member="ben"))
    refusal = await (await world.ben.pressed(seen_by_all, "Take 5")).answer()
    assert refusal.ephemeral
    assert "Only members with the Manage Server permission" in refusal.text
    assert "Took 5 credits" in (await pressed(dan(world), seen_by_all, "Take 5")).text


async def test_all_answers_are_for_the_admin_alone(world):
    await world.ben.imagine_to_end(prompt=FOX)
    seen = [one.id for one in await world.ben.messages()]
    for command, options in (
        ("set", {"limit": "day", "amount": "5", "all": "everyone"}),
        ("grant", {"member": "ben", "amount": 5}),
        *((one, {"all": "everyone"}) for one in ("clear", "reset")),
        *((one, {}) for one in ("list", "report", "export", "log")),
        ("take", {"member": "ben"}),
    ):
        assert (await quota_admin(world.ada, command, **options)).ephemeral, command
    assert [one.id for one in await world.ben.messages()] == seen


# --- set -------------------------------------------------------------------------------------------------------------


async def test_a_limit_is_set_for_each_kind_of_target_and_its_effect_is_shown(world):
    await world.ben.imagine_to_end(prompt=FOX, images=3)
    await world.cleo.imagine_to_end(prompt=FOX)
    told = await set_limit(world.ada, limit="day", amount="3", all="everyone")
    assert "**Everyone:** 3 credits a day" in told.text
    assert "1 member has already reached it" in told.text
    told = await set_limit(world.ada, limit="day", amount="1", all="everyone")
    assert "(was 3 credits a day)" in told.text
    assert "2 members have already reached it" in told.text
    told = await set_limit(world.ada, limit="day", amount="50", member_or_role="@Patron")
    assert "Nobody has reached it yet" in told.text
    told = await set_limit(world.ada, limit="day", amount="2", all="everyone")
    assert "1 member has already reached it" in told.text, "a Patron has their role's limit"
    told = await set_limit(world.ada, limit="week", amount="1,000", member_or_role="ben")
    assert "**997 of 1,000 left this week** · resets" in told.text
    told = await set_limit(world.ada, limit="month", amount="4", all="server")
    assert "**0 of 4 left this month** · resets" in told.text
    told = await set_limit(world.ada, limit="cooldown", amount="5 min", all="everyone")
    assert "5 minutes between requests" in told.text
    told = await set_limit(world.ada, limit="images", amount="unlimited", member_or_role="@Patron")
    assert "unlimited pictures per request" in told.text
    assert await limits(world) == [
        ("everyone", "cooldown", 300),
        ("everyone", "day", 2),
        ("member", "week", 1000),
        ("role", "day", 50),
        ("role", "images", None),
        ("server", "month", 4),
    ]


async def test_the_role_everyone_stands_for_everyone(world):
    role_id = await world.guild_of("general")
    told = await set_limit(world.ada, limit="day", amount="3", member_or_role=role_id)
    assert "**Everyone:** 3 credits a day" in told.text
    assert await limits(world) == [("everyone", "day", 3)]


async def test_a_member_whose_usage_was_reset_is_not_counted(world):
    await world.ben.imagine_to_end(prompt=FOX, images=3)
    await world.cleo.imagine_to_end(prompt=FOX, images=3)
    question = await quota_admin(world.ada, "reset", member_or_role="ben")
    await pressed(world.ada, question, "Reset")
    told = await set_limit(world.ada, limit="day", amount="2", all="everyone")
    assert "1 member has already reached it" in told.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"amount": "five", "all": "everyone"}, "“five” isn't a valid limit. Use a whole number from 0"),
        ({"amount": "-1", "all": "everyone"}, "isn't a valid limit"),
        ({"amount": "1000000001", "all": "everyone"}, "from 0 to 1,000,000,000"),
        ({"amount": "5"}, "Choose who this applies to: a member or a role"),
        ({"amount": "5", "all": "everyone", "member_or_role": "ben"}, "not both"),
        ({"limit": "cooldown", "amount": "5", "all": "server"}, "Choose “Each member” for other limits"),
        ({"limit": "cooldown", "amount": "soon", "all": "everyone"}, "a time such as 90 s, 5 min or 1 h"),
    ],
)
async def test_an_invalid_limit_is_refused(world, options, words):
    told = await quota_admin(world.ada, "set", **{"limit": "day"} | options)
    assert told.ephemeral
    assert words in told.text
    assert UNCHANGED in told.text
    assert await audit(world) == []


async def test_amounts_and_days_are_suggested(world):
    offered = await world.ada.autocomplete("quota-admin set", "amount", limit="cooldown")
    assert offered == ["10 s", "30 s", "1 min", "5 min", "1 h", "unlimited"]
    assert await world.ada.autocomplete("quota-admin set", "amount", limit="day", amount="7") == ["7"]
    today = str(datetime.now(UTC).date())
    assert today in await world.ada.autocomplete("quota-admin export", "since")


async def test_limits_of_a_member_who_left_and_of_a_deleted_role_can_be_cleared(world):
    owner = Member(world, "ben", "small-files")
    preview = await quota_admin(owner, "set", limit="day", amount="3", member_or_role=world.cleo.id)
    assert "They aren't in this server" in preview.text
    assert "✅" in (await pressed(owner, preview, "Save")).text
    question = await quota_admin(owner, "clear", member_or_role=world.cleo.id)
    assert "Cleared 1 limit" in (await pressed(owner, question, "Clear")).text

    await set_limit(world.ada, limit="day", amount="50", member_or_role="@Patron")
    await world.post("/control/delete-role", {"guild": "Studio", "role": "Patron"})
    listed = await quota_admin(world.ada, "list")
    assert "(deleted role)" in listed.text
    cleared = await pressed(world.ada, listed, "Clear limits of 1 deleted role")
    assert "Cleared 1 limit** of roles that were deleted" in cleared.text
    assert await limits(world) == []


# --- clear, and what is asked for first ------------------------------------------------------------------------------


async def test_limits_are_cleared_after_a_question_and_kept_if_it_is_cancelled(world):
    for target in ({"all": "everyone"}, {"member_or_role": "@Patron"}, {"all": "server"}):
        await set_limit(world.ada, limit="day", amount="1", **target)
    await world.ben.imagine_to_end(prompt=FOX)
    await set_limit(world.ada, limit="week", amount="9", all="everyone")
    question = await quota_admin(world.ada, "clear", all="every")
    assert "Clear 4 limits?" in question.text
    assert UNCHANGED in (await pressed(world.ada, question, "Cancel")).text
    assert len(await limits(world)) == 4
    question = await quota_admin(world.ada, "clear", all="everyone", limit="day")
    told = await pressed(world.ada, question, "Clear")
    assert "**1 member** had reached a limit." in told.text
    assert "Clear" not in told.labels
    question = await quota_admin(world.ada, "clear", all="every")
    assert "Cleared 3 limits" in (await pressed(world.ada, question, "Clear")).text
    assert await limits(world) == []
    assert (
        "There's no such limit: Everyone. Nothing was changed."
        in (await quota_admin(world.ada, "clear", all="everyone")).text
    )


async def test_of_two_presses_on_one_question_one_counts(world):
    await quota_admin(world.ada, "grant", member="ben", amount=10)
    question = await quota_admin(world.ada, "take", member="ben", amount=4)
    await asyncio.gather(*(world.ada.pressed(question, "Take 4") for _ in range(2)))
    await world.rows_are(select(GRANTS), at_least=2)
    taken = [row.amount for row in await world.read(select(GRANTS))]
    assert taken == [10, -4]


async def test_two_admins_who_take_credits_at_once_take_no_more_than_is_left(world):
    other = dan(world)
    await quota_admin(world.ada, "grant", member="ben", amount=5)
    questions = [await quota_admin(admin, "take", member="ben", amount=4) for admin in (world.ada, other)]
    await asyncio.gather(world.ada.pressed(questions[0], "Take 4"), other.pressed(questions[1], "Take 4"))
    await world.rows_are(select(AUDIT), at_least=3)
    assert sorted(row.amount for row in await world.read(select(GRANTS))) == [-4, -1, 5]


async def test_of_two_admins_who_set_at_once_the_second_sees_what_the_first_saved(world):
    options = {"limit": "day", "all": "everyone"}
    previews = [await quota_admin(admin, "set", amount="3", **options) for admin in (world.ada, dan(world))]
    assert "✅" in (await pressed(world.ada, previews[0], "Save")).text
    told = await pressed(dan(world), previews[1], "Save")
    assert "Someone changed this limit meanwhile: it's now 3 credits a day." in told.text
    assert UNCHANGED in told.text
    assert "Save" not in told.labels
    preview = await quota_admin(dan(world), "set", amount="7", **options)
    assert "7 credits a day (now 3 credits a day)" in preview.text
    await pressed(world.ada, await quota_admin(world.ada, "clear", all="every"), "Clear")
    assert "Someone cleared this limit meanwhile." in (await pressed(dan(world), preview, "Save")).text
    assert await limits(world) == []
    assert [entry[2:] for entry in await audit(world)] == [(None, "day 3"), ("day 3", None)]


async def test_a_limit_is_saved_only_after_its_effect_on_the_last_days_was_shown(world):
    noon = (datetime.now(UTC) - timedelta(days=9)).replace(hour=12).timestamp()
    ben, cleo, patron = (int(getattr(world, name).id) for name in ("ben", "cleo", "ada"))
    await charges(
        world,
        user_id=[ben, ben, cleo, patron, ben],
        at=[noon, noon + 1, noon, noon, noon - 30 * 86400],
        model=["seedream-4.5"] * 5,
        images=[3, 2, 4, 1, 9],
    )
    options = {"limit": "day", "all": "everyone"}
    preview = await quota_admin(world.ada, "set", amount="3", **options)
    assert "Last 30 days:** **2 members** would have met this limit. **4 of 10 credits** would have been used." in (
        preview.text
    )
    assert await limits(world) == []
    assert UNCHANGED in (await pressed(world.ada, preview, "Cancel")).text
    preview = await quota_admin(world.ada, "set", amount="5", **options)
    assert "nobody would have met this limit. **10 credits** were used, as before." in preview.text
    preview = await quota_admin(world.ada, "set", limit="day", amount="4", member_or_role="ben")
    assert "they would have met this limit. **3 of 5 credits** would have been used." in preview.text
    preview = await quota_admin(world.ada, "set", limit="at_once", amount="1", all="everyone")
    assert "how long requests ran isn't kept" in preview.text
    preview = await quota_admin(world.ada, "set", limit="day", amount="unlimited", all="everyone")
    assert "30 days" not in preview.text
    await world.restart_bot()
    assert "unlimited credits a day" in (await pressed(world.ada, preview, "Save")).text
    assert await limits(world) == [("everyone", "day", None)]


async def test_a_question_is_answered_after_a_restart(world):
    await set_limit(world.ada, limit="day", amount="3", all="everyone")
    question = await quota_admin(world.ada, "clear", all="everyone")
    await world.restart_bot()
    assert "Cleared 1 limit" in (await pressed(world.ada, question, "Clear")).text


# --- grant, take, reset ----------------------------------------------------------------------------------------------


async def test_granted_credits_are_used_after_the_allowance_and_can_be_taken_back(world):
    await set_limit(world.ada, limit="day", amount="1", all="everyone")
    await world.ben.imagine_to_end(prompt=FOX)
    told = await quota_admin(world.ada, "grant", member="ben", amount=3)
    assert "They now have 3 extra credits left (was 0)" in told.text
    await world.ben.imagine_to_end(prompt=FOX)
    listed = await quota_admin(world.ada, "list", member="ben")
    assert "0 of 1 left today" in listed.text
    assert "2 extra credits** left" in listed.text
    question = await quota_admin(world.ada, "take", member="ben")
    assert "Take 2 credits" in question.text
    assert "They have 0 extra credits left" in (await pressed(world.ada, question, "Take 2")).text
    told = await quota_admin(world.ada, "take", member="ben")
    assert "has no extra credits left to take back" in told.text
    refusal = await (await world.ben.imagine(prompt=FOX)).answer()
    assert "0 of 1 left today" in refusal.text


async def test_a_grant_beyond_the_servers_limit_has_a_warning(world):
    await set_limit(world.ada, limit="day", amount="1", all="everyone")
    await set_limit(world.ada, limit="month", amount="1", all="server")
    await world.ben.imagine_to_end(prompt=FOX)
    told = await quota_admin(world.ada, "grant", member="ben", amount=3)
    assert "The server's limit is used up, and extra credits can't exceed it. More <t:" in told.text


async def test_nobody_is_told_to_wait_for_a_limit_that_allows_nothing(world):
    await world.ben.imagine_to_end(prompt=FOX)
    for all_ in ("everyone", "server"):
        told = await set_limit(world.ada, limit="day", amount="0", all=all_)
        assert "It allows no credits." in told.text
        assert "reset" not in told.text
    told = await quota_admin(world.ada, "grant", member="ben", amount=3)
    assert "The server's limit is used up, and extra credits can't exceed it." in told.text
    assert "<t:" not in told.text
    told = await quota_admin(world.ada, "list")
    assert "0 credits a day" in told.text
    assert "0 of 0" not in told.text


async def test_a_reset_lets_everyone_create_again(world):
    await set_limit(world.ada, limit="day", amount="1", all="everyone")
    await world.ben.imagine_to_end(prompt=FOX)
    assert (await (await world.ben.imagine(prompt=FOX)).answer()).ephemeral
    question = await quota_admin(world.ada, "reset", all="everyone")
    assert UNCHANGED in (await pressed(world.ada, question, "Cancel")).text
    assert (await (await world.ben.imagine(prompt=FOX)).answer()).ephemeral
    question = await quota_admin(world.ada, "reset", all="everyone")
    told = await pressed(world.ada, question, "Reset")
    assert "Usage reset for everyone" in told.text
    assert "**1 member** can create again." in told.text
    await world.ben.imagine_to_end(prompt=FOX)


# --- report, export, list, log ---------------------------------------------------------------------------------------


async def test_the_report_adds_up_the_ledger(world):
    now = datetime.now(UTC).timestamp()
    kept = await charges(
        world,
        user_id=[int(one.id) for one in (world.ben, world.ben, world.cleo, world.ada)],
        at=[now, now - 3 * 86400, now - 3 * 86400, now - 40 * 86400],
        model=["doubao-seedream-4.5", "doubao-seedream-4.5", "doubao-seedream-5.0-pro", "doubao-seedream-4.0"],
        images=[2, 3, 1, 7],
        price=[1, 1, 4, 1],
        from_grants=[0, 1, 0, 0],
    )
    for days, shown in ((7, kept[:3]), (30, kept[:3]), (90, kept)):
        report = await quota_admin(world.ada, "report", period=days)
        by_user, by_model = Counter(), Counter()
        for one in shown:
            by_user[one["user_id"]] += one["images"] * one["price"]
            by_model[one["model"]] += one["images"] * one["price"]
        pictures = sum(one["images"] for one in shown)
        assert f"**{by_user.total()} credits**, including 1 extra · {pictures} pictures" in report.text
        assert f"{len(shown)} requests · {len(by_user)} members" in report.text
        for model, amount in by_model.items():
            label = model.removeprefix("doubao-seedream-").replace("-", " ")
            assert f"{label} {amount}" in report.alt_texts[0]
        assert [size for size in await report.sizes() if size[0] == 1020] == await report.sizes()
        assert len(report.pictures) == 2
        assert f"{by_user.total()} in total" in report.alt_texts[0]
        assert "Ben 5, Cleo 4" in report.alt_texts[1] or days == 90
    week = await pressed(world.ada, report, "7 days")
    assert "Last 7 days" in week.text
    sheet = await pressed(world.ada, week, "Export these 7 days")
    rows = await rows_of(sheet)
    assert sum(int(row["credits"]) for row in rows) == 9
    assert "3 rows: **9 credits**, 6 pictures" in sheet.text
    assert sorted(row["user"] for row in rows) == ["Ben", "Ben", "Cleo"]


async def test_without_usage_there_are_no_charts(world):
    report = await quota_admin(world.ada, "report")
    assert "Nothing was used in this period" in report.text
    assert report.pictures == []
    assert "Export these 30 days" not in report.labels
    told = await quota_admin(world.ada, "export")
    assert "there's no file" in told.text


async def test_the_export_has_the_requested_days(world):
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    ats = [(today - timedelta(days=days)).timestamp() for days in (1, 2, 3)]
    await charges(world, user_id=[int(world.ben.id), 7, 0], at=ats, model=["m", "m", "=m"], images=[1, 2, 3])
    day = [str((today - timedelta(days=days)).date()) for days in range(5)]
    sheet = await quota_admin(world.ada, "export", since=day[3], until=day[2])
    rows = await rows_of(sheet)
    assert [(row["user_id"], row["user"], row["model"], row["credits"]) for row in rows] == [
        ("0", "", "'=m", "3"),
        ("7", "", "m", "2"),
    ]
    assert sheet.data["files"][0]["filename"] == f"ledger-{day[3]}-to-{day[2]}.csv"
    assert "2 rows: **5 credits**" in sheet.text
    assert len(await rows_of(await quota_admin(world.ada, "export", since=day[4]))) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"since": "yesterday"}, "since: “yesterday” isn't a valid date. Use YYYY-MM-DD, such as 2026-05-31"),
        ({"until": "2026-02-30"}, "until: “2026-02-30” isn't a valid date"),
        ({"since": "0001-01-01"}, "isn't a valid date"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "2026-02-02 is after 2026-02-01"),
    ],
)
async def test_invalid_days_of_an_export_are_refused(world, options, words):
    assert words in (await quota_admin(world.ada, "export", **options)).text


async def test_an_export_over_the_upload_limit_is_cut_and_says_so(world):
    await world.set_upload_limit(4000)
    now = datetime.now(UTC).timestamp()
    await charges(world, user_id=[7] * 90, at=[now - number for number in range(90)], model=["m"] * 90, images=[1] * 90)
    sheet = await quota_admin(world.ada, "export", since="2020-01-01")
    assert "Not everything fits into one file" in sheet.text
    assert sheet.data["files"][0]["size"] <= 4000
    await world.set_upload_limit(300)
    assert "upload limit is too small" in (await quota_admin(world.ada, "export", since="2020-01-01")).text


async def test_limits_are_listed_by_target_with_the_servers_usage(world):
    assert "This server has no limits" in (await quota_admin(world.ada, "list")).text
    await set_limit(world.ada, limit="day", amount="5", all="everyone")
    await set_limit(world.ada, limit="at_once", amount="1", all="everyone")
    await set_limit(world.ada, limit="month", amount="10", all="server")
    await world.ben.imagine_to_end(prompt=FOX, images=2)
    listed = await quota_admin(world.ada, "list")
    assert "**Everyone:** 5 credits a day · 1 request at once" in listed.text
    assert "### 8 of 10 left this month" in listed.text


async def test_long_lists_have_pages(world):
    guild_id = int(await world.guild_of("general"))
    engine = open_engine(world.environment["DATABASE_URL"])
    rows = [
        {"server_id": guild_id, "who": "member", "target_id": 1000 + number, "kind": kind, "amount": 10**9}
        for number in range(30)
        for kind in ("day", "week", "month", "cooldown", "at_once", "images")
    ]
    async with transaction(engine) as connection:
        await connection.execute(insert(LIMITS), rows)
    await engine.dispose()
    seen = await quota_admin(world.ada, "list")
    found = set()
    for _ in range(3):
        found |= {number for number in range(30) if f"<@{1000 + number}>" in seen.text}
        if "▶" in seen.labels and len(found) < 30:
            seen = await pressed(world.ada, seen, "▶")
    assert len(found) == 30


async def test_every_change_is_in_the_log_and_in_the_log_channel_and_pings_nobody(world):
    gallery = (await world._channel("gallery"))[1]
    screen = await (await Screen.opened(world.ada)).sets("log_channel", gallery)
    assert "✅" in screen.text
    await set_limit(world.ada, limit="day", amount="5", all="everyone")
    await set_limit(dan(world), limit="day", amount="6", all="everyone")
    await quota_admin(world.ada, "grant", member="ben", amount=3)
    await pressed(world.ada, await quota_admin(world.ada, "take", member="ben", amount=1), "Take 1")
    await pressed(world.ada, await quota_admin(world.ada, "reset", member_or_role="@Patron"), "Reset")
    await pressed(world.ada, await quota_admin(world.ada, "clear", all="everyone"), "Clear")
    assert [one for one in await audit(world) if one[0] != "setting"] == [
        ("limit", "everyone", None, "day 5"),
        ("limit", "everyone", "day 5", "day 6"),
        ("grant", "member", "0", "3"),
        ("take", "member", "3", "2"),
        ("reset", "role", None, None),
        ("limit", "everyone", "day 6", None),
    ]
    shown = (await quota_admin(world.ada, "log")).text
    lines = [
        f"<@{world.ada.id}> set a limit · **Everyone:** 5 credits a day",
        f"<@{dan(world).id}> set a limit · **Everyone:** 6 credits a day (was 5 credits a day)",
        f"<@{world.ada.id}> granted <@{world.ben.id}> **3 credits** (extra credits left: 0 → 3)",
        f"<@{world.ada.id}> took **1 credit** from <@{world.ben.id}> (extra credits left: 3 → 2)",
        "reset usage",
        f"<@{world.ada.id}> cleared a limit · **Everyone:** 6 credits a day",
    ]
    in_channel = Member(world, "ada", "gallery")
    for line in lines:
        assert line in shown
        await in_channel.wait_for_message(text=line)
    assert "changed **Log channel:**" in shown
    assert await world.pings() == []


async def test_the_log_goes_back_page_by_page(world):
    for amount in range(1, 14):
        await set_limit(world.ada, limit="day", amount=str(amount), all="everyone")
    page = await quota_admin(world.ada, "log")
    assert ":** 13 credits a day (was 12 credits a day)" in page.text
    assert ":** 3 credits a day" not in page.text
    page = await pressed(world.ada, page, "Older ▶")
    assert ":** 3 credits a day (was 2 credits a day)" in page.text
    assert ":** 1 credit a day" in page.text
    page = await pressed(world.ada, page, "Newest")
    assert ":** 13 credits a day" in page.text


async def test_too_many_limits_are_refused_in_words(world, monkeypatch):
    monkeypatch.setattr("infra.stores.quota.MAX_LIMITS", 1)
    await set_limit(world.ada, limit="day", amount="5", all="everyone")
    told = await set_limit(world.ada, limit="week", amount="5", all="everyone")
    assert "reached the maximum number of limits" in told.text


async def test_a_limit_is_set_even_if_discord_does_not_send_roles(world, monkeypatch):
    monkeypatch.setattr("cogs.quota_admin.guild_members.PATIENCE_SECONDS", 0.0)
    await world.ben.imagine_to_end(prompt=FOX)
    told = await set_limit(world.ada, limit="day", amount="1", all="everyone")
    assert "**Everyone:** 1 credit a day" in told.text
    assert "I couldn't count" in told.text
    assert await limits(world) == [("everyone", "day", 1)]
