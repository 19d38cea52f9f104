"""The screen of /settings: one message in sections, each control showing what is set. Pure."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.locale import language_of
from cogs.i18n.translate import LANGUAGES, N_, _, listing, ngettext, sentences
from cogs.settings.controls import PER_PAGE, Controls, titled, within
from cogs.settings.overview import SettingsViewModel, clock, how_many_banned, how_many_words, label_of, render_overview
from cogs.texts.common import escaped
from cogs.texts.replies import MESSAGE_CONTENT, REPLIES_MEAN
from cogs.texts.setting_changes import change_line, on_or_off, setting_name, shown
from seedream import MODELS
from seedream.models import presets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.guilds.settings import GuildSettings, Replies

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
    **dict.fromkeys(("log_channel", "time_zone", "language", "replies"), Tab.GENERAL),
}
_TAB_NAMES = {
    # Translators: a button that shows this section, at most 20 characters
    Tab.OVERVIEW: N_("Overview"),
    # Translators: a button that shows this section, at most 20 characters
    Tab.PICTURES: N_("Pictures"),
    # Translators: a button that shows this section, at most 20 characters
    Tab.ACCESS: N_("Access"),
    # Translators: a button that shows this section, at most 20 characters
    Tab.MODERATION: N_("Moderation"),
    # Translators: a button that shows this section, at most 20 characters
    Tab.GENERAL: N_("General"),
}


def render_settings(settings: GuildSettings, view_model: SettingsViewModel, tab: Tab) -> ui.LayoutView:
    controls = Controls(view_model.nonce)
    title, words = (
        _("Settings for {server}", server=escaped(view_model.server, 100)),
        _("Changes are saved immediately."),
    )
    controls.say(f"## ⚙️ {title}\n-# {words}")
    primary, secondary = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
    controls.row(
        *(controls.button(_(_TAB_NAMES[one]), "tab", one, primary if one is tab else secondary) for one in Tab)
    )
    if view_model.notice:
        controls.say(view_model.notice[:_LONGEST_NOTICE])
    controls.items.append(ui.Separator())
    _DRAWN[tab](settings, view_model, controls)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*controls.items, accent_colour=ACCENT))
    view.stop()  # its controls are dynamic items: discord.py has nothing to keep for it
    return view


# --- pictures -------------------------------------------------------------------------------------------------------


def _pictures(settings: GuildSettings, view_model: SettingsViewModel, controls: Controls) -> None:
    controls.say(_("Defaults when a member doesn't choose. Their own last choice takes priority."))
    controls.name("default_model", _model_words(settings))
    usable = settings.models & view_model.usual.offered if settings.models else view_model.usual.offered
    models = [one for one in MODELS if one in usable or one == settings.default_model]
    labels = {one: label_of(one) for one in models}
    controls.select("default_model", _options(_own(view_model.usual.look.model), labels, settings.default_model))
    controls.name("default_size", _("Models that don't have this size use their own default"))
    sizes = presets_of(MODELS.values())
    if settings.default_size and settings.default_size not in sizes:
        sizes.append(settings.default_size)
    labels = {one: label_of(one) for one in sizes}
    options = _options(_own(view_model.usual.look.size), labels, settings.default_size)
    # Translators: at most 100 characters
    controls.select("default_size", [*options, discord.SelectOption(label=_("Another size …"), value=OTHER)])
    formats = {name: name.upper() for model in MODELS.values() for name in model.output_formats}
    able = listing(model.label for model in MODELS.values() if model.output_formats)
    controls.name("output_format", _("For models that offer a choice: {models}", models=able))
    # Translators: the format of pictures; at most 100 characters
    controls.select("output_format", _options(_("The model's default"), formats, settings.output_format))
    watermark = view_model.usual.watermark if settings.watermark is None else settings.watermark
    controls.switch("watermark", _("Marks pictures as AI-generated"), on=watermark)
    words = _("Only the requester sees the result. Replies to a picture are still answered in the channel")
    controls.switch("private", words, on=settings.private)


def _model_words(settings: GuildSettings) -> str:
    if settings.default_model and settings.models and settings.default_model not in settings.models:
        return _("⚠️ This model isn't allowed here, so another one is used")
    return (
        _("You can choose only models that are allowed here") if settings.models else _("All models are allowed here")
    )


def _own(value: str | None) -> str:
    # Translators: the model or size that the bot takes of itself; at most 100 characters with it
    return _("The bot's default: {value}", value=shown("", value)) if value else _("The bot's default")


def _options(unset: str, labels: Mapping[str, str], chosen: str | None) -> list[discord.SelectOption]:
    """`labels`: of the values."""
    own = discord.SelectOption(label=unset, value=UNSET, default=chosen is None)
    values = labels.items()
    return [own, *(discord.SelectOption(label=label, value=one, default=one == chosen) for one, label in values)]


# --- access ---------------------------------------------------------------------------------------------------------


def _access(settings: GuildSettings, view_model: SettingsViewModel, controls: Controls) -> None:
    controls.name("models", _("Models that members can use. Choose none to allow all"))
    known = [discord.SelectOption(label=one.label, value=name, default=name in settings.models)
             for name, one in MODELS.items() if name in view_model.usual.offered | settings.models]  # fmt: skip
    # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
    controls.select("models", known, _("All models"), several=True)
    for setting, words, placeholder in (
        (
            "channels_allowed",
            _("Members can make pictures only in these channels and categories. Choose none to allow all"),
            # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
            _("All channels"),
        ),
        (
            "channels_denied",
            _("Members can't make pictures in these. A channel's setting overrides its category's"),
            # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
            _("No channel"),
        ),
    ):
        chosen = getattr(settings, setting)
        controls.name(setting, words)
        controls.places(setting, sorted(chosen & view_model.channels), view_model.page(setting), placeholder)
    controls.name(
        "roles_allowed", _("Only members with one of these roles can make pictures. Choose none to allow everyone")
    )
    roles = sorted(settings.roles_allowed & view_model.roles)
    # Translators: what stands in a menu of roles as long as none is chosen in it, at most 100 characters
    controls.roles("roles_allowed", roles, view_model.page("roles_allowed"), _("Everyone"))
    words = _("Allow pictures only in age-restricted channels")
    controls.switch("age_restricted_only", words, on=settings.age_restricted_only)
    if lost := _lost(settings, view_model):
        # Translators: a button, at most 20 characters
        controls.beside(lost, controls.button(_("Remove them"), "clear", "", discord.ButtonStyle.danger))


def gone(settings: GuildSettings, channels: frozenset[int], roles: frozenset[int]) -> dict[str, frozenset[int]]:
    """What is named in lists and does not exist any more, by the list."""
    there = {"channels_allowed": channels, "channels_denied": channels, "roles_allowed": roles}
    found = {name: getattr(settings, name) - known for name, known in there.items()}
    return {name: ids for name, ids in found.items() if ids}


def _lost(settings: GuildSettings, view_model: SettingsViewModel) -> str:
    lost = gone(settings, view_model.channels, view_model.roles)
    if not lost:
        return ""
    opened = tuple(name for name in ("channels_allowed", "roles_allowed") if _all_lost(settings, lost, name))
    words = _("Deleted, or no longer visible to me.")
    # Translators: names of channels and roles that are not there any more
    title = ngettext("⚠️ {n} deleted channel or role", "⚠️ {n} deleted channels or roles", sum(map(len, lost.values())))
    return titled(title, sentences(words, _(_OPENED[opened])) if opened else words)


def _all_lost(settings: GuildSettings, lost: Mapping[str, frozenset[int]], name: str) -> bool:
    return name in lost and lost[name] == getattr(settings, name)


# What is open to all once the lists are empty.
_OPENED: dict[tuple[str, ...], str] = {
    # Translators: "them" are channels that were deleted
    ("channels_allowed",): N_("If you remove them, members can make pictures in every channel."),
    # Translators: "them" are roles that were deleted
    ("roles_allowed",): N_("If you remove them, everyone can make pictures."),
    # Translators: "them" are channels and roles that were deleted
    ("channels_allowed", "roles_allowed"): N_("If you remove them, everyone can make pictures in every channel."),
}


# --- moderation -----------------------------------------------------------------------------------------------------


def _moderation(settings: GuildSettings, view_model: SettingsViewModel, controls: Controls) -> None:
    words = settings.blocked_words
    page, pages = within(view_model.page("blocked_words"), len(words))
    here = words[page * PER_PAGE : (page + 1) * PER_PAGE]
    title = _(
        "Words and phrases that prompts can't contain. Matches whole words, whatever their case and "
        "accents. The member is told which one"
    )
    controls.name("blocked_words", title, how_many_words(settings))
    if here:
        controls.say(" · ".join(f"`{escaped_code(word)}`" for word in here))
        options = [discord.SelectOption(label=word[:_LONGEST_WORD], value=word_key(word)) for word in here]
        # Translators: what stands in a menu of words, at most 100 characters: those that are chosen are taken out
        controls.select("blocked_words", options, _("Remove …"), argument=str(page), several=True)
    # Translators: a button, at most 20 characters
    controls.row(controls.button(_("Add words"), "words_in", "", discord.ButtonStyle.primary))
    controls.pager("blocked_words", pages, page)
    controls.items.append(ui.Separator())
    banned = sorted(settings.banned)
    title = _("These members can't make pictures in this server. Remove someone to lift the ban")
    controls.name("banned", title, how_many_banned(settings))
    # Translators: what stands in a menu of members as long as none is chosen in it, at most 100 characters
    controls.members("banned", banned, view_model.page("banned"), _("Nobody"))


def escaped_code(word: str) -> str:
    """A word as it stands between backticks."""
    return word.replace("`", "ʼ")[:_LONGEST_WORD]


def word_key(word: str) -> str:
    """What a select sends for a word: it may be longer, and stand elsewhere by then."""
    return hashlib.blake2s(word.encode(), digest_size=12).hexdigest()


# --- general --------------------------------------------------------------------------------------------------------


def _general(settings: GuildSettings, view_model: SettingsViewModel, controls: Controls) -> None:
    words = _("Every change to settings and limits is posted there. /quota-admin log lists them too")
    there = settings.log_channel in view_model.channels
    if settings.log_channel and not there:
        # Translators: of the log channel
        controls.name("log_channel", _("⚠️ This channel was deleted. Choose another one, or none"))
    elif settings.log_channel and not view_model.log_works:
        controls.name(
            "log_channel",
            _("⚠️ I can't post there. Give me the View Channel and Send Messages permissions in that channel"),
        )
    else:
        controls.name("log_channel", words)
    controls.place("log_channel", settings.log_channel if there else None, _("No channel"))
    if settings.log_channel and not there:
        # Translators: a button, at most 20 characters: there is to be no log channel any more
        controls.row(controls.button(_("No log channel"), "log_channel", "none"))
    words = _("Time zone in which daily, weekly and monthly limits reset")
    # Translators: a button beside the time zone, at most 20 characters
    change = controls.button(_("Change"), "time_zone")
    controls.beside(titled(setting_name("time_zone"), words, clock(settings, view_model)), change)
    controls.name("language", _("Language of the bot's messages in this server"))
    # Translators: a language: what each member chose in their own Discord; at most 100 characters
    controls.select("language", _options(_("Each member's Discord language"), LANGUAGES, language_of(settings)))
    controls.name("replies", _(REPLIES_MEAN[settings.replies]))
    controls.select("replies", _replies(settings.replies))
    on = view_model.reads_content
    # Translators: a switch in Discord's developer portal, which is in English only
    controls.say(titled(_("Message Content"), _(MESSAGE_CONTENT[on]), on_or_off(on=on)))
    controls.items.append(ui.Separator())
    lines = [
        f"-# <t:{int(one.at)}:R> <@{one.by_user_id}> {change_line(one, short=True)}"
        for one in view_model.recent[:MOST_RECENT]
    ]
    # Translators: there were no changes yet
    nothing = _("No changes yet.")
    title = _("Recent changes")
    controls.say("\n".join([f"**{title}**", *(lines or [f"-# {nothing}"])]))


def _replies(chosen: Replies) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=shown("replies", one), value=one, description=_(words), default=one is chosen)
        for one, words in REPLIES_MEAN.items()
    ]


_DRAWN = {
    Tab.OVERVIEW: render_overview,
    Tab.PICTURES: _pictures,
    Tab.ACCESS: _access,
    Tab.MODERATION: _moderation,
    Tab.GENERAL: _general,
}
