"""Puts the controls of a settings screen together, one below the other. Pure.

A control's custom id is `sd:set:<what>:<argument>:<nonce>`. The nonce differs each time the screen is rendered: while a
select keeps its id, Discord's client goes on showing what the admin chose, even if the bot refused it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import discord
from discord import ChannelType, ui
from discord.enums import SelectDefaultValueType

from cogs.i18n.translate import _, number
from cogs.requests.cards import View, button, custom_id

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERN = r"sd:set:(?P<what>\w{1,32}):(?P<argument>[\w.-]{0,40}):(?P<stamp>\d{1,6})"
STAMPS = 1_000_000
PER_PAGE, MOST_CHOSEN = 20, 25  # a full page has room for some more

_PLACES = [  # no media channel: Discord's selects do not offer them; their category stands for them
    ChannelType.text,
    ChannelType.news,
    ChannelType.voice,
    ChannelType.stage_voice,
    ChannelType.forum,
    ChannelType.category,
]
_WRITABLE = [ChannelType.text, ChannelType.news]


class Entity(Enum):
    """What the items of a list are at Discord."""

    CHANNEL = "channel"
    ROLE = "role"
    MEMBER = "member"


MENTIONS = {Entity.CHANNEL: "<#{}>", Entity.ROLE: "<@&{}>", Entity.MEMBER: "<@{}>"}
_SELECTS: dict[Entity, tuple[Any, SelectDefaultValueType, dict[str, Any]]] = {
    Entity.CHANNEL: (ui.ChannelSelect, SelectDefaultValueType.channel, {"channel_types": _PLACES}),
    Entity.ROLE: (ui.RoleSelect, SelectDefaultValueType.role, {}),
    Entity.MEMBER: (ui.UserSelect, SelectDefaultValueType.user, {}),
}


def control_id(what: str, argument: str, nonce: int) -> str:
    return custom_id("set", what, argument, nonce % STAMPS)


class Controls:
    """Collects the items of a screen."""

    def __init__(self, nonce: int) -> None:
        self._nonce = nonce
        self.items: list[ui.Item[View]] = []

    def say(self, text: str) -> None:
        self.items.append(ui.TextDisplay(text))

    def separator(self) -> None:
        self.items.append(ui.Separator())

    def row(self, *items: ui.Item[View]) -> None:
        self.items.append(ui.ActionRow(*items))

    def beside(self, text: str, accessory: ui.Button[View]) -> None:
        self.items.append(ui.Section(text, accessory=accessory))

    def button(
        self,
        label: str,
        what: str,
        argument: str = "",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
    ) -> ui.Button[View]:
        return button(label, "set", what, argument, self._nonce % STAMPS, style=style, disabled=disabled)

    def select(
        self,
        what: str,
        options: list[discord.SelectOption],
        placeholder: str = "",
        *,
        argument: str = "",
        several: bool = False,
    ) -> None:
        """Add a menu of one of these or, with `several`, of any number of them."""
        least, most = (0, len(options)) if several else (1, 1)
        select = ui.Select[View](
            custom_id=self._id(what, argument), options=options, placeholder=placeholder or None,
            min_values=least, max_values=most,
        )  # fmt: skip
        self.row(select)

    def channel_select(self, what: str, channel_id: int | None, placeholder: str) -> None:
        """Add a menu of one channel in which the bot can post, or none."""
        chosen = [channel_id] if channel_id else []
        select = ui.ChannelSelect[View](
            custom_id=self._id(what, ""), channel_types=_WRITABLE, placeholder=placeholder, min_values=0,
            default_values=_defaults(chosen, SelectDefaultValueType.channel),
        )  # fmt: skip
        self.row(select)

    def entity_select(self, what: str, entity: Entity, chosen: Sequence[int], page: int, placeholder: str) -> None:
        """Add a page of a list: removing an item from the menu removes it from the list, adding adds it."""
        page, pages = within(page, len(chosen))
        select_type, value_type, options = _SELECTS[entity]
        select: ui.Item[View] = select_type(
            custom_id=self._id(what, str(page)), placeholder=placeholder, min_values=0, max_values=MOST_CHOSEN,
            default_values=_defaults(chosen[page * PER_PAGE : (page + 1) * PER_PAGE], value_type), **options,
        )  # fmt: skip
        self.row(select)
        self.pager(what, pages, page)

    def pager(self, what: str, pages: int, page: int) -> None:
        """Add buttons to the other pages of a list that has more than one."""
        if pages <= 1:
            return
        back, forward = (self.button(label, "page", f"{what}.{at}", disabled=not 0 <= at < pages)
                         for label, at in (("◀", page - 1), ("▶", page + 1)))  # fmt: skip
        # Translators: which page of a list is shown: "2 of 3"; at most 20 characters
        here = _("{page} of {pages}", page=number(page + 1), pages=number(pages))
        self.row(back, self.button(here, "page", f"{what}.here", disabled=True), forward)

    def _id(self, what: str, argument: str) -> str:
        return control_id(what, argument, self._nonce)


def titled(name: str, text: str, value: str = "") -> str:
    """Write what a control is called, its value if the control doesn't show it, and what it does."""
    return f"**{name}**{f' · {value}' if value else ''}\n-# {text}"


def on_or_off(*, on: bool) -> str:
    if on:
        # Translators: a setting that is switched on
        return _("on")
    # Translators: a setting that is switched off
    return _("off")


def within(page: int, items: int) -> tuple[int, int]:
    """Return the nearest existing page, and how many pages there are."""
    pages = max(1, -(-items // PER_PAGE))
    return min(max(page, 0), pages - 1), pages


def _defaults(ids: Sequence[int], value_type: SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=item, type=value_type) for item in ids]
