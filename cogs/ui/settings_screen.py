"""The screen of /settings: one message in sections, each control showing what is set. Pure."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.changes import change_line, shown
from cogs.ui.controls import PER_PAGE, Controls, titled, within
from cogs.ui.settings_overview import Scene, clock, draw_overview, label_of
from cogs.ui.texts import count, escaped
from seedream import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.guild_settings import GuildSettings

UNSET, OTHER = "unset", "other"  # choices that are no value
MOST_RECENT = 5
ACCENT = 0x5865F2
_LONGEST_NOTICE = 600
_LONGEST_WORD = 40


class Tab(StrEnum):
    OVERVIEW = "overview"
    PICTURES = "pictures"
    ACCESS = "access"
    MODERATION = "moderation"
    GENERAL = "general"


TAB_OF = {
    **dict.fromkeys(("default_model", "default_size", "output_format", "watermark", "private"), Tab.PICTURES),
    **dict.fromkeys(
        ("models", "channels_allowed", "channels_denied", "roles_allowed", "age_restricted_only", "clear"), Tab.ACCESS
    ),
    **dict.fromkeys(("blocked_words", "words_in", "banned"), Tab.MODERATION),
    **dict.fromkeys(("log_channel", "time_zone"), Tab.GENERAL),
}


def draw_settings(settings: GuildSettings, scene: Scene, tab: Tab) -> ui.LayoutView:
    controls = Controls(scene.stamp)
    controls.say(f"## ⚙️ Settings of {escaped(scene.server, 100)}\n-# Every change is saved at once.")
    primary, secondary = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
    controls.row(*(controls.button(one.capitalize(), "tab", one, primary if one is tab else secondary) for one in Tab))
    if scene.notice:
        controls.say(scene.notice[:_LONGEST_NOTICE])
    controls.items.append(ui.Separator())
    _DRAWN[tab](settings, scene, controls)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*controls.items, accent_colour=ACCENT))
    view.stop()  # its controls are dynamic items: discord.py has nothing to keep for it
    return view


# --- pictures -------------------------------------------------------------------------------------------------------


def _pictures(settings: GuildSettings, scene: Scene, controls: Controls) -> None:
    controls.say("What is chosen where a member chooses nothing. What they chose last comes first.")
    controls.name("default_model", _model_words(settings))
    models = [one for one in MODELS if not settings.models or one in {*settings.models, settings.default_model}]
    controls.select("default_model", _options(_own(scene.usual.look.model), models, settings.default_model))
    controls.name("default_size", "Where the model has no such size, it takes its own")
    presets = {preset for model in MODELS.values() for preset in model.presets}
    sizes = sorted(presets, key=lambda preset: float(preset.removesuffix("K")))
    if settings.default_size and settings.default_size not in presets:
        sizes.append(settings.default_size)
    options = _options(_own(scene.usual.look.size), sizes, settings.default_size)
    controls.select("default_size", [*options, discord.SelectOption(label="Another size …", value=OTHER)])
    formats = dict.fromkeys(name for model in MODELS.values() for name in model.output_formats)
    able = ", ".join(model.label for model in MODELS.values() if model.output_formats)
    controls.name("output_format", f"Where the model leaves a choice: {able}")
    controls.select("output_format", _options("The model's own", formats, settings.output_format, upper=True))
    watermark = scene.usual.watermark if settings.watermark is None else settings.watermark
    controls.switch("watermark", "Marks pictures as made by AI", on=watermark)
    words = "Only who asks sees the result. A reply to a picture is answered in the channel all the same"
    controls.switch("private", words, on=settings.private)


def _model_words(settings: GuildSettings) -> str:
    if settings.default_model and settings.models and settings.default_model not in settings.models:
        return "⚠️ It is not among the models that are allowed here, so another one is taken"
    return "Only models that are allowed here can be chosen" if settings.models else "All models are allowed here"


def _own(value: str | None) -> str:
    return f"The bot's own: {shown('', value)}" if value else "The bot's own"


def _options(
    unset: str, values: Sequence[str] | Mapping[str, None], chosen: str | None, *, upper: bool = False
) -> list[discord.SelectOption]:
    own = discord.SelectOption(label=unset, value=UNSET, default=chosen is None)
    labels = ((one, one.upper() if upper else label_of(one)) for one in values)
    return [own, *(discord.SelectOption(label=label, value=one, default=one == chosen) for one, label in labels)]


# --- access ---------------------------------------------------------------------------------------------------------


def _access(settings: GuildSettings, scene: Scene, controls: Controls) -> None:
    controls.name("models", "Which models members may use; none chosen: all of them")
    known = [discord.SelectOption(label=one.label, value=name, default=name in settings.models)
             for name, one in MODELS.items()]  # fmt: skip
    controls.select("models", known, "All models", several=True)
    for setting, words, placeholder in (
        (
            "channels_allowed",
            "Pictures are made in these channels and categories only; none chosen: in all",
            "All channels",
        ),
        ("channels_denied", "No pictures are made in these; the nearer of channel and category counts", "No channel"),
    ):
        chosen = getattr(settings, setting)
        controls.name(setting, words)
        controls.places(setting, sorted(chosen & scene.channels), scene.page(setting), placeholder)
    controls.name("roles_allowed", "Only members with one of these may make pictures; none chosen: everybody")
    roles = sorted(settings.roles_allowed & scene.roles)
    controls.roles("roles_allowed", roles, scene.page("roles_allowed"), "Everybody")
    words = "Pictures are made only where Discord asks for adults"
    controls.switch("age_restricted_only", words, on=settings.age_restricted_only)
    if lost := _lost(settings, scene):
        controls.beside(lost, controls.button("Take them out", "clear", "", discord.ButtonStyle.danger))


def gone(settings: GuildSettings, channels: frozenset[int], roles: frozenset[int]) -> dict[str, frozenset[int]]:
    """What is named in lists and does not exist any more, by the list."""
    there = {"channels_allowed": channels, "channels_denied": channels, "roles_allowed": roles}
    found = {name: getattr(settings, name) - known for name, known in there.items()}
    return {name: ids for name, ids in found.items() if ids}


def _lost(settings: GuildSettings, scene: Scene) -> str:
    lost = gone(settings, scene.channels, scene.roles)
    if not lost:
        return ""
    opened = [words for name, words in _OPENED.items() if name in lost and lost[name] == getattr(settings, name)]
    then = f" Without them pictures may be made {' and '.join(opened)}." if opened else ""
    named = count(sum(map(len, lost.values())), "name")
    return titled(f"⚠️ {named} of nothing", f"Channels or roles that were deleted, or that I can't see any more.{then}")


_OPENED = {"channels_allowed": "in every channel", "roles_allowed": "by everybody"}


# --- moderation -----------------------------------------------------------------------------------------------------


def _moderation(settings: GuildSettings, scene: Scene, controls: Controls) -> None:
    words = settings.blocked_words
    page, pages = within(scene.page("blocked_words"), len(words))
    here = words[page * PER_PAGE : (page + 1) * PER_PAGE]
    title = (
        "Whole words and phrases that no prompt may have, in any case and with any accents. Who uses one is told which"
    )
    controls.name("blocked_words", title, str(len(words) or "none"))
    if here:
        controls.say(" · ".join(f"`{escaped_code(word)}`" for word in here))
        options = [discord.SelectOption(label=word[:_LONGEST_WORD], value=word_key(word)) for word in here]
        controls.select("blocked_words", options, "Take out …", argument=str(page), several=True)
    controls.row(controls.button("Add words", "words_in", "", discord.ButtonStyle.primary))
    controls.pager("blocked_words", pages, page)
    controls.items.append(ui.Separator())
    banned = sorted(settings.banned)
    controls.name(
        "banned", "They make no pictures in this server. Take one out to let them again", str(len(banned) or "none")
    )
    controls.members("banned", banned, scene.page("banned"), "Nobody")


def escaped_code(word: str) -> str:
    """A word as it stands between backticks."""
    return word.replace("`", "ʼ")[:_LONGEST_WORD]


def word_key(word: str) -> str:
    """What a select sends for a word: it may be longer, and stand elsewhere by then."""
    return hashlib.blake2s(word.encode(), digest_size=12).hexdigest()


# --- general --------------------------------------------------------------------------------------------------------


def _general(settings: GuildSettings, scene: Scene, controls: Controls) -> None:
    words = "Every change of settings and limits is posted there, besides being kept"
    there = settings.log_channel in scene.channels
    if settings.log_channel and not there:
        controls.name("log_channel", "⚠️ It was deleted. Choose another one, or none")
    elif settings.log_channel and not scene.log_works:
        controls.name("log_channel", "⚠️ I may not write there: give me View Channel and Send Messages in it")
    else:
        controls.name("log_channel", words)
    controls.place("log_channel", settings.log_channel if there else None, "No channel")
    if settings.log_channel and not there:
        controls.row(controls.button("Use none", "log_channel", "none"))
    zone = titled("Time zone", "A day, a week and a month of the limits begin by it", clock(settings, scene))
    controls.beside(zone, controls.button("Change", "time_zone"))
    controls.say("**Language** · English")
    controls.items.append(ui.Separator())
    lines = [
        f"-# <t:{int(one.at)}:R> <@{one.by_user_id}> {change_line(one, short=True)}"
        for one in scene.recent[:MOST_RECENT]
    ]
    controls.say("\n".join(["**Last changes**", *(lines or ["-# Nothing yet."])]))


_DRAWN = {
    Tab.OVERVIEW: draw_overview,
    Tab.PICTURES: _pictures,
    Tab.ACCESS: _access,
    Tab.MODERATION: _moderation,
    Tab.GENERAL: _general,
}
