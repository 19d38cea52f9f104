"""The first section of /settings: all that is set, at a glance. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cogs.i18n.translate import N_, _, listing
from cogs.requests.cards import button
from cogs.settings.descriptors import SETTINGS
from cogs.settings.pictures import defaults_in_words
from cogs.settings.setting import Tab
from cogs.texts.common import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cogs.settings.controls import Controls
    from cogs.settings.view_model import SettingsViewModel

# Translators: the headings of sections
_TITLES = {
    Tab.PICTURES: ("🎨", N_("Pictures")),
    Tab.ACCESS: ("🚪", N_("Access")),
    Tab.MODERATION: ("🛡️", N_("Moderation")),
    Tab.GENERAL: ("🕑", N_("General")),
}


class _Line(NamedTuple):
    """Several settings in one line, which stands where the first of them would."""

    label: str
    keys: tuple[str, ...]
    text: Callable[[SettingsViewModel], str]


def heading(tab: Tab) -> str:
    """Return the heading of a section other than the first."""
    sign, title = _TITLES[tab]
    return f"{sign} {_(title)}"


def render_overview(view: SettingsViewModel, controls: Controls) -> None:
    """Add each section's heading with the button that opens it, and below what is set there.

    There is no row of tabs: on a phone, five names would take two rows or more.
    """
    for tab in _TITLES:
        # Translators: a button that opens a section of settings to change them; at most 20 characters
        controls.beside(f"### {heading(tab)}", controls.button(_("Change"), "tab", tab))
        controls.say("\n".join(labelled(name, value) for name, value in _lines(tab, view)))
    limits = _("Limits")
    # Translators: a button that shows the server's limits; at most 20 characters
    controls.beside(f"### 🎟️ {limits}", button(_("Show"), "qa", "list", 0))


def _lines(tab: Tab, view: SettingsViewModel) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each line. A setting that no joint line has gets one of its own."""
    for setting in SETTINGS.values():
        joint = next((line for line in _JOINT if setting.key in line.keys), None)
        if setting.tab is not tab:
            continue
        if joint is None:
            yield setting.name, setting.control.summary(setting, view)
        elif setting.key == joint.keys[0]:
            yield _(joint.label), joint.text(view)


def _channels(view: SettingsViewModel) -> str:
    allowed, denied = SETTINGS["channels_allowed"], SETTINGS["channels_denied"]
    parts = [allowed.control.summary(allowed, view)]
    if blocked := list(map(str, sorted(view.settings.channels_denied))):
        # Translators: channels, after "Channels: all, ": "except #general, #art"
        parts.append(_("except {listed}", listed=denied.listed(blocked, short=True)))
    if view.settings.age_restricted_only:
        # Translators: channels, after "Channels: all, "
        parts.append(_("age-restricted only"))
    return listing(parts)


_JOINT = (
    _Line(
        N_("Defaults"),
        ("default_model", "default_size", "output_format", "watermark", "watermark_required", "private"),
        defaults_in_words,
    ),
    _Line(N_("Channels"), ("channels_allowed", "channels_denied", "age_restricted_only"), _channels),
)
