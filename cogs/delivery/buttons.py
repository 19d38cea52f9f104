"""Builds the buttons under a result.

Their custom id, `sd:<verb>:<job>:<index>`, is all their state, so they work after any restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import discord
from discord import ui

from cogs.i18n.translate import N_, _
from cogs.texts.common import credit_count
from cogs.texts.layers import image_label, image_number, shown_images
from cogs.texts.prices import up_to
from studio.jobs.editing import EXTRACTIONS, extractors, has_words, next_preset
from studio.jobs.job import Verb
from studio.jobs.reshaping import RESHAPINGS, SHAPES
from studio.jobs.sets import can_change, cost_again, is_growing, room_for_more
from studio.jobs.states import JobState
from studio.members.models import can_edit
from studio.quota.prices import NO_PRICES, USUAL_PRICE, layers_cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.quota.prices import Prices

PER_ROW = 5  # Discord's limit of buttons in a row
USUAL = 2  # verbs of a single picture that its card shows; More has the others
VERSION = "version"  # the verb of what shows another version of a picture in its slot
PICK = "pick"  # the verb of what shows one picture: its number, More, or a choice in the select
MOST_FILES = 10  # of a modal. Source: Discord, "Component Reference", File Upload
DEFAULTS = "sd:defaults:open"
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
    # Translators: a button, at most 20 characters: this picture of a set again, in its place.
    Verb.REDO.value: (N_("Redo"), "♻️"),
    # Translators: a button, at most 20 characters: further pictures for this set.
    Verb.MORE.value: (N_("More like these"), None),
    # Translators: a button, at most 20 characters: this picture in another shape, with more around it.
    Verb.REFRAME.value: (N_("Reframe"), "🖼️"),
    # Translators: a button, at most 20 characters: this picture from further away, with more around it.
    Verb.ZOOM_OUT.value: (N_("Zoom out"), "🔭"),
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
    "confirm": (N_("Delete"), None),
    # Translators: a button, at most 20 characters: don't delete the pictures.
    "keep": (N_("Keep"), None),
}
_STYLES = {
    "confirm": discord.ButtonStyle.danger,
    "drop": discord.ButtonStyle.danger,
    "retry": discord.ButtonStyle.primary,
}


def shape_verb(ratio: str) -> str:
    """Return the verb that extends a picture to this ratio."""
    return f"shape-{ratio.replace(':', 'x')}"


VERBS = (*_LABELS, *map(shape_verb, SHAPES))

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
    """Return rows of buttons for a job in its current state; none while it runs. Details isn't among them."""
    shown = shown_images(job) if job.state is JobState.DONE else []
    if len(shown) == 1:
        return [Row(*_of_single(job, shown[0]))]
    verbs = [_with_price(button(verb, job.id), _price(job, verb)) for verb in _job_verbs(job)]
    if len(shown) > PER_ROW:
        return [Row(picture_select(job, shown)), Row(*verbs)]
    numbers = [number_button(job, image) for image in shown]
    return in_rows(numbers, verbs)


def details_button(job: Job) -> ui.Button[ui.LayoutView] | None:
    """Return the button that stands beside the footer; None while the job runs."""
    return button("details", job.id) if job.state.final else None


def defaults_button() -> ui.Button[ui.LayoutView]:
    """Return the button that shows whoever presses it their own defaults, to change them."""
    # Translators: a button, at most 20 characters: change your own defaults for model, size and aspect ratio.
    return ui.Button(label=_("Change"), custom_id=DEFAULTS)


def in_rows(*groups: Sequence[ui.Button[ui.LayoutView]]) -> list[Row]:
    """Put groups of buttons into one row if they fit, otherwise each group into rows of its own, equally long."""
    together = [one for group in groups for one in group]
    if len(together) <= PER_ROW:
        groups = (together,)
    return [Row(*row) for group in groups for row in _balanced(group)]


