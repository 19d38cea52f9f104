"""The buttons under a result. Their custom id, `sd:<verb>:<job>:<index>`, is all their state: they work for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.language import _, marked
from cogs.ui.texts import picture_name
from studio.editing import can_edit, next_preset
from studio.jobs import JobState

if TYPE_CHECKING:
    from studio.jobs import Job, JobImage

VERB_PATTERN = r"sd:(?P<verb>{verbs}):(?P<job>[\w-]{{1,32}}):(?P<index>\d{{1,2}})"

_LABELS = {
    # Translators: a button, at most 20 characters: the same words, another result.
    "reroll": (marked("Reroll"), "🎲"),
    # Translators: a button, at most 20 characters: variations of this picture.
    "vary": (marked("Vary"), "🪄"),
    # Translators: a button, at most 20 characters.
    "edit": (marked("Edit"), "✏️"),
    # Translators: a button, at most 20 characters: the same picture, larger.
    "upscale": (marked("Upscale"), "🔍"),
    # Translators: a button, at most 20 characters: try again what went wrong.
    "retry": (marked("Retry"), "🔁"),
    # Translators: a button, at most 20 characters.
    "cancel": (marked("Cancel"), None),
    # Translators: a button, at most 20 characters.
    "details": (marked("Details"), None),
    # Translators: a button, at most 20 characters.
    "delete": (marked("Delete"), None),
}
_STYLES = {"delete": discord.ButtonStyle.danger, "retry": discord.ButtonStyle.primary}
VERBS = tuple(_LABELS)

Row = ui.ActionRow[ui.LayoutView]


def custom_id(verb: str, job_id: str, index: int = 0) -> str:
    return f"sd:{verb}:{job_id}:{index}"


def button(verb: str, job_id: str, index: int = 0) -> ui.Button[ui.LayoutView]:
    label, emoji = _LABELS[verb]
    style = _STYLES.get(verb, discord.ButtonStyle.secondary)
    return ui.Button(label=_(label), emoji=emoji, style=style, custom_id=custom_id(verb, job_id, index))


def rows(job: Job) -> list[Row]:
    """What can be done with a job as it is, in rows; none while it is being made."""
    shown = shown_images(job)
    again = "retry" if job.failure else "reroll"  # what came in part can be had whole
    if job.state is JobState.DONE and len(shown) == 1:
        return [Row(button(again, job.id), *picture_buttons(job, shown[0])), _row(job, "details", "delete")]
    chooser = [Row(picture_select(job.id, shown))] if job.state is JobState.DONE and shown else []
    verbs = {
        JobState.QUEUED: ["cancel"] if job.place else [],
        JobState.DONE: [again, "details", "delete"],
        JobState.FAILED: ["retry", "details", "delete"],
        JobState.CANCELLED: ["details", "delete"],
    }.get(job.state)
    return [*chooser, _row(job, *verbs)] if verbs else []


def picture_buttons(job: Job, image: JobImage) -> list[ui.Button[ui.LayoutView]]:
    """What can be done with one picture; Upscale only where its model has a next preset."""
    verbs = ["vary", "edit"]
    picture = image.picture
    if picture and can_edit(job.request.capabilities):
        larger = next_preset(job.request.capabilities, (picture.width, picture.height))
        verbs += ["upscale"] if larger else []
    return [button(verb, job.id, image.index) for verb in verbs]


def shown_images(job: Job) -> list[JobImage]:
    return [image for image in job.images if image.picture]


def picture_select(job_id: str, images: list[JobImage]) -> ui.Select[ui.LayoutView]:
    """Which picture is to be worked on: the answer to it has the buttons for that one."""
    options = [discord.SelectOption(label=picture_name(one.index + 1), value=str(one.index)) for one in images]
    # Translators: at most 100 characters.
    return ui.Select(custom_id=custom_id("pick", job_id), placeholder=_("Work on a picture …"), options=options)


def _row(job: Job, *verbs: str) -> Row:
    return Row(*(button(verb, job.id) for verb in verbs))
