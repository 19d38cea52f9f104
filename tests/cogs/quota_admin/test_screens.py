"""What /quota-admin answers, drawn: limits, changes, the log and the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.i18n.translate import LANGUAGES, using_locale
from cogs.quota_admin.log_text import cleared_entries, entry_line
from cogs.quota_admin.report_screen import LONGEST_ALT, days_alt, days_words, members_alt, render_report
from cogs.quota_admin.screens import (
    ENTRIES_A_PAGE,
    Listed,
    cleared_words,
    freed_words,
    over_words,
    question,
    render_list,
    render_log,
)
from cogs.texts.limits import limit_words, limits_lines, target_of
from studio.guilds.audit import AuditEntry
from studio.guilds.changes import ACTION
from studio.quota.admin import MemberCount
from studio.quota.limits import EVERYONE, MOST_AMOUNT, SERVER, Limit, LimitKind, Target, Who
from studio.quota.reports import MemberUse, Report, Totals, Use
from studio.quota.windows import Bounds
from tests.support.world import walk

PATRON, BEN = Target(Who.ROLE, 21), Target(Who.MEMBER, 12)
MOST_TEXT, MOST_COMPONENTS = 4_000, 40


def parts(screen):
    return walk(screen.view.to_components())


def text(screen):
    return "\n".join(one["content"] for one in parts(screen) if "content" in one)


def fits(screen):
    assert len(text(screen)) <= MOST_TEXT
    assert len(parts(screen)) <= MOST_COMPONENTS
    ids = [one["custom_id"] for one in parts(screen) if "custom_id" in one]
    assert len(ids) == len(set(ids))
    assert all(len(one) <= 100 for one in ids)
    return text(screen)


def entry(action, target, before=None, after=None, number=1):
    return AuditEntry(
        server_id=2,
        at=1_800_000_000.9,
        by_user_id=9,
        action=action,
        target=target,
        before=before,
        after=after,
        id=number,
    )


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        (LimitKind.DAY, 5, "5 credits a day"),
        (LimitKind.DAY, 0, "0 credits a day"),
        (LimitKind.MONTH, None, "unlimited credits a month"),
        (LimitKind.COOLDOWN, 90, "90 seconds between requests"),
        (LimitKind.COOLDOWN, 0, "no cooldown"),
        (LimitKind.COOLDOWN, None, "no cooldown"),
        (LimitKind.AT_ONCE, 1, "1 request at once"),
        (LimitKind.IMAGES, 4, "4 pictures per request"),
        (LimitKind.IMAGES, None, "unlimited pictures per request"),
    ],
)
def test_a_limit_in_words(kind, amount, words):
    assert limit_words(Limit(EVERYONE, kind, amount)) == words


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (entry("limit", "everyone", None, "day 5"), "<@9> set a limit · **Everyone:** 5 credits a day"),
        (
            entry("limit", "role:21", "day 5", "day unlimited"),
            "<@9> set a limit · **<@&21>:** unlimited credits a day (was 5 credits a day)",
        ),
        (
            entry("limit", "server", "month 9", None),
            "<@9> cleared a limit · **The server:** 9 credits a month",
        ),
        (entry("grant", "member:12", "1", "4"), "<@9> granted <@12> **3 credits** (extra credits left: 1 → 4)"),
        (entry("take", "member:12", "4", "3"), "<@9> took **1 credit** from <@12> (extra credits left: 4 → 3)"),
        (entry("reset", "role:21"), "<@9> reset usage · <@&21>"),
        (entry(ACTION, "banned", None, "12"), "<@9> changed **Banned members:** + <@12>"),
        (entry("limit", "everyone", None, "fortnight 5"), "<@9> limit everyone: None → fortnight 5"),
        (entry("something", "role:x", "**a**", None), r"<@9> something role:x: \*\*a\*\* → None"),
    ],
)
def test_an_entry_of_the_audit_log_in_words(told, line):
    assert entry_line(told) == line


@given(st.sampled_from([EVERYONE, SERVER, PATRON, BEN, Target(Who.ROLE, (1 << 63) - 1)]))
def test_a_target_is_parsed_from_its_key(target):
    assert target_of(target.key) == target


@pytest.mark.parametrize(
    "key", ["", "every", "role:", "role:0", "role:-1", "role:٥", f"member:{1 << 63}", "bot", "role:" + "9" * 99]
)
def test_an_invalid_key_is_no_target(key):
    assert target_of(key) is None


def test_only_the_first_of_many_cleared_limits_are_named():
    limits = [Limit(Target(Who.ROLE, number), LimitKind.DAY, 5) for number in range(1, 8)]
    assert cleared_entries("<@9>", limits)[-1] == "<@9> cleared 4 other limits"
    assert limits_lines([*limits, *limits])[-1] == "and 8 other limits"
    assert limits_lines(limits[:1] * 2) == ["**<@&1>:** 5 credits a day · 5 credits a day"]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "I couldn't count"),
        (MemberCount(number=0, whole=True), "Nobody has reached it yet."),
        (MemberCount(number=0, whole=False), "None of the most active members has reached it yet."),
        (
            MemberCount(number=1, whole=True),
            "**1 member has already reached it.** It resets <t:101:R>; you can grant extra credits.",
        ),
        (MemberCount(number=300, whole=False), "**At least 300 members have already reached it.**"),
    ],
)
def test_how_many_have_reached_a_limit_is_said(count, words):
    assert words in over_words(count, 100.0)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "I couldn't count"),
        (MemberCount(number=0, whole=True), "Nobody had reached a limit."),
        (MemberCount(number=14, whole=True), "**14 members** can create again."),
        (MemberCount(number=14, whole=False), "**At least 14 members**"),
    ],
)
def test_how_many_a_reset_lets_create_again_is_said(count, words):
    assert words in freed_words(count)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "I couldn't count"),
        (MemberCount(number=0, whole=False), "None of the most active members had reached a limit."),
        (MemberCount(number=1, whole=True), "**1 member** had reached a limit."),
        (MemberCount(number=14, whole=False), "**At least 14 members** had reached a limit."),
    ],
)
def test_how_many_had_reached_a_cleared_limit_is_said(count, words):
    assert words in cleared_words(count)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_longest_page_of_limits_fits(locale):
    targets = [EVERYONE, *(Target(Who.ROLE, (1 << 63) - 1 - number) for number in range(40))]
    limits = [Limit(target, kind, MOST_AMOUNT) for target in targets for kind in LimitKind]
    gone = frozenset(targets[1:])
    for page in (-1, 0, 3, 99):
        with using_locale(locale):
            fits(render_list(Listed(limits=limits, server=(), gone=gone, zone="America/Argentina/Buenos_Aires"), page))


def test_the_longest_page_of_the_log_fits_and_the_next_continues_it():
    words = ", ".join("w" * 64 for _ in range(20))
    entries = [entry(ACTION, "blocked_words", words, words, number) for number in range(ENTRIES_A_PAGE + 1, 0, -1)]
    page = render_log(entries, newest=True)
    shown = fits(page).count("<t:")
    older = next(one["custom_id"] for one in parts(page) if one.get("label") == "Older ▶")
    assert older == f"sd:qa:log:{entries[shown - 1].id}"


def test_a_question_has_what_it_does_in_its_button():
    screen = question("Sure?", "Yes", "take", f"{(1 << 63) - 1}.{MOST_AMOUNT}")
    assert fits(screen) == "⚠️ Sure?"


def report(models=1, members=1, amount=3):
    use = tuple(Use(number % 90, f"model-{number}" * 4, amount, amount * 2) for number in range(models))
    return Report(
        days=tuple(date(2026, 1, 1 + number % 28) for number in range(90)),
        bounds=Bounds(0, 1),
        use=use,
        members=tuple(MemberUse(number, amount, amount * 2, 0) for number in range(members)),
        totals=Totals(models, amount * models, 2 * amount * models, 1, members + 5),
    )


def test_the_longest_report_fits():
    alts = {"use-by-day.png": "a" * 1024, "use-by-member.png": "a" * 1024}
    shown = fits(render_report(report(models=40, members=10, amount=MOST_AMOUNT), "The server has used it. " * 6, alts))
    assert "and 5 other members" in shown


def test_no_list_repeats_a_chart():
    alts = {"use-by-day.png": "a", "use-by-member.png": "a"}
    shown = text(render_report(report(), "", alts))
    assert "3\xa0pictures" in shown
    assert "model-0" not in shown
    assert "<@" not in shown


def test_charts_have_alt_texts():
    use = (Use(0, "doubao-seedream-4.5", 1, 1200), Use(1, "doubao-seedream-4.5", 1, 4), Use(1, "m", 1, 5))
    days = (date(2026, 5, 11), date(2026, 5, 12))
    totals = Totals(3, 3, 1209, 0, 2)
    shown = Report(days=days, bounds=Bounds(0, 1), use=use, members=(), totals=totals)
    assert days_alt(shown, [("SeeDream 4.5", 1204), ("m", 5)]) == (
        "Credits a day. 11 May to 12 May, 1,209 in total. Busiest day: 11 May, 1,200. "
        "By model: SeeDream 4.5 1,204, m 5."
    )
    today = replace(shown, days=days[1:], use=(Use(0, "m", 1, 5),))
    assert days_alt(today, [("m", 5)]) == "Credits by model (12 May). m 5."
    assert members_alt([("田中", 1500), ("Ada", 3)]) == "Top members. 田中 1,500, Ada 3."
    assert members_alt([]) == "Top members: nothing was used."


def test_a_chart_begins_with_the_first_day_of_usage():
    days = tuple(date(2026, 5, day) for day in range(1, 31))
    for first, title in (
        (0, "Credits a day"),
        (27, "Credits a day since 28 May"),
        (29, "Credits by model"),
    ):
        shown = replace(report(), days=days, use=(Use(first, "m", 1, 2), Use(29, "m", 1, 1)))
        assert days_words(shown).title == title
        assert shown.used_days == days[first:]


def test_alt_texts_are_bounded_and_have_no_control_characters():
    told = members_alt([("\u2066Ada\u202e\n\0" + "x" * 5000, 5)])
    assert "members. Ada xxx" in told
    assert len(told) == LONGEST_ALT
