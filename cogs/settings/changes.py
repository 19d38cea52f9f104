"""What a press on a control of /settings, or a form, changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cogs.settings.deleted import without_deleted
from cogs.settings.descriptors import FORMS, SETTINGS
from cogs.settings.kinds import OTHER, outdated
from cogs.settings.screen import CLEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord import ui

    from cogs.settings.setting import Change, Setting, SettingsPress


def chosen_before(item: ui.Item[Any]) -> frozenset[str]:
    """Return what was chosen in a select when it was rendered."""
    options = {option.value for option in getattr(item, "options", ()) if option.default}
    return frozenset(options | {str(value.id) for value in getattr(item, "default_values", ())})


def opened_form(what: str, values: Sequence[str]) -> Setting | None:
    """Return the setting whose form a press opens: by a button, or by the option for another value."""
    return FORMS.get(what) if not values or list(values) == [OTHER] else None


def change_by_press(press: SettingsPress) -> Change:
    """Raises: RefusalError, InvalidRequest."""
    if press.what == CLEAR:
        return partial(without_deleted, press.guild)
    if setting := SETTINGS.get(press.what):
        return setting.control.change(setting, press)
    raise outdated()


def change_by_form(what: str, text: str) -> Change:
    """Raises: RefusalError, InvalidRequest, UnknownZoneError."""
    setting = FORMS.get(what)
    if setting is None or setting.form is None:
        raise outdated()
    return setting.form.change(text)
