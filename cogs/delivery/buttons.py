"""Builds the buttons under a result.

Their custom id, `sd:<verb>:<job>:<index>`, is all their state, so they work after any restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import N_, _
from cogs.texts.layers import image_label, shown_images
from studio.jobs.editing import EXTRACTIONS, extractors, has_words, next_preset
from studio.jobs.job import JobState, Verb
from studio.members.models import can_edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.jobs.job import Job, JobImage

PER_ROW = 5  # Discord's limit of buttons in a row
MOST_FILES = 10  # of a modal. Source: Discord, "Component Reference", File Upload
VERB_PATTERN = r"sd:(?P<verb>{verbs}):(?P<job>[\w-]{{1,32}}):(?P<index>\d{{1,2}})"

_LABELS = {
    # Translators: a button, at most 20 characters: the same prompt, another result.
    "reroll": (N_("Reroll"), "🎲"),
    # Translators: a button, at most 20 characters: variations of this picture.
    "vary": (N_("Vary"), "🪄"),
    # Translators: a button, at most 20 characters.
    "edit": (N_("Edit"), "✏️"),
    # Translators: a button, at most 20 characters: the same picture, larger.
    "upscale": (N_("Upscale"), "🔍"),
    # Translators: a button, at most 20 characters: the subject of this picture without its background.
    Verb.CUT_OUT.value: (N_("Cut out"), "✂️"),
    # Translators: a button, at most 20 characters: this picture taken apart into layers, as in an image editor.
    Verb.LAYERS.value: (N_("Layers"), "🗂️"),
    # Translators: a button, at most 20 characters: try again what went wrong.
    "retry": (N_("Retry"), "🔁"),
    # Translators: a button, at most 20 characters: pictures that are gone.
    "attach": (N_("Attach again"), "📎"),
    # Translators: a button, at most 20 characters: pictures that are gone.
    "upload": (N_("Attach again"), "📎"),
    # Translators: a button, at most 20 characters: a result that could not be delivered, shown here and now.
    "fetch": (N_("Show result"), "📬"),
    # Translators: a button, at most 20 characters.
    "cancel": (N_("Cancel"), None),
    # Translators: a button, at most 20 characters: pictures that are paid for anyway are delivered.
    "deliver": (N_("Deliver"), None),
    # Translators: a button, at most 20 characters: pictures that are paid for anyway aren't delivered.
    "drop": (N_("Drop it"), None),
    # Translators: a button, at most 20 characters.
    "details": (N_("Details"), None),
    # Translators: a button, at most 20 characters.
    "delete": (N_("Delete"), None),
}
_STYLES = {
    "delete": discord.ButtonStyle.danger,
    "drop": discord.ButtonStyle.danger,
    "retry": discord.ButtonStyle.primary,
}
VERBS = tuple(_LABELS)

_ATTACHING = {Verb.REROLL: "attach", Verb.RETRY: "attach", Verb.VARY: "upload", Verb.EDIT: "upload"}

Row = ui.ActionRow[ui.LayoutView]


def custom_id(verb: str, job_id: str, index: int = 0) -> str:
    return f"sd:{verb}:{job_id}:{index}"


def button(verb: str, job_id: str, index: int = 0) -> ui.Button[ui.LayoutView]:
    label, emoji = _LABELS[verb]
    style = _STYLES.get(verb, discord.ButtonStyle.secondary)
    return ui.Button(label=_(label), emoji=emoji, style=style, custom_id=custom_id(verb, job_id, index))


def attach_button(verb: Verb, job_id: str, missing: int) -> ui.Button[Any] | None:
    """Return a button that opens a form to attach `missing` pictures again; None if a form can't replace them."""
    attaching = _ATTACHING.get(verb)
    return button(attaching, job_id, missing) if attaching and missing <= MOST_FILES else None


def rows(job: Job) -> list[Row]:
    """Return rows of buttons for a job in its current state."""
    shown = shown_images(job)
    again = "retry" if job.failure or job.dropped_at is not None else "reroll"  # a part can be requested as a whole
    if job.state is JobState.DONE and len(shown) == 1:
        index = shown[0].index
        changing = [button(verb, job.id, index) for verb in _changing(job, shown[0])]
        extracting = [button(verb, job.id, index) for verb in _extracting(job)]
        first, second = [button(again, job.id), *changing], [*extracting, *_buttons(job, "details", "delete")]
        together = [*first, *second]
        return [Row(*together)] if len(together) <= PER_ROW else [Row(*first), Row(*second)]
    chooser = [Row(picture_select(job, shown))] if job.state is JobState.DONE and shown else []
    verbs = {
        JobState.DONE: [again, "details", "delete"],
        JobState.FAILED: ["retry", "details", "delete"],
        JobState.CANCELLED: ["details", "delete"],
    }.get(job.state, _under_way(job))
    return [*chooser, _row(job, *verbs)] if verbs else []


def _under_way(job: Job) -> list[str]:
    """Return the verbs of a job that hasn't ended; none where its message can't show any more what they do."""
    if job.late and job.by_token_alone:
        return []
    return ["cancel"] if job.dropped_at is None else ["delete"]


def picture_buttons(job: Job, image: JobImage) -> list[ui.Button[ui.LayoutView]]:
    """Return the buttons for one picture: at most five, which is a row."""
    return [button(verb, job.id, image.index) for verb in (*_changing(job, image), *_extracting(job))]


def _changing(job: Job, image: JobImage) -> Iterator[str]:
    """Yield the verbs that change a picture. Vary needs a prompt, Upscale a model with a larger preset."""
    if has_words(job.request):
        yield "vary"
    yield "edit"
    if not job.request.layer_decomposition and _can_be_larger(job, image):
        yield "upscale"


def _extracting(job: Job) -> Iterator[str]:
    """Yield Cut out and Layers, if a model can do them and the picture isn't their result."""
    if has_words(job.request):
        yield from filter(extractors, EXTRACTIONS)


def _can_be_larger(job: Job, image: JobImage) -> bool:
    model, sides = job.request.capabilities, image.picture.sides if image.picture else None
    return sides is not None and can_edit(model) and next_preset(model, sides) is not None


def picture_select(job: Job, images: list[JobImage]) -> ui.Select[ui.LayoutView]:
    """Return a select menu of the pictures; choosing one shows the buttons for it."""
    options = [discord.SelectOption(label=image_label(job, image), value=str(image.index)) for image in images]
    # Translators: at most 100 characters.
    return ui.Select(custom_id=custom_id("pick", job.id), placeholder=_("Choose a picture …"), options=options)


def _row(job: Job, *verbs: str) -> Row:
    return Row(*_buttons(job, *verbs))


def _buttons(job: Job, *verbs: str) -> list[ui.Button[ui.LayoutView]]:
    return [button(verb, job.id) for verb in verbs]
