"""Changes of a server's settings. Two admins who change the same list at the same time both succeed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from studio.guilds.settings import GuildSettings

ACTION = "setting"
# A channel is in one of these lists at most: adding it to one removes it from the other.
_OTHER_LIST = {"channels_allowed": "channels_denied", "channels_denied": "channels_allowed"}


def with_list(
    settings: GuildSettings, name: str, *, added: Collection[Any] = (), removed: Collection[Any] = ()
) -> GuildSettings:
    """Add items to a list setting and remove others; the rest stays. Raises: InvalidSettingError."""
    items = getattr(settings, name)
    dropped = set(removed) - set(added)
    kept = [item for item in items if item not in dropped]
    changes = {name: type(items)([*kept, *(item for item in added if item not in items)])}
    if other := _OTHER_LIST.get(name):
        changes[other] = getattr(settings, other) - set(added)
    return settings.changed(**changes)


def audit_values(before: Any, now: Any) -> tuple[str | None, str | None]:
    """Write a change for the audit log: the old and the new value as text, None for none.

    Of a list, which may have thousands of items, only those that were removed and those that were added.
    """
    if isinstance(before, frozenset | tuple):
        return _listed(item for item in before if item not in now), _listed(item for item in now if item not in before)
    return _text(before), _text(now)


def items_of(text: str | None) -> list[str]:
    """Return the items of a list that `audit_values` wrote."""
    return text.split(", ") if text else []


def _listed(items: Any) -> str | None:
    values = list(items)
    ordered = sorted(values) if all(isinstance(value, int) for value in values) else values
    return ", ".join(map(str, ordered)) or None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    return None if value is None else str(value)
