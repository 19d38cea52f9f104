"""The first section of /settings: all that is set, at a glance. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cogs.i18n.translate import N_, _, listing
from cogs.settings.descriptors import SETTINGS
from cogs.settings.pictures import defaults_in_words
from cogs.settings.setting import Tab
from cogs.texts.common import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cogs.settings.controls import Controls
    from cogs.settings.view_model import SettingsViewModel

TAB_NAMES = {
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
_SIGNS = {Tab.PICTURES: "🎨", Tab.ACCESS: "🚪", Tab.MODERATION: "🛡️", Tab.GENERAL: "🕑"}


class _Line(NamedTuple):
    """Several settings in one line, which stands where the first of them would."""

    label: str
    keys: tuple[str, ...]
    text: Callable[[SettingsViewModel], str]


def render_overview(view: SettingsViewModel, controls: Controls) -> None:
    for tab, sign in _SIGNS.items():
        lines = [labelled(name, value) for name, value in _lines(tab, view)]
        controls.say("\n".join([f"### {sign} {_(TAB_NAMES[tab])}", *lines]))


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
