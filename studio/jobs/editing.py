"""What "change this picture" means as a request: which model, which size, which words. Pure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seedream import MODELS, ImageRequest
from seedream.capabilities import Size
from seedream.errors import InvalidRequest
from seedream.sizes import nearest, size_at
from studio.jobs.job import Verb
from studio.jobs.options import GenerationOptions, nearest_ratio
from studio.members.models import can_edit, nearest_model

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from seedream import Model
    from studio.members.defaults import Defaults

_SAME = 1.1  # a picture with so many times fewer pixels than a preset's square still counts as that preset's
BLEND_WORDS = "Blend these pictures into one."
CUT_OUT_WORDS = "Cut out the main subject and keep it unchanged."
EXTRACTIONS = (Verb.CUT_OUT, Verb.LAYERS)
LEAST_LAYERED_PIXELS = 512 * 512  # Source: BytePlus's schema of the image API, as Comfy has published it
_LAYER_FORMATS = frozenset({"jpeg", "png"})


def varied(request: ImageRequest, picture: str, sides: tuple[int, int], defaults: Defaults) -> ImageRequest:
    """The same words again, for one of their pictures, in the size that was asked for. Raises: InvalidRequest."""
    options = GenerationOptions(prompt=request.prompt, images=(picture,), watermark=request.watermark)
    own = replace(
        defaults, model=request.model, size=request.size or defaults.size, output_format=request.output_format
    )
    return options.edit(own, sides)


def moved_to(request: ImageRequest, model: Model) -> ImageRequest | None:
    """The same request for another model, without the options that it doesn't take; None where it can't be made."""
    given: dict[str, Any] = {
        "model": model.name,
        "seed": request.seed if model.seed else None,
        "guidance_scale": None,  # a number means something else to each model
        "group": request.group if model.group else None,
        "output_format": request.output_format if request.output_format in model.output_formats else None,
        "web_search": request.web_search and model.web_search,
        "optimize_prompt": request.optimize_prompt if request.optimize_prompt in model.optimize_prompt else None,
        "stream": False,
    }
    for size, ratio in ((request.size, request.ratio), (None, request.ratio), (None, None)):
        with suppress(InvalidRequest):
            return replace(request, size=size, ratio=ratio, **given)
    return None


def alternative(request: ImageRequest, models: AbstractSet[str]) -> ImageRequest | None:
    """The request for the nearest of these models that can make it; None where none can."""
    able = {one.name for one in MODELS.values() if one.name in models and moved_to(request, one)}
    as_many = {one for one in able if MODELS[one].group} if (request.group or 1) > 1 else able
    model = nearest_model(request.model, lambda one: one.name in (as_many or able))
    return moved_to(request, model) if model else None


def rerolled(request: ImageRequest, seed: int) -> ImageRequest:
    """Return the same request, with another seed if the model takes one."""
    return replace(request, seed=seed) if request.capabilities.seed else request


def upscaled(request: ImageRequest, picture: str, sides: tuple[int, int]) -> ImageRequest | None:
    """The picture at the next preset of its model; None where there is none. Raises: InvalidRequest."""
    preset = next_preset(request.capabilities, sides)
    if preset is None:
        return None
    return replace(request, images=(picture,), size=preset, ratio=nearest_ratio(*sides), group=None, seed=None)


def next_preset(model: Model, sides: tuple[int, int]) -> str | None:
    """The first preset of an editing model that is larger than these sides and has their shape."""
    shape = nearest_ratio(*sides)
    if not can_edit(model):
        return None
    pixels = sides[0] * sides[1] * _SAME

    def larger(preset: str) -> bool:
        size = size_at(model, preset, shape)
        return size is not None and size.pixels > pixels

    return next(filter(larger, model.presets), None)


# --- taking things out of a picture -----------------------------------------------------------------------------------


def extracts(verb: Verb, model: Model) -> bool:
    """Whether a model can cut out what a picture shows, or take it apart into layers."""
    return model.layers if verb is Verb.LAYERS else model.transparent_background


def extractors(verb: Verb) -> list[Model]:
    """The models that can, as far as any is known."""
    return [model for model in MODELS.values() if extracts(verb, model)]


def extracted(
    verb: Verb, picture: str, model: Model, *, sides: tuple[int, int] | None = None, watermark: bool = False
) -> ImageRequest:
    """What `Verb.CUT_OUT` or `Verb.LAYERS` makes of a picture. Raises: InvalidRequest."""
    if verb is Verb.LAYERS:
        return layered(picture, model, watermark=watermark)
    return cut_out(picture, model, sides=sides, watermark=watermark)


def cut_out(
    picture: str, model: Model, *, sides: tuple[int, int] | None = None, watermark: bool = False
) -> ImageRequest:
    """The picture's main subject on a transparent background, as large as it is, or as near to it as the model can."""
    return ImageRequest(
        prompt=CUT_OUT_WORDS,
        model=model.name,
        images=(picture,),
        size=str(nearest(model, Size(*sides))) if sides else None,
        background="transparent",
        output_format="png",
        watermark=watermark,
    )


def layered(picture: str, model: Model, *, watermark: bool = False) -> ImageRequest:
    """The picture taken apart into layers; the service sees what there is, and follows the picture's own size."""
    return ImageRequest(
        prompt="",
        model=model.name,
        images=(picture,),
        output_format="png" if "png" in model.output_formats else None,
        layer_decomposition=True,
        watermark=watermark,
    )


def too_small_for_layers(sides: tuple[int, int] | None) -> bool:
    """Whether the service would refuse to take it apart; None: nobody knows its sides here."""
    return sides is not None and sides[0] * sides[1] < LEAST_LAYERED_PIXELS


def has_words(request: ImageRequest) -> bool:
    """Whether its prompt says what to paint: then the same can be painted after another picture."""
    return request.background is None and not request.layer_decomposition


def reference_formats(request: ImageRequest) -> frozenset[str]:
    """What its reference may be: of what is cut out the service takes a PNG alone, and few formats for layers."""
    if request.background is not None:
        return frozenset({"png"})
    formats = request.capabilities.reference_formats
    return formats & _LAYER_FORMATS if request.layer_decomposition else formats


def needs_prepared_reference(request: ImageRequest) -> bool:
    """Whether a mere link won't do, because the file behind it may be of a format that isn't taken."""
    return reference_formats(request) != request.capabilities.reference_formats
