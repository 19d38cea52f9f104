"""Example prompts, each with its button. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import discord
from discord import ui

from cogs.i18n.translate import N_, _, current_locale

PATTERN = r"sd:try:(?P<example>\w{1,20})"
_CHINESE = "zh-CN"


class Example(NamedTuple):
    """A prompt in the two languages that the models understand, with the label of its button."""

    emoji: str
    label: str
    english: str
    chinese: str

    @property
    def prompt(self) -> str:
        return self.chinese if current_locale() == _CHINESE else self.english


# By their names in the buttons' custom ids.
EXAMPLES = {
    "fox": Example(
        "🦊",
        # Translators: a button, at most 25 characters: an example of a picture
        N_("Fox in the snow"),
        "A red fox in deep snow at first light, its breath visible in the cold air, telephoto photograph",
        "晨光中的深雪里站着一只赤狐，寒气中能看到它呼出的白雾，长焦摄影",
    ),
    "poster": Example(
        "🧳",
        # Translators: a button, at most 25 characters: an example of a picture
        N_("Travel poster"),
        "A vintage travel poster of Lisbon: a yellow tram on a steep street above the sea, flat warm colours, with the "
        'word "LISBOA" in large letters',
        "里斯本复古旅行海报：陡峭街道上的黄色电车，远处是大海，温暖的平面色块，上方有大字“里斯本”",
    ),
    "sticker": Example(
        "🐙",
        # Translators: a button, at most 25 characters: an example of a picture
        N_("Sticker"),
        "A cheerful octopus barista holding eight coffee cups, die-cut sticker with a thick white border",
        "一只快乐的章鱼咖啡师，八只触手各端一杯咖啡，带白色粗边的贴纸",
    ),
    "room": Example(
        "🏡",
        # Translators: a button, at most 25 characters: an example of a picture
        N_("Tree house"),
        "A cosy reading room in a tree house on a rainy evening, warm lamps, books everywhere, isometric illustration",
        "雨夜树屋里的温馨阅读室，暖黄的灯光，到处是书，等距视角插画",
    ),
    "logo": Example(
        "☕",
        # Translators: a button, at most 25 characters: an example of a picture
        N_("Logo"),
        'A logo for a coffee roaster called "Moonbean": a coffee bean as a crescent moon, one dark colour on white',
        "咖啡烘焙店“月豆”的标志：弯月形状的咖啡豆，白底单一深色",
    ),
}


def example_button(name: str) -> ui.Button[Any]:
    """Return a button that opens a form with the example; if it no longer exists, a press says so."""
    example = EXAMPLES.get(name)
    return ui.Button(
        label=_(example.label) if example else name,
        emoji=example.emoji if example else None,
        style=discord.ButtonStyle.secondary,
        custom_id=f"sd:try:{name}",
    )
