"""Orders, names and describes the layers that a picture was separated into. Pure."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from seedream.values import Layer

if TYPE_CHECKING:
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

DESCRIPTION_FILE = "layers.json"
_LONGEST_NAME = 40  # characters of a layer's name in its file's name
_UNNAMED = Layer(name="")


def layers(job: Job) -> list[JobImage]:
    """List the layers that were made, from back to front; those without a z-index come last, as they arrived."""
    return sorted((image for image in job.images if image.made and not image.dropped), key=_depth)


def layer_of(image: JobImage) -> Layer:
    return image.layer or _UNNAMED


def is_background(job: Job, image: JobImage) -> bool:
    """Whether this is the backmost layer, which the service gives no name."""
    return layers(job)[0].index == image.index


def file_stems(job: Job) -> dict[int, str]:
    """Name the layers' files without their extensions, by image index: "02-red-fox"."""
    return {image.index: f"{place:02}-{_file_name(job, image)}" for place, image in enumerate(layers(job), start=1)}


def _file_name(job: Job, image: JobImage) -> str:
    unnamed = "background" if is_background(job, image) else "layer"
    return slug(layer_of(image).name, _LONGEST_NAME) or unnamed


def file_names(job: Job) -> dict[int, str]:
    """Name the files of the layers that were fetched, by image index."""
    stems = file_stems(job)
    return {image.index: f"{stems[image.index]}.{image.picture.format}" for image in job.images if image.picture}


def slug(text: str, longest: int) -> str:
    """Reduce a text to lowercase ASCII letters, digits and dashes: a valid file name on any system."""
    plain = unicodedata.normalize("NFKD", text).lower()
    letters = (c if c.isascii() and c.isalnum() else "" if unicodedata.combining(c) else " " for c in plain)
    return "-".join("".join(letters).split())[:longest].strip("-")


def description(job: Job) -> str:
    """Describe the layers for programs, as JSON."""
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
    """Return the size of the whole picture: that of the backmost layer, which covers it."""
    pictures = [image.picture for image in layers(job) if image.picture]
    return pictures[0].sides if pictures else None
