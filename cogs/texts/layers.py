"""Names a job's pictures for people: "Picture 2", or "Layer 2" with the layer's own name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _
from cogs.texts.common import dotted, escaped, picture_name, plain
from studio.jobs import layers
from studio.jobs.sets import requested

if TYPE_CHECKING:
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

NAME_SHOWN = 30  # characters of a layer's name in a job message; seventeen such names fit
LISTED = 900  # characters of the list of layers in Details
_ALT_TEXT = 1024
_SELECT_LABEL = 100


def shown_images(job: Job) -> list[JobImage]:
    """Return the pictures that can be shown, in their order."""
    return [image for image in in_order(job) if image.picture]


def in_order(job: Job) -> list[JobImage]:
    """Return the images that were made for the member: layers from back to front, pictures by their index."""
    if job.request.layer_decomposition:
        return layers.layers(job)
    return [image for image in job.current if image.made and not image.dropped]


def image_number(job: Job, image: JobImage) -> int:
    """Return the number that members use for a picture, from 1. It doesn't change when other pictures fail."""
    return _place(job, image) if job.request.layer_decomposition else image.shown_slot + 1


def image_name(job: Job, image: JobImage) -> str:
    """Name one picture of a job: "Picture 2" or "Layer 2"."""
    if not job.request.layer_decomposition:
        return picture_name(image_number(job, image))
    # Translators: one layer of a picture, as in an image editor.
    return _("Layer {n}", n=image_number(job, image))


def image_label(job: Job, image: JobImage) -> str:
    """Return the name for a select menu, with what distinguishes the picture: a layer's own name, or an idea."""
    if job.request.layer_decomposition:
        return plain(_layer_label(job, image), _SELECT_LABEL)
    name, label = image_name(job, image), label_of(job, image)
    # Translators: one of several pictures and what is special about it, such as "Picture 2: red, snow"
    return plain(_("{picture}: {label}", picture=name, label=label), _SELECT_LABEL) if label else name


def label_of(job: Job, image: JobImage) -> str:
    """Return what distinguishes a picture's request from the others of its set; "" if nothing does."""
    if not job.title:
        return ""
    slot = image.shown_slot
    labels = [child.label for child in job.children if child.together and child.slot <= slot < child.slot + child.count]
    return next(iter(labels), job.label)


def alt_text(job: Job, image: JobImage) -> str:
    """Describe a picture for people who can't see it; one of a set with its number."""
    if job.request.layer_decomposition:
        return plain(_layer_label(job, image), _ALT_TEXT)
    if job.request.background:
        return _("The subject of a picture, cut out on a transparent background")
    count, label = max(requested(job), len(job.current)), label_of(job, image)
    words = label or job.prompt
    if count == 1:
        return plain(words, _ALT_TEXT)
    # Translators: one picture of a set, for people who can't see it, such as "2 of 4: a fox in snow"
    return plain(_("{n} of {count}: {prompt}", n=image_number(job, image), count=count, prompt=words), _ALT_TEXT)


def layer_names(job: Job) -> str:
    """List the layers in a job message, from back to front: "1 sky · 2 fox"."""
    names = (
        f"{place} {escaped(_own_name(job, image), NAME_SHOWN)}".rstrip()
        for place, image in enumerate(layers.layers(job), start=1)
    )
    # Translators: {names} is a list of layers such as "1 sky · 2 fox"; the first is behind all others.
    return _("From back to front: {names}", names=dotted(names))


def layer_lines(job: Job) -> str:
    """List each layer with its position, up to LISTED characters; the description file has all of them."""
    lines = [_layer_line(job, image, place) for place, image in enumerate(layers.layers(job), start=1)]
    room = LISTED
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*lines[:count], "…"])
    return "\n".join(lines)


def _layer_line(job: Job, image: JobImage, place: int) -> str:
    name = escaped(_own_name(job, image), NAME_SHOWN)
    box = layers.layer_of(image).bounding_box.absolute
    where = "({}, {}) – ({}, {})".format(*box) if box else ""
    return " ".join(filter(None, ("-#", f"{place}.", name, where)))


def _layer_label(job: Job, image: JobImage) -> str:
    place, count, name = _place(job, image), len(layers.layers(job)), _own_name(job, image)
    if not name:
        return _("Layer {n} of {count}", n=place, count=count)
    # Translators: such as "Layer 2 of 5: sky"
    return _("Layer {n} of {count}: {name}", n=place, count=count, name=name)


def _own_name(job: Job, image: JobImage) -> str:
    """Return the name that the service gives a layer. It gives none to the background."""
    named = plain(layers.layer_of(image).name, _ALT_TEXT)
    # Translators: the layer behind all others.
    return named or (_("background") if layers.is_background(job, image) else "")


def _place(job: Job, image: JobImage) -> int:
    return [layer.index for layer in layers.layers(job)].index(image.index) + 1
