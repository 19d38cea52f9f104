"""Writes the lines of a set about its children: ideas painted together, and what joins it later. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, listing, ngettext, sentences
from cogs.texts.common import dotted, escaped, failure_sentence, picture_name
from studio.jobs.messages import Part
from studio.jobs.sets import later
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.images import Child
    from studio.jobs.job import Job

LABEL_SHOWN = 60  # characters; twelve such labels fit


def idea_lines(job: Job, options: RenderOptions) -> list[str]:
    """Return one line that says which picture is which: "1 red, snow · 2 red, rain"."""
    if not job.title or options.hides(Part.PROMPT):
        return []
    labels = [(0, job.label), *((child.slot, child.label) for child in job.children if child.together)]
    return ["-# " + dotted(f"**{slot + 1}** {escaped(label, LABEL_SHOWN)}" for slot, label in labels)]


def child_lines(job: Job) -> list[str]:
    """Return what is being painted for a set that has ended, and why the newest such picture failed."""
    joined = later(job)
    pending = [child for child in joined if not child.state.final and not child.stopped]
    if pending:
        return [_painting(job, pending)]
    newest = joined[-1] if joined else None
    if newest and newest.stopped:
        return [_stopped(newest)]
    return [_failed(job, newest)] if newest and newest.state is JobState.FAILED and newest.failure else []


def _stopped(child: Child) -> str:
    if not child.cost:
        # Translators: of pictures that were to join a set.
        return "-# " + _("Stopped.")
    text = ngettext(
        "Stopped. {n} credit was billed, as it had been sent.",
        "Stopped. {n} credits were billed, as it had been sent.",
        child.cost,
    )
    return f"-# {text}"


def _painting(job: Job, pending: list[Child]) -> str:
    since = f"<t:{int(pending[0].since)}:R>"
    redone = [child.slot for child in pending if _is_redo(job, child)]
    if len(redone) == len(pending):
        names = listing(picture_name(slot + 1) for slot in redone)
        # Translators: {names} is such as "Picture 2, Picture 3"; {since} is such as "5 seconds ago".
        return _("🎨 Redoing {names} … requested {since}", names=names, since=since)
    # Translators: {since} is such as "5 seconds ago".
    return ngettext(
        "🎨 Painting {n} more picture … requested {since}",
        "🎨 Painting {n} more pictures … requested {since}",
        sum(child.count for child in pending),
        since=since,
    )


def _failed(job: Job, child: Child) -> str:
    reason = failure_sentence(child.failure) if child.failure else ""
    if _is_redo(job, child):
        # Translators: {name} is such as "Picture 2". A sentence that says why follows.
        text = _("{name} wasn't redone.", name=picture_name(child.slot + 1))
    else:
        # Translators: further pictures of a set. A sentence that says why follows.
        text = _("No more pictures were made.")
    return "-# ⚠️ " + sentences(text, reason)


def _is_redo(job: Job, child: Child) -> bool:
    """Whether a child makes a picture again that the set has already."""
    return any(image.shown_slot == child.slot and image.index < child.base for image in job.images if image.picture)
