"""The screen of /settings, whatever is set: within Discord's limits, each control saying what is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cogs.i18n.translate import LANGUAGES, using_locale
from cogs.settings.change_text import change_line, zone_sentence
from cogs.settings.changes import change_by_press
from cogs.settings.controls import PATTERN, within
from cogs.settings.descriptors import FORMS, SETTINGS
from cogs.settings.forms import modal_for, words_of
from cogs.settings.lists import word_key
from cogs.settings.screen import render_settings, tab_of
from cogs.settings.setting import SettingsPress, Tab
from cogs.settings.view_model import SettingsViewModel
from cogs.texts.refusal import RefusalError
from sandbox.discord.rules.messages import check_message
from seedream import MODELS
from studio.guilds.audit import AuditEntry
from studio.guilds.changes import ACTION, audit_values
from studio.guilds.settings import GuildSettings, Replies
from studio.guilds.time_zones import UnknownZoneError, find_zone
from studio.members.defaults import Defaults
from tests.support.world import walk

V2 = 1 << 15
SCENE = SettingsViewModel(
    settings=GuildSettings(),
    server="Studio",
    usual=Defaults(model="doubao-seedream-5.0-lite", size="2K"),
    now=0.0,
    nonce=1,
)
ids = st.frozensets(st.integers(1, 2**63 - 1), max_size=60)
words = st.lists(st.text("abc*_`|~<>@#&狐🦊 ", min_size=1, max_size=100).filter(str.strip), max_size=60)
some_settings = st.builds(
    GuildSettings,
    default_model=st.sampled_from([None, *MODELS]),
    default_size=st.sampled_from([None, "1K", "1.5K", "2048x1536", "adaptive"]),
    watermark=st.sampled_from([None, True, False]),
    watermark_required=st.booleans(),
    output_format=st.sampled_from([None, "png", "jpeg"]),
    models=st.frozensets(st.sampled_from(list(MODELS))),
    channels_allowed=ids,
    channels_denied=ids,
    roles_allowed=ids,
    private=st.booleans(),
    age_restricted_only=st.booleans(),
    blocked_words=words.map(lambda given: tuple(word for word in given if word.strip("*_`|~<>@#& "))),
    banned=ids,
    log_channel=st.none() | st.integers(1, 2**63 - 1),
    time_zone=st.sampled_from(["UTC", "America/Argentina/ComodRivadavia"]),
    language=st.sampled_from([None, *LANGUAGES, "xx"]),
    replies=st.sampled_from(Replies),
)


def drawn(settings, view_model=SCENE, tab=Tab.OVERVIEW):
    return render_settings(replace(view_model, settings=settings), tab).to_components()


def text_of(components):
    """All texts, with ordinary spaces where lines must not break."""
    return "\n".join(one["content"] for one in walk(components) if one["type"] == 10).replace("\xa0", " ")


def entries(settings, other):
    """Everything changed at once."""
    for name, (before, after) in settings.differences(other).items():
        was, became = audit_values(before, after)
        written = {"server_id": 1, "at": 1e9, "by_user_id": 2**63 - 1, "action": ACTION}
        yield AuditEntry(**written, target=name, before=was, after=became)


@given(
    settings=some_settings,
    other=some_settings,
    tab=st.sampled_from(Tab),
    page=st.integers(-1, 9),
    known=st.booleans(),
    language=st.sampled_from(list(LANGUAGES)),
)
@hypothesis_settings(deadline=None, max_examples=50)
async def test_discord_takes_every_screen_in_every_language(settings, other, tab, page, known, language):
    everything = settings.channels_allowed | settings.channels_denied | {settings.log_channel or 1}
    view_model = SettingsViewModel(
        settings=settings,
        server="S" * 100,
        usual=SCENE.usual,
        now=1e9,
        nonce=2**64 - 1,
        channels=everything if known else frozenset(),
        roles=settings.roles_allowed if known else frozenset(),
        log_works=known,
        reads_content=known,
        recent=list(entries(settings, other))[:5],
        pages=dict.fromkeys(SETTINGS, page),
        notice="⚠️ " + "x" * 2000,
    )
    with using_locale(language):
        components = drawn(settings, view_model, tab)
    assert check_message({"components": components, "flags": V2}, files={}, kind="callback") is None
    ids = {one["custom_id"] for one in walk(components) if "custom_id" in one} - {"sd:qa:list:0"}  # leads to the limits
    assert all(re.fullmatch(PATTERN, custom_id) for custom_id in ids)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_discord_takes_the_fullest_screen_in_every_language(language):
    words = GuildSettings(blocked_words=tuple(f"{n}" + "*" * 90 for n in range(30)))
    changes = [next(entries(words, GuildSettings()))] * 5
    view_model = replace(SCENE, server="*" * 100, reads_content=False, recent=changes, notice="x" * 2000)
    with using_locale(language):
        components = drawn(GuildSettings(log_channel=5, replies=Replies.OFF), view_model, Tab.GENERAL)
    assert check_message({"components": components, "flags": V2}, files={}, kind="callback") is None


@pytest.mark.parametrize("tab", Tab)
async def test_a_server_that_set_nothing_sees_no_warnings(tab):
    text = text_of(drawn(GuildSettings(), tab=tab))
    assert "None" not in text
    assert "⚠️" not in text


def test_every_setting_has_one_descriptor():
    assert set(SETTINGS) == set(GuildSettings.model_fields)
    assert all(setting.key == key for key, setting in SETTINGS.items())


async def test_every_section_is_opened_from_the_overview_and_leads_back_to_it_without_a_row_of_tabs():
    def buttons(tab):
        shown = drawn(GuildSettings(blocked_words=("gore",)), tab=tab)
        rows = [one["custom_id"] for row in walk(shown) if row["type"] == 1 for one in row["components"]]
        assert not [custom_id for custom_id in rows if custom_id.startswith("sd:set:tab:")]
        return [one["custom_id"] for one in walk(shown) if one.get("custom_id", "").startswith("sd:set:tab:")]

    sections = [tab for tab in Tab if tab is not Tab.OVERVIEW]
    assert buttons(Tab.OVERVIEW) == [f"sd:set:tab:{tab}:1" for tab in sections]
    assert all(buttons(tab) == ["sd:set:tab:overview:1"] for tab in sections)


@pytest.mark.parametrize("tab", Tab)
async def test_every_setting_has_a_control_in_its_section(tab):
    components = drawn(GuildSettings(blocked_words=("gore",)), tab=tab)
    shown = {one["custom_id"].split(":")[2] for one in walk(components) if "custom_id" in one}
    assert shown - {"tab", "words_in", "list"} == {key for key, setting in SETTINGS.items() if setting.tab is tab}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
async def test_discord_takes_every_form_in_every_language(form, language):
    setting = FORMS[form]
    with using_locale(language):
        modal = modal_for(setting, setting.form, GuildSettings(), 2**64 - 1).to_dict()
    label = modal["components"][0]
    assert re.fullmatch(PATTERN, modal["custom_id"])
    assert (len(modal["title"]) <= 45, len(label["label"]) <= 45, len(label["description"]) <= 100) == (True,) * 3
    assert tab_of(form) is setting.tab


async def test_a_switch_means_what_it_says_whatever_was_done_meanwhile():
    def argument(*, private):
        components = walk(drawn(GuildSettings(private=private), tab=Tab.PICTURES))
        return next(one["custom_id"] for one in components if one.get("custom_id", "").startswith("sd:set:private"))

    assert argument(private=False) == "sd:set:private:on:1"
    assert argument(private=True) == "sd:set:private:off:1"


async def test_a_default_model_that_is_not_allowed_gets_a_warning_and_is_still_shown():
    settings = GuildSettings(default_model="doubao-seedream-4.5", models=frozenset({"doubao-seedream-4.0"}))
    components = drawn(settings, tab=Tab.PICTURES)
    options = next(one for one in walk(components) if one.get("custom_id", "").startswith("sd:set:default_model"))
    assert [one["label"] for one in options["options"] if one.get("default")] == ["SeeDream 4.5"]
    assert "This model isn't allowed here" in text_of(components)
    assert "SeeDream 4.0 · 2K" in text_of(drawn(settings))


@pytest.mark.parametrize(
    ("stored", "chosen"),
    [(None, "Each member's Discord language"), ("ja", "日本語"), ("xx", "Each member's Discord language")],
)
async def test_the_language_is_chosen_among_those_that_the_bot_speaks(stored, chosen):
    components = drawn(GuildSettings(language=stored), tab=Tab.GENERAL)
    menu = next(one for one in walk(components) if one.get("custom_id", "").startswith("sd:set:language"))
    assert [one["label"] for one in menu["options"]] == ["Each member's Discord language", *LANGUAGES.values()]
    assert [one["label"] for one in menu["options"] if one.get("default")] == [chosen]
    assert f"**Language:** {chosen[0].lower()}{chosen[1:]}" in text_of(drawn(GuildSettings(language=stored)))


@pytest.mark.parametrize("chosen", Replies)
async def test_each_choice_for_replies_says_what_it_means(chosen):
    components = drawn(GuildSettings(replies=chosen), tab=Tab.GENERAL)
    menu = next(one for one in walk(components) if one.get("custom_id", "").startswith("sd:set:replies"))
    assert [one["label"] for one in menu["options"]] == ["Edit at once", "Ask when unsure", "Always ask", "Off"]
    assert [one["value"] for one in menu["options"] if one.get("default")] == [chosen]
    assert all(one["description"] for one in menu["options"])


@pytest.mark.parametrize(
    ("reads_content", "words"),
    [(True, "on\n-# I can read messages that"), (False, "off\n-# In servers, I can only read")],
)
async def test_the_screen_says_whether_messages_can_be_read(reads_content, words):
    text = text_of(drawn(GuildSettings(), replace(SCENE, reads_content=reads_content), Tab.GENERAL))
    assert f"**Message Content** · {words}" in text


@pytest.mark.parametrize(("setting", "value"), [("language", "xx"), ("replies", "sometimes")])
def test_an_unknown_value_cannot_be_chosen(setting, value):
    with pytest.raises(RefusalError, match="older version"):
        change_by_press(SettingsPress(None, setting, "", [value], frozenset()))


@pytest.mark.parametrize(
    ("page", "items", "found"), [(0, 0, (0, 1)), (0, 20, (0, 1)), (1, 21, (1, 2)), (5, 45, (2, 3)), (-1, 45, (0, 3))]
)
def test_a_missing_page_becomes_the_nearest_one(page, items, found):
    assert within(page, items) == found


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("gore, red  fox\n狐;a", ["gore", "red fox", "狐", "a"]),
        ("血腥，赤狐、暴力", ["血腥", "赤狐", "暴力"]),
        (" ,\n;", []),
        ("", []),
        ("a.b", ["a.b"]),
    ],
)
def test_words_are_separated_by_lines_or_commas(written, words):
    assert words_of(written) == words


def test_words_have_distinct_keys():
    assert word_key("fox") != word_key("Fox")
    assert len(word_key("🦊" * 100)) <= 100


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({}, {"language": "de"}, "**Language:** each member's Discord language → Deutsch"),
        ({"language": "xx"}, {"language": "ja"}, "**Language:** each member's Discord language → 日本語"),
        ({"watermark": False}, {}, "**Watermark:** off → the bot's default"),
        ({}, {"private": True}, "**Private by default:** off → on"),
        ({}, {"log_channel": 5}, "**Log channel:** no channel → <#5>"),
        ({}, {"replies": Replies.OFF}, "**Replies:** Ask when unsure → Off"),
    ],
)
def test_a_change_shows_the_old_and_the_new_value(before, after, line):
    assert [change_line(one) for one in entries(GuildSettings(**after), GuildSettings(**before))] == [line]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("europe/berlni", "“europe/berlni” isn't a time zone. Did you mean Europe/Berlin?"),
        (
            "**@everyone**",
            "“\\*\\*@\u200beveryone\\*\\*” isn't a time zone. Use continent and city, such as Europe/Berlin.",
        ),
    ],
)
def test_an_unknown_time_zone_is_quoted_as_it_was_written(name, sentence):
    with pytest.raises(UnknownZoneError) as refused:
        find_zone(name)
    assert zone_sentence(refused.value) == sentence


def test_a_change_in_words_is_short_has_mentions_and_escapes_markup():
    before = GuildSettings(blocked_words=tuple(f"{n}" + "*" * 90 for n in range(30)), banned=frozenset({5}))
    lines = [change_line(one) for one in entries(GuildSettings(roles_allowed=frozenset({9})), before)]
    assert all(len(line) <= 1200 for line in lines)
    assert "**Banned members:** − <@5>" in lines
    assert "**Allowed roles:** + <@&9>" in lines
    assert "and 22 others" in next(line for line in lines if "Blocked" in line)
    assert "\\*" in next(line for line in lines if "Blocked" in line)