def _balanced(buttons: Sequence[ui.Button[ui.LayoutView]]) -> Iterator[Sequence[ui.Button[ui.LayoutView]]]:
    """Yield as few rows as possible, about as long as each other: long words then need no more lines on a phone."""
    rows = max(1, -(-len(buttons) // PER_ROW))
    length = -(-len(buttons) // rows)
    for at in range(0, len(buttons), max(1, length)):
        yield buttons[at : at + length]


def _job_verbs(job: Job) -> list[str]:
    """Return the verbs of a whole job, in their order."""
    match job.state:
        case JobState.QUEUED | JobState.RUNNING:
            return _under_way(job)
        case JobState.DONE if job.grows:
            return ["cancel", "delete"] if is_growing(job) else ["delete"]
        case JobState.DONE:
            more = [Verb.MORE.value] if room_for_more(job) else []
            return [_again(job), *more, "delete"]
        case JobState.FAILED:
            return ["retry", "delete"]
        case JobState.CANCELLED:
            return ["delete"]
        case _:
            assert_never(job.state)


def _price(job: Job, verb: str) -> int:
    """Return the credits that a verb of a whole job costs; 0 if it makes nothing, or nobody knows how much."""
    match verb:
        case _ if job.request.layer_decomposition:
            return 0
        case "reroll" | "retry":
            return cost_again(job)
        case Verb.MORE:
            return room_for_more(job) * job.price
        case _:
            return 0


def _with_price(button: ui.Button[ui.LayoutView], price: int) -> ui.Button[ui.LayoutView]:
    """Name the price on a button that costs more than one credit."""
    if price > USUAL_PRICE:
        button.label = f"{button.label} · {credit_count(price)}"
    return button


def _again(job: Job) -> str:
    """Return the verb that repeats a request: a partial or stopped one can be requested as a whole."""
    return "retry" if job.failure or job.dropped_at is not None else "reroll"


def _of_single(job: Job, image: JobImage) -> list[ui.Button[ui.LayoutView]]:
    """Return the one row under a single picture: the verbs used most, and More for the others."""
    usual = picture_buttons(job, image)[:USUAL]
    again = _again(job)
    first = _with_price(button(again, job.id), _price(job, again))
    return [first, *usual, more_button(job, image), button("delete", job.id)]


def version_buttons(job: Job, image: JobImage) -> list[ui.Button[ui.LayoutView]]:
    """Return the buttons that redo a picture of a set in its place, and go through its versions."""
    if not can_change(job) or len(shown_images(job)) < 2:  # noqa: PLR2004 - one picture is rerolled
        return []
    indexes = [version.index for version in job.versions(image.shown_slot)]
    at = indexes.index(image.index) if image.index in indexes else 0
    turns = [_version_button("◀", job, image, indexes[:at][-1:]), _version_button("▶", job, image, indexes[at + 1 :])]
    redo = _with_price(button(Verb.REDO.value, job.id, image.index), job.price)
    return [redo, *(turns if len(indexes) > 1 else [])]


def _version_button(label: str, job: Job, image: JobImage, next_ones: Sequence[int]) -> ui.Button[ui.LayoutView]:
    """Return a button that shows the next version; a disabled one, with the image's own index, if there is none."""
    index = next(iter(next_ones), image.index)
    return ui.Button(label=label, custom_id=custom_id(VERSION, job.id, index), disabled=not next_ones)


def _under_way(job: Job) -> list[str]:
    """Return the verbs of a job that hasn't ended; none where its message can't show any more what they do."""
    if job.late and job.by_token_alone:
        return []
    return ["cancel"] if job.dropped_at is None else ["delete"]


def picture_buttons(job: Job, image: JobImage, prices: Prices = NO_PRICES) -> list[ui.Button[ui.LayoutView]]:
    """Return the buttons for one picture, those used most first. Layers, which makes many, has its price on it."""
    verbs = (*_changing(job, image), *_reshaping(job), *_extracting(job))
    buttons = {verb: button(verb, job.id, image.index) for verb in verbs}
    if layers := buttons.get(Verb.LAYERS):
        most = credit_count(layers_cost(extractors(Verb.LAYERS), prices))
        layers.label = f"{layers.label} · {up_to(most)}"
    return list(buttons.values())


def _changing(job: Job, image: JobImage) -> Iterator[str]:
    """Yield the verbs that change a picture. Vary needs a prompt, Upscale a model with a larger preset."""
    if has_words(job.request):
        yield "vary"
    yield "edit"
    if not job.request.layer_decomposition and _can_be_larger(job, image):
        yield "upscale"


def _reshaping(job: Job) -> Iterator[str]:
    """Yield Reframe and Zoom out, unless the picture is a layer or a cut-out."""
    if has_words(job.request):
        yield from RESHAPINGS


def _extracting(job: Job) -> Iterator[str]:
    """Yield Cut out and Layers, if a model can do them and the picture isn't their result."""
    if has_words(job.request):
        yield from filter(extractors, EXTRACTIONS)


def _can_be_larger(job: Job, image: JobImage) -> bool:
    model, sides = job.request.capabilities, image.picture.sides if image.picture else None
    return sides is not None and can_edit(model) and next_preset(model, sides) is not None


def number_button(job: Job, image: JobImage) -> ui.Button[ui.LayoutView]:
    """Return a button with the picture's number, which shows that picture with its buttons."""
    return ui.Button(label=str(image_number(job, image)), custom_id=custom_id(PICK, job.id, image.index))


def more_button(job: Job, image: JobImage) -> ui.Button[ui.LayoutView]:
    """Return the button of a single picture that shows it with all its buttons."""
    # Translators: a button, at most 20 characters: more that can be done with this picture.
    return ui.Button(label=_("More"), emoji="✨", custom_id=custom_id(PICK, job.id, image.index))


def picture_select(job: Job, images: list[JobImage]) -> ui.Select[ui.LayoutView]:
    """Return a select menu of the pictures; choosing one shows the buttons for it."""
    options = [discord.SelectOption(label=image_label(job, image), value=str(image.index)) for image in images]
    # Translators: at most 100 characters.
    return ui.Select(custom_id=custom_id(PICK, job.id), placeholder=_("Choose a picture …"), options=options)
