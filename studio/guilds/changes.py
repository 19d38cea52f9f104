"""Changes of a server's settings, as admins make them on one screen: two who change the same list both do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from studio.guilds.settings import GuildSettings

ACTION = "setting"
# A channel is in one of these lists: whoever names it in one takes it out of the other.
_OTHER_LIST = {"channels_allowed": "channels_denied", "channels_denied": "channels_allowed"}


def with_list(
    settings: GuildSettings, name: str, *, added: Collection[Any] = (), removed: Collection[Any] = ()
) -> GuildSettings:
    """Items put into a list setting and taken out of it; whatever else is in it stays. Raises: InvalidSettingError."""
    items = getattr(settings, name)
    gone = set(removed) - set(added)
    kept = [item for item in items if item not in gone]
    changes = {name: type(items)([*kept, *(item for item in added if item not in items)])}
    if other := _OTHER_LIST.get(name):
        changes[other] = getattr(settings, other) - set(added)
    return settings.changed(**changes)


def told(before: Any, now: Any) -> tuple[str | None, str | None]:
    """A change as the audit log has it: what was and what is, as text; None for nothing. Of a list, what was taken out
    of it and what was put in: it may have thousands of items.
    """
    if isinstance(before, frozenset | tuple):
        return _listed(item for item in before if item not in now), _listed(item for item in now if item not in before)
    return _text(before), _text(now)


def items_of(text: str | None) -> list[str]:
    """The items of a list, as `told` wrote it."""
    return text.split(", ") if text else []


def _listed(items: Any) -> str | None:
    found = list(items)
    ordered = sorted(found) if all(isinstance(item, int) for item in found) else found
    return ", ".join(map(str, ordered)) or None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    return None if value is None else str(value)
