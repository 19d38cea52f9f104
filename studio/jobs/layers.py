"""A picture taken apart: its layers in their order, what their files are called, and how they are described. Pure."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from seedream.values import Layer

if TYPE_CHECKING:
    from studio.jobs.job import Job, JobImage

DESCRIPTION_FILE = "layers.json"
_LONGEST_NAME = 40  # characters of a layer's name in that of its file
_UNNAMED = Layer(name="")


def layers(job: Job) -> list[JobImage]:
    """The layers that were made, from the back to the front; where a place isn't told, at the end and as they came."""
    return sorted((image for image in job.images if image.made), key=_depth)


def layer_of(image: JobImage) -> Layer:
    return image.layer or _UNNAMED


def is_background(job: Job, image: JobImage) -> bool:
    """Whether it is behind all others; the service gives that one no name."""
    return layers(job)[0].index == image.index


def file_stems(job: Job) -> dict[int, str]:
    """What the layers' files are called, but for the ending, by image index: "02-red-fox"."""
    return {image.index: f"{place:02}-{_file_name(job, image)}" for place, image in enumerate(layers(job), start=1)}


def _file_name(job: Job, image: JobImage) -> str:
    unnamed = "background" if is_background(job, image) else "layer"
    return slug(layer_of(image).name, _LONGEST_NAME) or unnamed


def file_names(job: Job) -> dict[int, str]:
    """The files of the layers that there are, as they came, by image index."""
    stems = file_stems(job)
    return {image.index: f"{stems[image.index]}.{image.picture.format}" for image in job.images if image.picture}


def slug(text: str, longest: int) -> str:
    """The text in small plain letters, digits and dashes: a file's name in any system, whatever the text is."""
    plain = unicodedata.normalize("NFKD", text).lower()
    letters = (c if c.isascii() and c.isalnum() else "" if unicodedata.combining(c) else " " for c in plain)
    return "-".join("".join(letters).split())[:longest].strip("-")


def description(job: Job) -> str:
    """What programs read about the layers, as JSON."""
    files = file_names(job)
    described = [_described(image, place, files.get(image.index)) for place, image in enumerate(layers(job), start=1)]
    sides = dict(zip(("width", "height"), canvas(job) or (), strict=False)) or None
    return json.dumps({"canvas": sides, "layers": described}, ensure_ascii=False, indent=2) + "\n"


def _depth(image: JobImage) -> tuple[bool, int, int]:
    z_index = layer_of(image).z_index
    return z_index is None, z_index or 0, image.index


def _described(image: JobImage, place: int, file: str | None) -> dict[str, Any]:
    layer = layer_of(image)
    box = layer.bounding_box
    return {
        "order": place,
        "name": layer.name,
        "description": layer.description,
        "z_index": layer.z_index,
        "bounding_box": {"absolute": list(box.absolute) or None, "normalized": list(box.normalized) or None},
        "file": file,
    }


def canvas(job: Job) -> tuple[int, int] | None:
    """The sides of the whole picture: those of the layer behind all others, which covers it."""
    pictures = [image.picture for image in layers(job) if image.picture]
    return (pictures[0].width, pictures[0].height) if pictures else None
