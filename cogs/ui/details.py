"""The Details of a job: all that was asked and answered, for its reader alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from cogs.ui.texts import count, plain, seconds, size_line

if TYPE_CHECKING:
    from studio.jobs import Job

PROMPT_SHOWN = 3000  # of the 4,000 characters that a message's texts may have together


def draw_details(job: Job) -> tuple[ui.LayoutView, str | None]:
    """The view, and the whole prompt where it is too long to be shown in it."""
    prompt = job.request.prompt.replace("```", "ʼʼʼ")
    rows = "\n".join(f"**{name}:** {value}" for name, value in _rows(job))
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(f"```\n{prompt[:PROMPT_SHOWN]}\n```"), ui.Separator(), ui.TextDisplay(rows)
    )
    too_long = len(prompt) > PROMPT_SHOWN
    if too_long:
        container.add_item(ui.File("attachment://prompt.txt"))
    view.add_item(container)
    view.stop()
    return view, job.request.prompt if too_long else None


def _rows(job: Job) -> list[tuple[str, str]]:
    request = job.request
    rows: list[tuple[str, object]] = [
        ("Model", request.model),
        ("Size", size_line(job)),
        ("Pictures", f"{job.spent} of {job.wanted}"),
        ("References", len(request.images) or None),
        ("Seed", request.seed),
        ("Guidance", request.guidance_scale),
        ("Format", request.output_format),
        ("Web search", "yes" if request.web_search else None),
        ("Watermark", "yes" if request.watermark else "no"),
        ("Asked", f"<t:{int(job.created_at)}:f> by <@{job.origin.user_id}>"),
        ("Took", seconds(job)),
        ("Cost", count(job.spent, "credit")),
        ("Job", f"`{job.id}`"),
        ("Task", f"`{plain(job.task_id, 80)}`" if job.task_id else None),
        ("Trace", f"`{plain(job.trace_id, 80)}`" if job.trace_id else None),
    ]
    return [(name, str(value)) for name, value in rows if value is not None]
