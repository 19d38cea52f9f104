"""Requests that show more around a picture: in another shape, or at the same size from further away. Pure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from seedream import ImageRequest
from seedream.capabilities import Size
from seedream.errors import InvalidRequest
from seedream.sizes import exact_size, has_shape, nearest, size_at
from studio.jobs.job import Verb
from studio.jobs.options import nearest_ratio
from studio.members.models import editor_near

if TYPE_CHECKING:
    from seedream import Model
    from studio.jobs.job import Job
    from studio.members.defaults import Defaults

    Sides = tuple[int, int] | None
    """Width and height of a picture; None where nobody knows them."""

RESHAPINGS = (Verb.REFRAME, Verb.ZOOM_OUT)
SHAPES = ("1:1", "4:5", "9:16", "3:2", "16:9", "21:9")  # that have names
FRAME_WORDS = (
    "Extend the picture naturally beyond its edges to fill a {ratio} frame. Keep everything that is in it unchanged "
    "and in proportion. Don't crop, stretch or repeat anything, and add no border."
)
ZOOM_OUT_WORDS = (
    "Zoom out: show the whole picture smaller, in the middle of the frame, and continue its surroundings naturally on "
    "all sides. Keep everything that is in it unchanged. Add no border."
)
_AGAIN = (Verb.REROLL, Verb.RETRY)


def reframed(request: ImageRequest, picture: str, sides: Sides, defaults: Defaults, *, ratio: str) -> ImageRequest:
    """The picture of a request extended to another ratio, about as large as it is. Raises: InvalidRequest."""
    model = editor_near(request.model, 1, defaults.models)
    shape = _preset_like(model, sides), ratio
    return _extended(request, model, picture, defaults, FRAME_WORDS.format(ratio=ratio), shape)


def zoomed_out(request: ImageRequest, picture: str, sides: Sides, defaults: Defaults) -> ImageRequest:
    """The picture of a request seen from further away, in its own size. Raises: InvalidRequest."""
    model = editor_near(request.model, 1, defaults.models)
    return _extended(request, model, picture, defaults, ZOOM_OUT_WORDS, _same_size(model, sides))


def shapes_for(request: ImageRequest, picture: str, sides: Sides, defaults: Defaults) -> dict[str, ImageRequest]:
    """The named shapes that a picture can be extended to, other than its own: the requests by their ratios."""
    found = {}
    for ratio in SHAPES:
        if sides and has_shape(Size(*sides), ratio):
            continue
        with suppress(InvalidRequest):
            asked = reframed(request, picture, sides, defaults, ratio=ratio)
            size = exact_size(asked.wire_size)
            if size and has_shape(size, ratio):
                found[ratio] = asked
    return found


def own_prompt(job: Job, verb: Verb) -> str:
    """The member's prompt that `Parent` keeps for a request made from this job; empty if the request has it."""
    if verb in RESHAPINGS:
        return job.prompt
    return job.parent.prompt if job.parent and verb in _AGAIN else ""


def as_prompted(job: Job) -> ImageRequest:
    """The job's request with its member's prompt: what to paint, without how the picture was extended."""
    return job.request if job.prompt == job.request.prompt else replace(job.request, prompt=job.prompt)


def _preset_like(model: Model, sides: Sides) -> str | None:
    """The preset whose square has about as many pixels as the picture."""
    if not (sides and model.presets):
        return None
    pixels = sides[0] * sides[1]

    def difference(preset: str) -> float:
        square = size_at(model, preset, "1:1")
        return abs(log(square.pixels / pixels)) if square else float("inf")

    return min(model.presets, key=difference)


def _same_size(model: Model, sides: Sides) -> tuple[str | None, str | None]:
    """The size and ratio that are the picture's own, or the nearest size that the model makes."""
    if sides is None:
        return None, None
    preset, ratio, size = _preset_like(model, sides), nearest_ratio(*sides), nearest(model, Size(*sides))
    return (preset, ratio) if preset and size_at(model, preset, ratio) == size else (str(size), None)


def _extended(
    request: ImageRequest,
    model: Model,
    picture: str,
    defaults: Defaults,
    prompt: str,
    shape: tuple[str | None, str | None],
) -> ImageRequest:
    size, ratio = shape
    output_format = request.output_format if request.output_format in model.output_formats else None
    return ImageRequest(
        prompt=prompt,
        model=model.name,
        images=(picture,),
        size=size,
        ratio=ratio,
        output_format=output_format or defaults.format_of(model),
        watermark=request.watermark,
    )
