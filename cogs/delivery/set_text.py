"""Writes the lines of a set about its children: ideas painted together, and what joins it later. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, listing, ngettext, sentences
from cogs.texts.common import credit_count, dotted, escaped, failure_sentence, picture_name
from cogs.texts.prices import up_to
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
        return _painting(job, pending)
    return end_lines(job, joined[-1]) if joined else []


def end_lines(job: Job, child: Child) -> list[str]:
    """Return why nothing comes of a child, if so."""
    if child.stopped:
        return [_stopped(job, child)]
    return [_failed(job, child)] if child.state is JobState.FAILED and child.failure else []


def _stopped(job: Job, child: Child) -> str:
    return "-# " + sentences(_not_made(job, child), _cost_of_stop(child))


def _cost_of_stop(child: Child) -> str:
    if not child.state.final:
        credits_ = up_to(credit_count(child.reserved))
        # Translators: a request. {credits} is such as "up to 4 credits".
        return _("Stopped. It had been sent, so {credits} will be billed.", credits=credits_)
    if not child.cost:
        # Translators: of pictures that were to join a set.
        return _("Stopped.")
    return ngettext(
        "Stopped. {n} credit was billed, as it had been sent.",
        "Stopped. {n} credits were billed, as it had been sent.",
        child.cost,
    )


def _painting(job: Job, pending: list[Child]) -> list[str]:
    """Return one line for the pictures that are being redone, and one for those that are new."""
    redone = [child for child in pending if _is_redo(job, child)]
    further = [child for child in pending if child not in redone]
    return [*([_redoing(redone)] if redone else []), *([_adding(further)] if further else [])]


def _redoing(redone: list[Child]) -> str:
    names = listing(picture_name(child.slot + 1) for child in redone)
    # Translators: {names} is such as "Picture 2, Picture 3"; {since} is such as "5 seconds ago".
    return _("🎨 Redoing {names} … requested {since}", names=names, since=_since(redone))


def _adding(further: list[Child]) -> str:
    # Translators: {since} is such as "5 seconds ago".
    return ngettext(
        "🎨 Painting {n} more picture … requested {since}",
        "🎨 Painting {n} more pictures … requested {since}",
        sum(child.count for child in further),
        since=_since(further),
    )


def _since(children: list[Child]) -> str:
    return f"<t:{int(children[0].since)}:R>"


def _failed(job: Job, child: Child) -> str:
    reason = failure_sentence(child.failure) if child.failure else ""
    return "-# ⚠️ " + sentences(_not_made(job, child), reason)


def _not_made(job: Job, child: Child) -> str:
    if _is_redo(job, child):
        # Translators: {name} is such as "Picture 2". A sentence that says why follows.
        return _("{name} wasn't redone.", name=picture_name(child.slot + 1))
    # Translators: further pictures of a set. A sentence that says why follows.
    return _("No more pictures were made.")


def _is_redo(job: Job, child: Child) -> bool:
    """Whether a child makes a picture again that the set has already."""
    return any(image.shown_slot == child.slot and image.index < child.base for image in job.images if image.picture)
