"""Refuses requests whose pictures are gone, and offers to attach them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from cogs.delivery.buttons import attach_button
from cogs.texts.common import gone_sentences
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from studio.jobs.job import Job, Verb


def images_gone(job: Job, verb: Verb, missing: int) -> RefusalError:
    """Explain that pictures are gone, with a button to attach them again if that is possible.

    A modal has to be the first answer to a press. The press that found them gone is answered with a refusal, so only
    the press of its button can open the form.
    """
    attach = attach_button(verb, job.id, missing)
    if attach is None:
        return RefusalError(gone_sentences(missing))
    view = ui.View(timeout=None)
    view.add_item(attach)
    view.stop()  # its button is a dynamic item
    return RefusalError(gone_sentences(missing, form=True), view=view)
