"""In which manner a job is drawn where it goes, and what its files are called there. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cogs.texts.layers import alt_text, image_name
from studio.jobs.layers import file_stems, slug
from studio.jobs.messages import MessageForm, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.jobs.job import Job, JobImage
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Bundle, Picture

_LONGEST_NAME = 40  # of a file, in characters
_COVERED = "SPOILER_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """How a job is drawn where it goes.

    `fitted`: the smaller files that stand in for pictures over the place's limit, by image index. `bundle`: the ZIP of
    its layers. `shape`: what Discord takes of it there. `mention`: begin with the member's mention. `fresh`: for a
    message that holds nothing.
    """

    fitted: Mapping[int, Picture] = field(default_factory=dict)
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
        """Whether the message has the picture already, and keeps it."""
        return image.attachment is not None and not self.fresh and self.form is not MessageForm.CARD

    def shows(self, image: JobImage) -> bool:
        return (self.form.attaches and not self.withheld) or self.holds(image)

    def is_plain(self, old: PostedMessage | None) -> bool:
        """A message stays what it was; a new one is as simple as its form."""
        return self.form is not MessageForm.GALLERY if self.fresh or old is None else old.plain


WHOLE = RenderOptions()


def filename(job: Job, image: JobImage, options: RenderOptions) -> str:
    """What a picture is called where people save it: the prompt's first words, or a layer's name.

    What a message holds has its name already; in a new message it has one that fits there.
    """
    if image.attachment and not options.fresh:
        return image.attachment.filename
    picture = options.fitted.get(image.index, image.picture)
    kind = picture.format if picture else "jpeg"
    # A gallery says itself that a picture is covered; an attachment, by its name.
    cover = _COVERED if job.spoiler and options.form is not MessageForm.GALLERY else ""
    if job.request.layer_decomposition and not options.hides(Part.PROMPT):
        return f"{cover}{file_stems(job)[image.index]}.{kind}"
    return f"{cover}{_slug(job, options)}-{image.index + 1}.{kind}"


def archive_name(job: Job, options: RenderOptions) -> str | None:
    """What the ZIP of the layers is called that the first message holds; None where it holds none."""
    if not options.fresh and options.form is not MessageForm.CARD and (held := held_archive(job)):
        return held.filename
    return (
        f"{_slug(job, options)}-layers.zip"
        if options.bundle and options.form.attaches and not options.withheld
        else None
    )


def held_archive(job: Job) -> Attachment | None:
    """The ZIP that the first message holds already."""
    return job.messages[0].archive if job.messages else None


def _slug(job: Job, options: RenderOptions) -> str:
    words = "" if options.hides(Part.PROMPT) else job.request.prompt
    return "cut-out" if job.request.background else slug(words, _LONGEST_NAME) or "seedream"


def description_of(job: Job, image: JobImage, options: RenderOptions) -> str:
    """The alt text of a picture, which is the prompt where that may be shown."""
    return image_name(job, image) if options.hides(Part.PROMPT) else alt_text(job, image)
