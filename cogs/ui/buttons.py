"""The buttons under a result. Their custom id, `sd:<verb>:<job>:<index>`, is all their state: they work for ever."""

from __future__ import annotations

import discord
from discord import ui

VERB_PATTERN = r"sd:{verb}:(?P<job>[\w-]{{1,32}}):(?P<index>\d{{1,2}})"


def custom_id(verb: str, job_id: str, index: int = 0) -> str:
    return f"sd:{verb}:{job_id}:{index}"


def details_button(job_id: str) -> ui.Button[ui.LayoutView]:
    return ui.Button(label="Details", custom_id=custom_id("details", job_id))


def delete_button(job_id: str) -> ui.Button[ui.LayoutView]:
    return ui.Button(label="Delete", style=discord.ButtonStyle.danger, custom_id=custom_id("delete", job_id))
