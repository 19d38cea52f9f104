"""Members and admins read the bot in their language: their own, or the one that their server's admins chose for all."""

from __future__ import annotations

import gettext
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cogs.i18n import translate
from cogs.i18n.translate import LANGUAGES, _, day_and_month, using_locale
from cogs.texts.common import credit_count
from tests.e2e.admins import pressed, quota_admin
from tests.support.pictures import jpeg
from tests.support.settings import Screen
from tests.support.world import walk


async def speaks(member, locale):
    await member.world.post("/control/locale", {"user": member.name, "locale": locale})


def said(locale, message, **values):
    with using_locale(locale):
        return _(message, **values)


async def result_of(asked, locale):
    """The result, which has its buttons in this language."""
    first = await asked.answer()
    return await asked.member.wait_for_message(id=first.id, button=said(locale, "Details"))


@pytest.mark.parametrize("locale", [*LANGUAGES, "es-419", "ko"])
async def test_a_member_reads_a_result_its_buttons_and_its_details_in_their_own_language(world, locale):
    await speaks(world.ada, locale)
    result = await result_of(await world.ada.imagine(prompt="a red fox in snow"), locale)
    assert len(result.pictures) == 1
    assert result.labels[-1] == said(locale, "Delete")
    details = await (await world.ada.pressed(result, said(locale, "Details"))).answer()
    assert said(locale, "Watermark") in details.text


async def test_what_many_read_is_in_the_askers_language_and_an_answer_in_that_of_who_presses(world):
    await speaks(world.ada, "de")
    result = await result_of(await world.ada.imagine(prompt="a red fox in snow"), "de")
    details = await (await world.ben.pressed(result, said("de", "Details"))).answer()
    assert "**Watermark:**" in details.text


async def test_refusals_are_said_in_the_members_language(world):
    await speaks(world.ada, "fr")
    told = await (await world.ada.imagine(prompt="a fox", size="64x64")).answer()
    refused = said("fr", "The nearest is {nearest}.", nearest="1920x1920")
    assert refused in told.text
    assert "The nearest is" not in told.text


async def test_a_reference_that_turns_out_to_be_none_is_told_in_the_members_language(world):
    await speaks(world.ada, "ja")
    file = ("fox.jpg", jpeg(300, 200)[:-200])
    asked = await world.ada.run("imagine", prompt="make it night", files={"reference": file})
    failed = await result_of(asked, "ja")
    assert said("ja", "a {format} picture that is cut off", format="JPEG") in failed.text


async def test_the_language_that_admins_choose_is_everybodys(world):
    screen = await (await Screen.opened(world.dan)).sets("language", "pt-BR")
    assert "Português" in screen.text
    for member in (world.ada, world.ben):
        await result_of(await member.imagine(prompt="a red fox in snow"), "pt-BR")
    await speaks(world.ada, "zh-CN")
    result = await result_of(await world.ada.imagine(prompt="a red fox in snow"), "pt-BR")
    reply = await world.ben.say("make it night", to=result)
    await world.ben.wait_for_message(after=reply.id, button=said("pt-BR", "Details"))
    elsewhere = await world.ada_elsewhere.imagine(prompt="a red fox in snow")
    await result_of(elsewhere, "zh-CN")


