"""Options for rendering a job, and the names of its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cogs.texts.layers import alt_text, image_name
from studio.jobs.layers import file_stems, slug
from studio.jobs.messages import MessageForm, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Bundle, Picture

_LONGEST_NAME = 40  # characters of a file name
_COVERED = "SPOILER_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """How a job is rendered for one transport.

    fitted: by image index, the smaller files that replace pictures over the upload limit.
    unattached: indexes of images that can't be attached: their files are gone, or can't be made small enough.
    bundle: the ZIP file of its layers. shape: the form and parts that Discord accepts.
    mention: start with a mention of the member. fresh: for a new message, which holds no files yet.
    withheld: leave the files out, to find out whether the message is posted already.
    """

    fitted: Mapping[int, Picture] = field(default_factory=dict)
    unattached: frozenset[int] = frozenset()
    bundle: Bundle | None = None
    shape: Shape = field(default_factory=Shape)
    mention: bool = False
    fresh: bool = False
    withheld: bool = False

    @property
    def form(self) -> MessageForm:
        return self.shape.form

    def hides(self, part: Part) -> bool:
        return part in self.shape.without

    def holds(self, image: JobImage) -> bool:
        """Return whether the message already has the picture and keeps it."""
        return image.attachment is not None and not self.fresh and self.form is not MessageForm.CARD

    def shows(self, image: JobImage) -> bool:
        attaches = self.form.attaches and not self.withheld and image.index not in self.unattached
        return attaches or self.holds(image)

    def is_plain(self, old: PostedMessage | None) -> bool:
        """Return whether the message is plain: an existing one stays what it is, a new one depends on the form."""
        return self.form is not MessageForm.GALLERY if self.fresh or old is None else old.plain


WHOLE = RenderOptions()


def filename(job: Job, image: JobImage, options: RenderOptions) -> str:
    """Return a picture's file name: the first words of the prompt, or a layer's name.

    A file that a message holds already keeps its name; a new message gets one for its form.
    """
    if image.attachment and not options.fresh:
        return image.attachment.filename
    picture = options.fitted.get(image.index, image.picture)
    kind = picture.format if picture else "jpeg"
    # A gallery item has a spoiler flag; an attachment is a spoiler by its name.
    cover = _COVERED if job.spoiler and options.form is not MessageForm.GALLERY else ""
    if job.request.layer_decomposition and not options.hides(Part.PROMPT):
        return f"{cover}{file_stems(job)[image.index]}.{kind}"
    version = [one.index for one in job.versions(image.shown_slot)].index(image.index) if image.picture else 0
    number = f"{image.shown_slot + 1}-v{version + 1}" if version else f"{image.shown_slot + 1}"
    return f"{cover}{_slug(job, options)}-{number}.{kind}"


def archive_name(job: Job, options: RenderOptions) -> str | None:
    """Return the name of the ZIP file in the first message; None if there is none."""
    if not options.fresh and options.form is not MessageForm.CARD and (held := held_archive(job)):
        return held.filename
    return (
        f"{_slug(job, options)}-layers.zip"
        if options.bundle and options.form.attaches and not options.withheld
        else None
    )


def held_archive(job: Job) -> Attachment | None:
    """Return the ZIP file that the first message already holds."""
    return job.messages[0].archive if job.messages else None


def _slug(job: Job, options: RenderOptions) -> str:
    words = "" if options.hides(Part.PROMPT) else job.prompt
    return "cut-out" if job.request.background else slug(words, _LONGEST_NAME) or "seedream"


def description_of(job: Job, image: JobImage, options: RenderOptions) -> str:
    """Return the alt text of a picture: the prompt, or the picture's name if the prompt is hidden."""
    return image_name(job, image) if options.hides(Part.PROMPT) else alt_text(job, image)
