"""What a member sees of what is kept of them, and how they have it forgotten. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.texts import count
from seedream import MODELS

if TYPE_CHECKING:
    from studio.preferences import Preferences
    from studio.privacy import Erased, Kept

PATTERN = r"sd:(?P<what>forget|erase|erase-all|keep)"

View = ui.LayoutView
_BUTTONS = {
    "forget": ("Forget it", discord.ButtonStyle.secondary),
    "erase": ("Delete everything …", discord.ButtonStyle.danger),
    "erase-all": ("Delete everything", discord.ButtonStyle.danger),
    "keep": ("Keep it", discord.ButtonStyle.secondary),
}
_STAYS = "Messages that are in Discord stay there, and so does what the admins of a server have set about you."
_BEFORE = "To take a result away from its channel, press *Delete* under it first: afterwards it won't work."
_LEDGER = (
    "How many pictures you made, not what they show, is counted by your name until no limit reaches it any more, at "
    "most 32 days; then by nobody's."
)


def button(what: str) -> ui.Button[View]:
    label, style = _BUTTONS[what]
    return ui.Button(label=label, style=style, custom_id=f"sd:{what}")


def draw_kept(kept: Kept, retention_days: int) -> View:
    if not kept:
        return _view("I remember nothing of you: everything is as this bot's operator set it.")
    texts = ["### What I keep of you"]
    buttons = [button("erase")]
    if kept.preferences:
        texts.append(_preferences(kept.preferences))
        buttons.insert(0, button("forget"))
    texts.append("\n".join(_jobs(kept, retention_days)))
    return _view(*texts, buttons=buttons)


def draw_question(kept: Kept) -> View:
    text = (
        f"### Delete everything?\nYour settings go, and {count(kept.jobs, 'request')} with prompts, links of reference "
        "pictures, and where the results are. The buttons under those results won't work any more. What you were "
        "granted in servers and have not used goes, too. Nobody can bring it back."
    )
    return _view(text, f"-# {_STAYS} {_BEFORE}\n-# {_LEDGER}", buttons=[button("erase-all"), button("keep")])


def draw_erased(erased: Erased) -> View:
    later = f" Those not ended yet ({erased.running}) go once they are." if erased.running else ""
    return _view(f"Deleted: your settings, and {count(erased.jobs, 'request')}.{later}", f"-# {_STAYS}\n-# {_LEDGER}")


def _preferences(last: Preferences) -> str:
    rows = [
        ("Model", MODELS[last.model].label if last.model and last.model in MODELS else None),
        ("Size", last.size),
        ("Ratio", last.ratio),
    ]
    lines = "\n".join(f"**{name}:** {value}" for name, value in rows if value)
    return f"What you chose last is used again where you choose nothing:\n{lines}"


def _jobs(kept: Kept, retention_days: int) -> list[str]:
    since = f", the oldest from <t:{kept.since:.0f}:D>" if kept.since is not None else ""
    runs = f" ({kept.running} not ended yet)" if kept.running else ""
    lines = [f"**Requests:** {kept.jobs}{runs}{since}"]
    if kept.jobs:
        lines.append("-# Each with its prompt, links of reference pictures, and where its result is.")
    made = f"**Counted:** {count(kept.use.pictures, 'picture')}, {count(kept.use.credits, 'credit')}"
    for_long = f"Requests are forgotten after {count(retention_days, 'day')}." if retention_days else ""
    return [*lines, made, *([f"-# {for_long}"] if for_long else [])]


def _view(*texts: str, buttons: list[ui.Button[View]] | None = None) -> View:
    container: ui.Container[View] = ui.Container(*(ui.TextDisplay[View](text) for text in texts))
    if buttons:
        container.add_item(ui.ActionRow(*buttons))
    view = View(timeout=None)
    view.add_item(container)
    view.stop()  # its buttons are dynamic items
    return view
