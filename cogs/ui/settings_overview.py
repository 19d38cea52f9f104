"""What the screen of /settings shows of a server, and its first section: all that is set, at a glance. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cogs.ui.changes import listed, shown
from seedream import MODELS
from studio.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from cogs.ui.controls import Controls
    from studio.audit import AuditEntry
    from studio.defaults import Defaults
    from studio.guild_settings import GuildSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the screen shows besides the settings.

    usual: the operator's defaults. channels, roles: those that there are. log_works: whether the bot may write in the
    log channel. now: seconds since the epoch. pages: of lists that have more than one. notice: what came of a press.
    """

    server: str
    usual: Defaults
    now: float
    stamp: int
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    log_works: bool = True
    recent: Sequence[AuditEntry] = ()
    pages: Mapping[str, int] = field(default_factory=dict)
    notice: str = ""

    def page(self, setting: str) -> int:
        return self.pages.get(setting, 0)


def draw_overview(settings: GuildSettings, scene: Scene, controls: Controls) -> None:
    log = shown("log_channel", str(settings.log_channel) if settings.log_channel else None)
    groups: dict[str, list[tuple[str, str]]] = {
        "🎨 Pictures": [("Where a member chooses nothing", _looks(settings, scene))],
        "🚪 Access": [
            ("Models", _of("models", settings.models, "all")),
            ("Channels", _channels(settings)),
            ("Roles", _of("roles_allowed", settings.roles_allowed, "everybody")),
        ],
        "🛡️ Moderation": [
            ("Blocked words", str(len(settings.blocked_words) or "none")),
            ("Banned members", str(len(settings.banned) or "none")),
        ],
        "🕑 General": [("Log channel", log), ("Time zone", clock(settings, scene)), ("Language", "English")],
    }
    for title, rows in groups.items():
        controls.say("\n".join([f"### {title}", *(f"**{name}:** {value}" for name, value in rows)]))


def _looks(settings: GuildSettings, scene: Scene) -> str:
    defaults = scene.usual.within(settings, Preferences())
    parts = (
        shown("default_model", defaults.look.model),
        label_of(defaults.look.size) if defaults.look.size else "the model's own size",
        defaults.output_format.upper() if defaults.output_format else "the model's own format",
        "with watermark" if defaults.watermark else "no watermark",
        "only its member sees it" if settings.private else "everybody sees it",
    )
    return " · ".join(parts)


def _of(setting: str, items: AbstractSet[Any], unset: str) -> str:
    """The first of them by their names."""
    names = sorted(items) if setting != "models" else [one for one in MODELS if one in items]
    return f"only {listed(setting, list(map(str, names)), short=True)}" if items else unset


def _channels(settings: GuildSettings) -> str:
    parts = [_of("channels_allowed", settings.channels_allowed, "all")]
    closed = list(map(str, sorted(settings.channels_denied)))
    parts += [f"not in {listed('channels_denied', closed, short=True)}"] if closed else []
    parts += ["age-restricted ones only"] if settings.age_restricted_only else []
    return ", ".join(parts)


def clock(settings: GuildSettings, scene: Scene) -> str:
    return f"{settings.time_zone}, {datetime.fromtimestamp(scene.now, settings.zone):%H:%M} there now"


def label_of(value: str) -> str:
    return MODELS[value].label if value in MODELS else value.replace("x", " × ")
