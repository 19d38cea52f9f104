"""Every setting of a server, once: what it is called, where and how it is shown, what a press or a form changes.

A new setting is a field of `GuildSettings` and an entry here, in the order of the screen. The menus, forms, the
overview, the audit log and the log channel follow from it. Pure.
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from cogs.i18n.translate import LANGUAGES, N_, _
from cogs.settings.cities import cities
from cogs.settings.controls import Entity
from cogs.settings.forms import words_of
from cogs.settings.kinds import Choice, LogChannel, Switch, Typed, assign, one_of
from cogs.settings.lists import EntityList, Several, WordList
from cogs.settings.pictures import (
    bots_default,
    default_models,
    default_sizes,
    format_help,
    model_help,
    output_formats,
    size_change,
    value_label,
)
from cogs.settings.setting import Form, Setting, Tab
from cogs.texts.refusal import RefusalError
from cogs.texts.replies import REPLIES, REPLIES_MEAN
from seedream import MODELS
from seedream.models import find_model
from studio.guilds.changes import with_list
from studio.guilds.settings import Replies
from studio.guilds.time_zones import find_zone, zone_label, zone_meant

if TYPE_CHECKING:
    from cogs.settings.setting import Change
    from cogs.settings.view_model import SettingsViewModel

# --- what the entries below refer to --------------------------------------------------------------------------------

# Translators: a setting's value where an admin chose none: what the bot chooses itself
_BOTS_DEFAULT = N_("the bot's default")


def _words_change(text: str) -> Change:
    """Raises: RefusalError."""
    words = words_of(text)
    if not words:
        raise RefusalError(_("There are no words in that. Enter one per line, or separate them with commas."))
    return partial(with_list, name="blocked_words", added=words)


def _log_channel_help(view: SettingsViewModel) -> str:
    channel_id = view.settings.log_channel
    if channel_id and channel_id not in view.channels:
        return _("⚠️ This channel was deleted. Choose another one, or none")
    if channel_id and not view.log_works:
        return _("⚠️ I can't post there. Give me the View Channel and Send Messages permissions in that channel")
    return _("Changes to settings and limits are posted there")


def _clock(view: SettingsViewModel, zone: str) -> str:
    now = f"{datetime.fromtimestamp(view.now, find_zone(zone)):%H:%M}"
    # Translators: a time zone and the time there: "Europe/Berlin, currently 14:05"
    return _("{zone}, currently {time}", zone=zone_label(zone), time=now)


# --- the settings ---------------------------------------------------------------------------------------------------

_ALL = (
    Setting(
        key="default_model",
        label=N_("Default model"),
        tab=Tab.PICTURES,
        help=model_help,
        unset=_BOTS_DEFAULT,
        control=Choice(
            values=default_models,
            label=value_label,
            parse=lambda name: find_model(name).name,
            unset=lambda view: bots_default(view.usual.model),
        ),
    ),
    Setting(
        key="default_size",
        label=N_("Default size"),
        tab=Tab.PICTURES,
        help=N_("Models that don't have this size use their own default"),
        unset=_BOTS_DEFAULT,
        control=Choice(
            values=default_sizes,
            label=value_label,
            unset=lambda view: bots_default(view.usual.size),
            # Translators: at most 100 characters
            other=N_("Another size …"),
        ),
        form=Form(
            id="default_size",
            title=N_("Default size"),
            # Translators: the field of a form, at most 45 characters
            label=N_("Size"),
            # Translators: what is written into the field of a form, at most 100 characters
            hint=N_("Width x height in pixels, or a preset such as 2K"),
            placeholder="2048x1536",
            change=size_change,
        ),
    ),
    Setting(
        key="output_format",
        label=N_("Default format"),
        tab=Tab.PICTURES,
        help=format_help,
        # Translators: the format of a picture where an admin chose none: what the model makes itself
        unset=N_("the model's default"),
        control=Choice(
            values=output_formats,
            label=str.upper,
            # Translators: the format of pictures; at most 100 characters
            unset=lambda _view: _("The model's default"),
        ),
    ),
    Setting(
        key="watermark",
        label=N_("Watermark"),
        tab=Tab.PICTURES,
        help=N_("Marks pictures as AI-generated. Members can change it"),
        unset=_BOTS_DEFAULT,
        control=Switch(default=lambda view: view.usual.watermark),
    ),
    Setting(
        key="watermark_required",
        # Translators: a setting: every picture gets the watermark
        label=N_("Watermark required"),
        tab=Tab.PICTURES,
        help=N_("Members can't switch the watermark off"),
        control=Switch(),
    ),
    Setting(
        key="private",
        # Translators: a setting: only the requester sees the result
        label=N_("Private by default"),
        tab=Tab.PICTURES,
        help=N_("Only the requester sees the result, except replies to pictures"),
        control=Switch(),
    ),
    Setting(
        key="models",
        label=N_("Models"),
        tab=Tab.ACCESS,
        help=N_("Choose none to allow all"),
        # Translators: all models, or all channels
        unset=N_("all"),
        control=Several(
            known=tuple(MODELS),
            values=lambda view: [name for name in MODELS if name in view.usual.offered | view.settings.models],
            label=value_label,
            # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
            empty=N_("All models"),
        ),
    ),
    Setting(
        key="channels_allowed",
        label=N_("Allowed channels"),
        tab=Tab.ACCESS,
        help=N_("Pictures only here. Choose none to allow all"),
        # Translators: all models, or all channels
        unset=N_("all"),
        # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
        control=EntityList(entity=Entity.CHANNEL, empty=N_("All channels")),
    ),
    Setting(
        key="channels_denied",
        label=N_("Blocked channels"),
        tab=Tab.ACCESS,
        help=N_("No pictures here. A channel overrides its category"),
        # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
        control=EntityList(entity=Entity.CHANNEL, empty=N_("No channel")),
    ),
    Setting(
        key="roles_allowed",
        label=N_("Allowed roles"),
        tab=Tab.ACCESS,
        help=N_("Who can make pictures. Choose none to allow everyone"),
        unset=N_("everyone"),
        # Translators: what stands in a menu of roles as long as none is chosen in it, at most 100 characters
        control=EntityList(entity=Entity.ROLE, empty=N_("Everyone")),
    ),
    Setting(
        key="age_restricted_only",
        label=N_("Age-restricted channels only"),
        tab=Tab.ACCESS,
        help=N_("Allow pictures only in age-restricted channels"),
        control=Switch(),
    ),
    Setting(
        key="blocked_words",
        label=N_("Blocked words"),
        tab=Tab.MODERATION,
        help=N_("Prompts can't contain these, as whole words, whatever their case and accents"),
        control=WordList(),
        form=Form(
            id="words_in",
            # Translators: the title of a form, at most 45 characters
            title=N_("Block words"),
            # Translators: the field of a form, at most 45 characters
            label=N_("Words and phrases"),
            # Translators: what is written into the field of a form, at most 100 characters
            hint=N_("One per line, or separated by commas"),
            placeholder="gore\nred fox, 赤狐",
            change=_words_change,
            paragraph=True,
        ),
    ),
    Setting(
        key="banned",
        label=N_("Banned members"),
        tab=Tab.MODERATION,
        help=N_("They can't make pictures here. Remove someone to lift the ban"),
        # Translators: how many members are banned, where nobody is
        unset=N_("nobody"),
        # Translators: what stands in a menu of members as long as none is chosen in it, at most 100 characters
        control=EntityList(entity=Entity.MEMBER, empty=N_("Nobody"), counted=True),
    ),
    Setting(
        key="log_channel",
        label=N_("Log channel"),
        tab=Tab.GENERAL,
        help=_log_channel_help,
        # Translators: the log channel where there is none
        unset=N_("no channel"),
        control=LogChannel(empty=N_("No channel")),
    ),
    Setting(
        key="time_zone",
        label=N_("Time zone"),
        tab=Tab.GENERAL,
        help=N_("Daily, weekly and monthly limits reset by it"),
        control=Typed(shown=_clock, label=zone_label, parse=lambda zone: find_zone(zone).key),
        form=Form(
            id="time_zone",
            title=N_("Time zone"),
            # Translators: the field of a form, at most 45 characters
            label=N_("Time zone"),
            # Translators: what is written into the field of a form, at most 100 characters
            hint=N_("A city such as Berlin, a time zone such as Europe/Berlin, or an offset such as UTC+2"),
            placeholder="Europe/Berlin",
            change=lambda text: assign("time_zone", zone_meant(text, time.time(), cities())),
            written=zone_label,
        ),
    ),
    Setting(
        key="language",
        label=N_("Language"),
        tab=Tab.GENERAL,
        help=N_("Language of the bot's messages in this server"),
        # Translators: the language that the bot speaks: that of each member's Discord
        unset=N_("each member's Discord language"),
        control=Choice(
            values=lambda _view: LANGUAGES,
            label=LANGUAGES.get,
            parse=one_of(LANGUAGES),
            # Translators: a language: what each member chose in their own Discord; at most 100 characters
            unset=lambda _view: _("Each member's Discord language"),
        ),
    ),
    Setting(
        key="replies",
        # Translators: a setting: what a member's reply to a picture does
        label=N_("Replies"),
        tab=Tab.GENERAL,
        help=lambda view: _(REPLIES_MEAN[view.settings.replies]),
        control=Choice(
            values=lambda _view: REPLIES,
            label=lambda value: _(REPLIES[value]) if value in REPLIES else None,
            parse=one_of(Replies, Replies),
            describe=lambda value: _(REPLIES_MEAN[value]),
        ),
    ),
)
SETTINGS = {setting.key: setting for setting in _ALL}
FORMS = {setting.form.id: setting for setting in _ALL if setting.form}
