"""The Details of a job: all that was asked and answered, for its reader alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from cogs.ui.texts import came_from, count, plain, seconds, size_line

if TYPE_CHECKING:
    from studio.jobs import Job

PROMPT_SHOWN = 3000  # of the 4,000 characters that a message's texts may have together


def draw_details(job: Job) -> tuple[ui.LayoutView, dict[str, str]]:
    """The view, and the files that it shows: a prompt that can't be shown as it is, links to what is not attached."""
    asked = job.request.prompt
    prompt = asked.replace("```", "ʼʼʼ")
    rows = "\n".join(f"**{name}:** {value}" for name, value in _rows(job))
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(f"```\n{prompt[:PROMPT_SHOWN]}\n```"), ui.Separator(), ui.TextDisplay(rows)
    )
    texts = {"prompt.txt": asked} if len(asked) > PROMPT_SHOWN or prompt != asked else {}
    loose = [f"Picture {image.index + 1}: {image.link}" for image in job.images if image.link and not image.attachment]
    texts |= {"links.txt": "\n".join(loose)} if loose else {}
    for name in texts:
        container.add_item(ui.File(f"attachment://{name}"))
    view.add_item(container)
    view.stop()
    return view, texts


def _rows(job: Job) -> list[tuple[str, str]]:
    request = job.request
    rows: list[tuple[str, object]] = [
        ("Model", request.model),
        ("Size", size_line(job)),
        ("Asked for", " ".join(filter(None, (request.size, request.ratio))) or None),
        ("Came from", came_from(job)),
        ("Pictures", f"{job.spent} of {job.wanted}"),
        ("References", len(request.images) or None),
        ("Seed", request.seed),
        ("Guidance", request.guidance_scale),
        ("Format", request.output_format),
        ("Web search", "yes" if request.web_search else None),
        ("Watermark", "yes" if request.watermark else "no"),
        ("Asked", f"<t:{int(job.created_at)}:f> by <@{job.origin.user_id}>"),
        ("Took", seconds(job)),
        ("Cost", count(job.cost, "credit")),
        ("Job", f"`{job.id}`"),
        ("Task", f"`{plain(job.task_id, 80)}`" if job.task_id else None),
        ("Trace", f"`{plain(job.trace_id, 80)}`" if job.trace_id else None),
    ]
    return [(name, str(value)) for name, value in rows if value is not None]
