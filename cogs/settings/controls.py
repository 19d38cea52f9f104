"""The controls of a settings screen, put together one under the other. Pure.

A control's custom id is `sd:set:<what>:<argument>:<stamp>`. The stamp differs with every drawing: a client goes on
showing what was chosen in a select as long as its id stays, also where the choice was refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ChannelType, ui
from discord.enums import SelectDefaultValueType

from cogs.i18n.translate import _, marked, number
from cogs.texts.setting_changes import on_or_off, setting_name

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERN = r"sd:set:(?P<what>\w{1,32}):(?P<argument>[\w.-]{0,40}):(?P<stamp>\d{1,6})"
STAMPS = 1_000_000
PER_PAGE, MOST_CHOSEN = 20, 25  # a full page has room for some more

# Translators: a button, at most 20 characters
_SWITCH_ON = marked("Switch on")
# Translators: a button, at most 20 characters
_SWITCH_OFF = marked("Switch off")

View = ui.LayoutView
_PLACES = [  # no media channel: Discord's selects do not offer them; their category stands for them
    ChannelType.text,
    ChannelType.news,
    ChannelType.voice,
    ChannelType.stage_voice,
    ChannelType.forum,
    ChannelType.category,
]
_WRITABLE = [ChannelType.text, ChannelType.news]


def custom_id(what: str, argument: str, stamp: int) -> str:
    return f"sd:set:{what}:{argument}:{stamp % STAMPS}"


class Controls:
    def __init__(self, stamp: int) -> None:
        self._stamp = stamp
        self.items: list[ui.Item[View]] = []

    def say(self, words: str) -> None:
        self.items.append(ui.TextDisplay(words))

    def name(self, setting: str, words: str, value: str = "") -> None:
        """What a setting is called, what it is now where its control does not show that, and what it does."""
        self.say(titled(setting_name(setting), words, value))

    def switch(self, setting: str, words: str, *, on: bool) -> None:
        """Its button says what it does, and means that whatever was done meanwhile."""
        style = discord.ButtonStyle.secondary if on else discord.ButtonStyle.success
        pressed = self.button(_(_SWITCH_OFF if on else _SWITCH_ON), setting, "off" if on else "on", style)
        value = f"✅ {on_or_off(on=True)}" if on else on_or_off(on=False)
        self.beside(titled(setting_name(setting), words, value), pressed)

    def beside(self, words: str, button: ui.Button[View]) -> None:
        self.items.append(ui.Section(words, accessory=button))

    def button(
        self,
        label: str,
        what: str,
        argument: str = "",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
    ) -> ui.Button[View]:
        return ui.Button(label=label, style=style, custom_id=self._id(what, argument), disabled=disabled)

    def row(self, *items: ui.Item[View]) -> None:
        self.items.append(ui.ActionRow(*items))

    def select(
        self,
        what: str,
        options: list[discord.SelectOption],
        placeholder: str = "",
        *,
        argument: str = "",
        several: bool = False,
    ) -> None:
        """One of these or, with `several`, any number of them."""
        least, most = (0, len(options)) if several else (1, 1)
        found = ui.Select[View](
            custom_id=self._id(what, argument), options=options, placeholder=placeholder or None,
            min_values=least, max_values=most,
        )  # fmt: skip
        self.row(found)

    def places(self, setting: str, chosen: Sequence[int], page: int, placeholder: str) -> None:
        self._several(setting, chosen, page, placeholder, ui.ChannelSelect, _Type.channel, channel_types=_PLACES)

    def roles(self, setting: str, chosen: Sequence[int], page: int, placeholder: str) -> None:
        self._several(setting, chosen, page, placeholder, ui.RoleSelect, _Type.role)

    def members(self, setting: str, chosen: Sequence[int], page: int, placeholder: str) -> None:
        self._several(setting, chosen, page, placeholder, ui.UserSelect, _Type.user)

    def place(self, setting: str, chosen: int | None, placeholder: str) -> None:
        """One channel in which the bot can write, or none."""
        select = ui.ChannelSelect[View](
            custom_id=self._id(setting, ""), channel_types=_WRITABLE, placeholder=placeholder, min_values=0,
            default_values=_defaults([chosen] if chosen else [], _Type.channel),
        )  # fmt: skip
        self.row(select)

    def pager(self, setting: str, pages: int, page: int) -> None:
        """The way to the other pages of a list that has more than one."""
        if pages <= 1:
            return
        before, after = (self.button(label, "page", f"{setting}.{at}", disabled=not 0 <= at < pages)
                         for label, at in (("◀", page - 1), ("▶", page + 1)))  # fmt: skip
        # Translators: which page of a list is shown: "2 of 3"; at most 20 characters
        here = _("{page} of {pages}", page=number(page + 1), pages=number(pages))
        self.row(before, self.button(here, "page", f"{setting}.here", disabled=True), after)

    def _several(
        self,
        setting: str,
        chosen: Sequence[int],
        page: int,
        placeholder: str,
        kind: Any,
        value: SelectDefaultValueType,
        **options: Any,
    ) -> None:
        """A page of a list: what is taken out of the select is taken out of the list, what is put in is put in."""
        page, pages = within(page, len(chosen))
        select: ui.Item[View] = kind(
            custom_id=self._id(setting, str(page)), placeholder=placeholder, min_values=0, max_values=MOST_CHOSEN,
            default_values=_defaults(chosen[page * PER_PAGE : (page + 1) * PER_PAGE], value), **options,
        )  # fmt: skip
        self.row(select)
        self.pager(setting, pages, page)

    def _id(self, what: str, argument: str) -> str:
        return custom_id(what, argument, self._stamp)


_Type = SelectDefaultValueType


def titled(name: str, words: str, value: str = "") -> str:
    return f"**{name}**{f' · {value}' if value else ''}\n-# {words}"


def within(page: int, items: int) -> tuple[int, int]:
    """The page that there is, nearest to the one that is meant, and how many there are."""
    pages = max(1, -(-items // PER_PAGE))
    return min(max(page, 0), pages - 1), pages


def _defaults(ids: Sequence[int], kind: SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=one, type=kind) for one in ids]
