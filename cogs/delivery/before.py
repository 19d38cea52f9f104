"""Finds the picture that a job has changed, to show it small beside the result. Pure.

It isn't uploaded again: Discord shows a picture of its own by the link without its signature, and signs it anew for
every reader. Source: Discord API reference, "Signed Attachment CDN URLs". If the picture is deleted, so is this view
of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio.jobs.job import Verb
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from studio.jobs.job import Job

_LOOKS_THE_SAME = {Verb.UPSCALE, Verb.LAYERS}
_FOLDER, _PRIVATE_FOLDER = "/attachments/", "/ephemeral-attachments/"


def before_url(job: Job) -> str | None:
    """Return the link to the first reference picture, if everybody who sees the result can see that picture, too.

    So it must be in a message of the same channel. A picture given with a command was shown to nobody.
    """
    verb = job.parent.verb if job.parent else None
    source = next(iter(job.sources), None)
    if job.state is not JobState.DONE or verb in _LOOKS_THE_SAME or source is None:
        return None
    if source.channel_id != job.origin.channel_id:
        return None
    return _unsigned(job.request.images[0], private=job.origin.private)


def _unsigned(url: str, *, private: bool) -> str | None:
    """Return a link to a file on Discord without its signature; None for other links, and for what is ephemeral.

    `private`: the result is ephemeral as well.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    shown = parts.path.startswith((_FOLDER, _PRIVATE_FOLDER) if private else _FOLDER)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if shown else None
