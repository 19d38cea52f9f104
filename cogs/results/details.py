"""Renders the Details of a job: its request and its result, for one reader in their locale. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from cogs.i18n.translate import _, ngettext
from cogs.texts.common import (
    came_from,
    credit_count,
    dotted,
    escaped,
    in_code,
    labelled,
    links_until,
    seconds,
    size_line,
)
from cogs.texts.layers import image_name, layer_lines
from cogs.texts.modes import mode_label
from studio.jobs.layers import DESCRIPTION_FILE, description
from studio.jobs.sets import made, requested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

PROMPT_SHOWN = 3000  # of the 4,000 characters that a message's texts may have together
PROMPT_SHOWN_OF_A_SET = 500
LABEL_SHOWN = 60
INSTRUCTION_SHOWN = 300


def render_details(job: Job, parts: Sequence[Job] = (), *, words: bool = True) -> tuple[ui.LayoutView, dict[str, str]]:
    """Return the view and the texts of its files: a long prompt, the layers, links to unattached pictures.

    `parts`: the requests of a set. `words`: the view shows what the member wrote; otherwise only the files have it.
    """
    together = parts if len(parts) > 1 else ()
    written = job.title or job.prompt
    prompt = written.replace("```", "ʼʼʼ")
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    most = PROMPT_SHOWN_OF_A_SET if together else PROMPT_SHOWN
    if prompt and words:
        container.add_item(ui.TextDisplay(f"```\n{prompt[:most]}\n```")).add_item(ui.Separator())
    container.add_item(ui.TextDisplay("\n".join(labelled(name, value) for name, value in _rows(job, parts or [job]))))
    whole = len(written) <= most and prompt == written and (words or not written)
    texts = {} if whole else {"prompt.txt": written}
    if together:
        container.add_item(ui.Separator()).add_item(ui.TextDisplay(request_lines(together, words=words)))
        if len({part.request.prompt for part in together}) > 1:
            texts["prompts.txt"] = "\n\n".join(part.request.prompt for part in together)
    if job.request.layer_decomposition and any(image.made for image in job.current):
        if words:
            container.add_item(ui.TextDisplay(layer_lines(job)))
        texts[DESCRIPTION_FILE] = description(job)
    links = "\n".join(f"{image_name(job, image)}: {image.link}" for image in _unattached(job))
    texts |= {"links.txt": links} if links else {}
    for name in texts:
        container.add_item(ui.File(f"attachment://{name}"))
    view.add_item(container)
    view.stop()
    return view, texts


def request_lines(parts: Sequence[Job], *, words: bool) -> str:
    """Return a line for each request of a set: what distinguishes it, its model and seed, and what it cost."""
    return "\n".join(f"{at}. {_request_line(part, words=words)}" for at, part in enumerate(parts, 1))


def _request_line(part: Job, *, words: bool) -> str:
    model, seed = part.request.capabilities.label, part.request.seed
    cost = credit_count(min(part.spent, part.wanted) * part.price)
    label = f"**{escaped(part.label, LABEL_SHOWN)}**" if words and part.label != model else ""
    # Translators: a number that makes similar pictures, in a list
    seeded = _("seed {seed}", seed=seed) if seed not in {None, -1} else ""
    return dotted((label, model, seeded, cost, f"`{part.id}`"))


def _unattached(job: Job) -> list[JobImage]:
    return [image for image in job.current if image.link and not image.attachment]


def _rows(job: Job, parts: Sequence[Job]) -> list[tuple[str, object]]:
    request = job.request
    when, who = f"<t:{int(job.created_at)}:f>", f"<@{job.origin.user_id}>"
    rows = [
        (_("Model"), ", ".join(dict.fromkeys(part.request.model for part in parts))),
        (_("Size"), size_line(job)),
        # Translators: the size and aspect ratio that were requested.
        (_("Requested size"), " ".join(filter(None, (request.size, request.ratio))) or None),
        # Translators: what it was made from, such as "An edit of this".
        (_("Source"), came_from(job)),
        _made(job),
        # Translators: what the model was told instead of the prompt above.
        (_("Instruction"), escaped(request.prompt, INSTRUCTION_SHOWN) if request.prompt != job.prompt else None),
        # Translators: the number of reference pictures.
        (_("References"), len(request.images) or None),
        (_("Seed"), request.seed),
        # Translators: how closely the prompt is followed, a number.
        (_("Guidance"), request.guidance_scale),
        # Translators: the file format.
        (_("Format"), request.output_format),
        (_("Web search"), _("yes") if request.web_search else None),
        # Translators: the model rewrites the prompt before it paints.
        (_("Optimized prompt"), mode_label(request.optimize_prompt) if request.optimize_prompt else None),
        # Translators: of a picture: transparent.
        (_("Background"), _("transparent") if request.background else None),
        (_("Watermark"), _("yes") if request.watermark else _("no")),
        # Translators: when it was requested, and by whom.
        (_("Requested"), _("{time} by {member}", time=when, member=who)),
        # Translators: how long it took, such as "26 s".
        (_("Duration"), seconds(job)),
        (_("Cost"), credit_count(job.cost)),
        # Translators: the service's links to pictures that aren't on Discord.
        (_("Links work until"), links_until(job, unattached) if (unattached := _unattached(job)) else None),
        # Translators: the bot's id of the request. The next two: its ids at the service.
        (_("Job"), f"`{job.id}`"),
        (_("Task"), f"`{in_code(job.task_id, 80)}`" if job.task_id else None),
        (_("Trace"), f"`{in_code(job.trace_id, 80)}`" if job.trace_id else None),
    ]
    return [(name, value) for name, value in rows if value is not None]


def _made(job: Job) -> tuple[str, object]:
    """Return how many pictures were made of how many; the number of layers isn't known beforehand."""
    if job.request.layer_decomposition:
        return _("Layers"), job.spent
    # Translators: so many pictures were made of so many that were requested.
    text = _("{made} of {wanted}", made=made(job), wanted=requested(job))
    later = sum(image.made for image in job.images) - made(job)
    if later <= 0:
        return _("Pictures"), text
    # Translators: pictures: {first} is such as "4 of 4"; the others were redone, or added, later
    return _("Pictures"), ngettext("{first}, and {n} later", "{first}, and {n} later", later, first=text)
