"""A day of a server whose admins have set limits, from the first of them to the ledger added up by hand."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from infra.db.tables import CHARGES
from tests.e2e.admins import pressed, quota_admin, rows_of, set_limit
from tests.support.settings import Screen
from tests.support.world import Member

FREE = "Nothing was made or charged."
FOX = "a red fox in snow"


async def charged(world) -> int:
    rows = await world.read(select(func.coalesce(func.sum(CHARGES.c.images * CHARGES.c.price), 0)))
    return rows[0][0]


async def refused(member, **options) -> str:
    """Why a request is refused; it costs nothing, and the service is not asked."""
    world = member.world
    before = await charged(world), len(await world.requests())
    told = await (await member.imagine(**{"prompt": FOX} | options)).answer()
    assert told.ephemeral
    assert (await charged(world), len(await world.requests())) == before
    return told.text


async def test_limits_are_set_used_up_granted_reported_and_added_up(world):
    ada, ben, cleo = world.ada, world.ben, world.cleo
    for options in (
        {"limit": "day", "amount": "5", "all": "everyone"},
        {"limit": "day", "amount": "50", "member_or_role": "@Patron"},
        {"limit": "month", "amount": "100", "all": "server"},
    ):
        assert "✅" in (await set_limit(ada, **options)).text

    # A member uses it up and reads why; a Patron goes on.
    await ben.imagine_to_end(prompt=FOX, images=4)
    why = await refused(ben, images=2)
    assert "**1 of 5 left today.** This costs 2 credits. More <t:" in why
    await ben.imagine_to_end(prompt=FOX)
    assert "0 of 5 left today" in await refused(ben)
    await cleo.imagine_to_end(prompt=FOX, images=6)

    # Three are granted, and used one by one.
    await quota_admin(ada, "grant", member="ben", amount=3)
    for left in (2, 1, 0):
        await ben.imagine_to_end(prompt=FOX)
        shown = (await quota_admin(ada, "list", member="ben")).text
        assert (f"**{left} extra credit" if left else "No extra credits left") in shown
    assert "0 of 5 left today" in await refused(ben)

    # The report and the file say what the service was paid for.
    made = Counter({"Ben": 8, "Cleo": 6})
    assert sum(entry["billed"] for entry in await world.requests()) == made.total()
    report = await quota_admin(ada, "report", period=7)
    assert "**14 credits**, including 3 extra · 14 pictures · 6 requests · 2 members" in report.text
    assert "86 of 100 left this" in report.text
    assert len(report.pictures) == 2
    assert report.alt_texts[1].endswith("Ben 8, Cleo 6.")
    added_up = Counter()
    rows = await rows_of(await pressed(ada, report, "Export these 7 days"))
    for row in rows:
        added_up[row["user"]] += int(row["images"]) * int(row["price"])
    assert added_up == made
    assert sum(int(row["from_grants"]) for row in rows) == 3
    assert {row["state"] for row in rows} == {"settled"}

    # Banned, a word, a channel: each in its own words.
    screen = await (await Screen.opened(ada)).sets("banned", ben.id)
    assert (told := await refused(ben)).endswith(FREE)
    assert "banned you" in told
    screen = await (await screen.at("words_in")).writes("words_in", "gore")
    assert "||gore||" in await refused(cleo, prompt="gore and blood")
    gallery = (await world._channel("gallery"))[1]
    await screen.sets("channels_denied", gallery)
    told = await refused(Member(world, "cleo", "gallery"))
    assert f"You can't make pictures in <#{gallery}>" in told
    assert told.endswith(FREE)

    log = (await quota_admin(ada, "log")).text
    for line in (
        "set a limit · **Everyone:** 5 credits a day",
        "granted",
        "**Banned members:**",
        "**Blocked channels:**",
    ):
        assert line in log