async def test_a_reply_is_answered_in_the_servers_language_where_no_other_was_chosen(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.post("/control/locale", {"guild": "Studio", "locale": "es-ES"})
    reply = await world.ada.say("make it night", to=result)
    await world.ada.wait_for_message(after=reply.id, button=said("es-ES", "Details"))


async def test_after_a_restart_a_result_is_finished_in_the_language_that_it_was_begun_in(world):
    await speaks(world.ada, "de")
    await world.set_api(delay=0.5)
    asked = [await world.ada.imagine(prompt=f"fox {number}") for number in range(10)]
    await world.restart_bot()
    assert [len((await result_of(one, "de")).pictures) for one in asked] == [1] * 10


async def test_discord_shows_the_commands_in_the_members_language(world):
    await speaks(world.ada, "zh-CN")
    seen = {}
    for name in ("ada", "ben"):
        offered = await world.get("/control/commands", user=name, channel="general")
        imagine = next(one for one in offered if one["name"] == "imagine")
        prompt = next(one for one in imagine["options"] if one["name"] == "prompt")
        seen[name] = prompt.get("description_localized", prompt["description"])
    english = "What to paint, in English or Chinese"
    assert seen == {"ada": said("zh-CN", english), "ben": english}
    assert seen["ada"] != english


async def test_a_report_is_drawn_also_where_no_font_has_the_letters_of_the_admins_language(world):
    await speaks(world.ada, "ja")
    await world.ben.imagine_to_end(prompt="a red fox in snow")
    report = await quota_admin(world.ada, "report", period=7)
    assert len(report.pictures) == 2
    with using_locale("ja"):
        most = _("Busiest day: {day}, {credits}", day=day_and_month(datetime.now(UTC).date()), credits=credit_count(1))
    assert most in report.text


async def test_an_amount_is_offered_in_the_admins_language_and_given_in_english(world):
    await speaks(world.ada, "de")
    unlimited = said("de", "unlimited")
    assert "unlimited" in await world.ada.autocomplete("quota-admin set", "amount", limit="day", amount=unlimited[:5])
    for amount in ("unlimited", unlimited):
        preview = await quota_admin(world.ada, "set", limit="day", amount=amount, all="everyone")
        told = await pressed(world.ada, preview, said("de", "Save"))
        assert said("de", "unlimited credits a day") in told.text


class Brackets(gettext.NullTranslations):
    """A language that is English in brackets, so that whatever is outside of them was never handed to a translator."""

    def gettext(self, message):
        return f"‹{message}›"

    def ngettext(self, one, many, n):
        return f"‹{one if n == 1 else many}›"


@pytest.fixture
def brackets(monkeypatch):
    german = translate._language("de")
    monkeypatch.setattr(translate, "_language", lambda _locale: replace(german, catalog=Brackets()))


def untranslated(message):
    """Words outside of the brackets."""
    shown = [message.text]
    for one in walk(message.data["components"]):
        shown += [one.get("label") or "", one.get("placeholder") or "", one.get("description") or ""]
        shown += [option["label"] for option in one.get("options", []) if isinstance(option, dict)]
    text = "\n".join(shown)
    while "‹" in text:
        text = re.sub(r"‹[^‹›]*›", "", text)
    return set(re.findall(r"[^\W\d_]{3,}", re.sub(r"<[^>]*>|`[^`]*`|\([^)]*\)", "", text))) - NAMES


# What is called the same in every language: models, formats, sizes, and what people wrote.
NAMES = (
    {"SeeDream", "SeedEdit", "lite", "pro", "flash", "Studio", "general"}
    | {"UTC", "JPEG", "PNG", "png", "jpeg", "credits", "MiB"}
    | {*["doubao", "seedream", "red", "fox", "snow", "make", "night", "adaptive"]}
    | {name for names in LANGUAGES.values() for name in re.findall(r"[^\W\d_]{3,}", names)}
)


@pytest.mark.usefixtures("brackets")
async def test_nothing_that_people_read_is_said_in_english_alone(world):
    ada = world.dan
    asked = await ada.imagine(prompt="red fox snow", images=2)
    result = await ada.wait_for_message(id=(await asked.answer()).id, button="‹Details›")
    seen = [await asked.answer(), result]
    seen.append(await (await ada.pressed(result, "‹Details›")).answer())
    seen.append(await (await ada.imagine(prompt="red fox", size="64x64")).answer())
    screens = ("me", "quota", "help", "settings", "quota-admin list", "quota-admin log")
    seen += [await (await ada.run(command)).answer() for command in screens]
    screen = Screen(ada, next(one for one in seen if "⚙️" in one.text))
    seen += [(await screen.tab(tab)).message for tab in ("Pictures", "Access", "Moderation", "General")]
    preview = await quota_admin(ada, "set", limit="day", amount="2", all="everyone")
    seen += [preview, await pressed(ada, preview, "‹Save›")]
    seen.append(await (await ada.imagine(prompt="red fox", images=3)).answer())
    seen += [await (await ada.run(command)).answer() for command in screens]
    left = {word: one.text[:200] for one in seen for word in untranslated(one)}
    assert left == {}
