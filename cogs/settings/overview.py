"""What the screen of /settings shows of a server, and its first section: all that is set, at a glance. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cogs.i18n.translate import _, listing, number
from cogs.texts.common import labelled
from cogs.texts.setting_changes import listed, setting_name, shown
from seedream import MODELS
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from cogs.settings.controls import Controls
    from studio.guilds.audit import AuditEntry
    from studio.guilds.settings import GuildSettings
    from studio.members.defaults import Defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsViewModel:
    """What the screen shows besides the settings.

    usual: the operator's defaults. channels, roles: those that there are. log_works: whether the bot may write in the
    log channel. reads_content: whether it can read messages that don't mention it. now: seconds since the epoch.
    pages: of lists that have more than one. notice: what came of a press.
    """

    server: str
    usual: Defaults
    now: float
    nonce: int
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    log_works: bool = True
    reads_content: bool = True
    recent: Sequence[AuditEntry] = ()
    pages: Mapping[str, int] = field(default_factory=dict)
    notice: str = ""

    def page(self, setting: str) -> int:
        return self.pages.get(setting, 0)


def render_overview(settings: GuildSettings, view_model: SettingsViewModel, controls: Controls) -> None:
    log = shown("log_channel", str(settings.log_channel) if settings.log_channel else None)
    groups: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("🎨", _("Pictures"), [(_("Defaults"), _looks(settings, view_model))]),
        (
            "🚪",
            _("Access"),
            [
                (setting_name("models"), _of("models", settings.models, _all())),
                (_("Channels"), _channels(settings)),
                (setting_name("roles_allowed"), _of("roles_allowed", settings.roles_allowed, _("everyone"))),
            ],
        ),
        (
            "🛡️",
            _("Moderation"),
            [
                (setting_name("blocked_words"), how_many_words(settings)),
                (setting_name("banned"), how_many_banned(settings)),
            ],
        ),
        (
            "🕑",
            _("General"),
            [
                (setting_name("log_channel"), log),
                (setting_name("time_zone"), clock(settings, view_model)),
                (setting_name("language"), shown("language", settings.language)),
                (setting_name("replies"), shown("replies", settings.replies)),
            ],
        ),
    ]
    for sign, title, rows in groups:
        controls.say("\n".join([f"### {sign} {title}", *(labelled(name, value) for name, value in rows)]))


def _looks(settings: GuildSettings, view_model: SettingsViewModel) -> str:
    defaults = view_model.usual.within(settings, Preferences())
    parts = (
        shown("default_model", defaults.look.model),
        label_of(defaults.look.size) if defaults.look.size else _("the model's default size"),
        defaults.output_format.upper() if defaults.output_format else _("the model's default format"),
        _("with watermark") if defaults.watermark else _("no watermark"),
        # Translators: who sees a result
        _("visible to the requester only") if settings.private else _("visible to everyone"),
    )
    return " · ".join(parts)


def _of(setting: str, items: AbstractSet[Any], unset: str) -> str:
    """The first of them by their names."""
    names = sorted(items) if setting != "models" else [one for one in MODELS if one in items]
    # Translators: the models, channels or roles that are allowed: "only #general, #art"
    return _("only {listed}", listed=listed(setting, list(map(str, names)), short=True)) if items else unset


def _all() -> str:
    # Translators: all models, or all channels
    return _("all")


def _channels(settings: GuildSettings) -> str:
    parts = [_of("channels_allowed", settings.channels_allowed, _all())]
    if closed := list(map(str, sorted(settings.channels_denied))):
        # Translators: channels, after "Channels: all, ": "not in #general, #art"
        parts.append(_("except {listed}", listed=listed("channels_denied", closed, short=True)))
    if settings.age_restricted_only:
        # Translators: channels, after "Channels: all, "
        parts.append(_("age-restricted only"))
    return listing(parts)


def how_many_words(settings: GuildSettings) -> str:
    # Translators: how many blocked words there are, where there are none
    return number(len(settings.blocked_words)) if settings.blocked_words else _("none")


def how_many_banned(settings: GuildSettings) -> str:
    # Translators: how many members are banned, where nobody is
    return number(len(settings.banned)) if settings.banned else _("nobody")


def clock(settings: GuildSettings, view_model: SettingsViewModel) -> str:
    now = f"{datetime.fromtimestamp(view_model.now, settings.zone):%H:%M}"
    # Translators: a time zone: "Europe/Berlin, 14:05 there now"
    return _("{zone}, currently {time}", zone=settings.time_zone, time=now)


def label_of(value: str) -> str:
    return MODELS[value].label if value in MODELS else value.replace("x", " × ")
