"""Validates requests to POST /seedream/images: JSON to an `Order`, or an error. Pure.

Every rule names the parameter that breaks it. Source: SeeDream API guide, "Models and what each may be sent".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.seedream.errors import Json, LocalApiError, invalid
from sandbox.seedream.json_fields import choice, typed, web_url
from sandbox.seedream.models import SQUARE, ServedModel
from sandbox.seedream.settings import ServiceSettings

MOST_GUIDANCE = 10
LARGEST_SEED = 2_147_483_647
MOST_IMAGES = 15  # reference and generated images together
# Source: BytePlus's schema as published by Comfy (Comfy-Org/docs, comfy-router).
NOT_WITH_LAYERS = (
    "sequential_image_generation",
    "sequential_image_generation_options",
    "tools",
    "stream",
    "background",
)
CURRENT = ServiceSettings()
LONGEST_PROMPT = 32_000  # characters; the guide has no limit, but the log needs one


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A valid request. Sizes are in pixels.

    `size` None follows the first reference: by `level` for a layer decomposition, else within the model's limits.
    """

    model: ServedModel
    wire_id: str
    prompt: str
    size: tuple[int, int] | None
    level: str
    sources: tuple[str, ...]
    images: int
    group: bool
    mode: str
    callback_url: str | None
    base64: bool
    format: str
    seed: int
    watermark: bool
    transparent: bool
    layers: bool
    web_search: bool


def order_of(body: Json, models: Mapping[str, ServedModel], settings: ServiceSettings = CURRENT) -> Order:
    """Check a request's body; `models` are the accepted ones by wire id. Raises ApiError."""
    model = _model(body, models, settings.unknown_model)
    layers = typed(body, "layer_decomposition", bool, False)
    documented = layers and settings.layer_form == "documented"
    transparent = _transparent(body, model)
    sources = _sources(body, model)
    if layers:
        _check_single_input("layer_decomposition", model, sources)
    if documented:
        _check_alone(body)
    if transparent:
        _check_single_input("background", model, sources)
    _check_tuning(body, model)
    group = choice(body, "sequential_image_generation", ("auto", "disabled"), "disabled") == "auto"
    return Order(
        model=model,
        wire_id=body["model"],
        prompt=_prompt(body, required=not layers),
        size=None if documented else _size(body, model),
        level=_level(body, model) if documented else "",
        sources=sources,
        images=settings.layers if layers else _images(body, model, len(sources), group=group),
        group=group or layers,
        mode=_mode(body, model),
        callback_url=web_url(body, "callback_url"),
        base64=choice(body, "response_format", ("url", "b64_json"), "url") == "b64_json",
        format="png" if layers and not documented else _format(body, model, transparent=transparent),
        seed=_seed(body, model),
        watermark=typed(body, "watermark", bool, True),
        transparent=transparent,
        layers=layers,
        web_search=_web_search(body, model),
    )


def _model(body: Json, models: Mapping[str, ServedModel], wording: str) -> ServedModel:
    name = body.get("model")
    if not isinstance(name, str) or name not in models:
        raise _unknown_model(name, models, wording)
    return models[name]


def _unknown_model(name: object, models: Mapping[str, ServedModel], wording: str) -> LocalApiError:
    """Sources: AceDataCloud/MCPs b91195b for the list; ByteDance's list of error codes for the 404."""
    if wording == "listed":
        return invalid("model", f"must be one of {', '.join(models)}")
    if wording == "invalid":
        return invalid("model", "is invalid.")
    message = f"The model or endpoint {str(name)[:80]} does not exist or you do not have access to it."
    return LocalApiError(404, "InvalidEndpointOrModel.NotFound", message)


def _prompt(body: Json, *, required: bool) -> str:
    prompt = typed(body, "prompt", str, "")
    if required and not prompt.strip():
        raise invalid("prompt", "is required: say in words what the image shows.")
    if len(prompt) > LONGEST_PROMPT:
        raise invalid("prompt", f"has {len(prompt)} characters: at most {LONGEST_PROMPT} are taken.")
    return prompt


def _size(body: Json, model: ServedModel) -> tuple[int, int] | None:
    size = typed(body, "size", str, model.default_size)
    if size in model.presets:
        return None if size == "adaptive" else _preset(size, model, typed(body, "prompt", str, ""))
    match = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", size)
    if not match:
        allowed = ", ".join((*model.presets, "WIDTHxHEIGHT"))
        raise invalid("size", f"is {size[:40]!r}: {model.name} takes {allowed}.")
    width, height = int(match[1]), int(match[2])
    _check_pixels(width, height, model)
    return width, height


def _level(body: Json, model: ServedModel) -> str:
    """Read the size level of a layer decomposition, which accepts no size in pixels."""
    return choice(body, "size", (*model.presets, "auto"), "auto")


def _preset(size: str, model: ServedModel, prompt: str) -> tuple[int, int]:
    """Return the size of a preset; the model reads the aspect ratio from the prompt."""
    named = model.preset_ratios.get(size, {})
    for ratio in re.findall(r"(?<!\d)\d{1,2}:\d{1,2}(?!\d)", prompt):
        if ratio in named:
            return named[ratio]
    return SQUARE[size]


def _check_pixels(width: int, height: int, model: ServedModel) -> None:
    if not width <= 16 * height or not height <= 16 * width:
        raise invalid("size", f"is {width}x{height}: width:height is within 1:16 and 16:1.")
    if model.pixels and not model.pixels[0] <= width * height <= model.pixels[1]:
        low, high = model.pixels
        raise invalid("size", f"is {width}x{height}, {width * height} pixels: {model.name} takes {low} to {high}.")
    if model.sides and not all(model.sides[0] <= side <= model.sides[1] for side in (width, height)):
        low, high = model.sides
        raise invalid("size", f"is {width}x{height}: each side of {model.name} is {low} to {high} pixels.")


def _sources(body: Json, model: ServedModel) -> tuple[str, ...]:
    value = body.get("image")
    images = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        raise invalid("image", "is a string or a list of strings: http(s) URLs or data URLs.")
    least, most = model.references
    if not least <= len(images) <= most:
        allowed = str(most) if least == most else f"{least} to {most}"
        raise invalid("image", f"has {len(images)} references: {model.name} takes {allowed}.")
    return tuple(images)


def _images(body: Json, model: ServedModel, references: int, *, group: bool) -> int:
    if group and not model.group:
        raise invalid("sequential_image_generation", f"is auto: {model.name} makes one image at a time.")
    options = typed(body, "sequential_image_generation_options", dict, {})
    most = typed(options, "max_images", int, None)
    if most is not None and not 1 <= most <= MOST_IMAGES:
        raise invalid("sequential_image_generation_options.max_images", f"is {most}: 1 to {MOST_IMAGES} are allowed.")
    if not group:
        return 1
    if most is not None and references + most > MOST_IMAGES:
        raise invalid(
            "sequential_image_generation_options.max_images",
            f"is {most} with {references} in image: together they are at most {MOST_IMAGES}.",
        )
    return most or MOST_IMAGES - references


def _mode(body: Json, model: ServedModel) -> str:
    stream = typed(body, "stream", bool, False)
    later = typed(body, "async", bool, False)
    callback = web_url(body, "callback_url")
    if stream and not model.stream:
        raise invalid("stream", f"is true: {model.name} does not stream.")
    if stream and (later or callback):
        raise invalid("stream", "cannot be combined with async or callback_url.")
    return "callback" if callback else "async" if later else "stream" if stream else "plain"


def _seed(body: Json, model: ServedModel) -> int:
    seed = typed(body, "seed", int, None)
    if seed is not None and not model.seed:
        raise invalid("seed", f"is not a parameter of {model.name}.")
    if seed is not None and not -1 <= seed <= LARGEST_SEED:
        raise invalid("seed", f"is {seed}: -1 to {LARGEST_SEED} are allowed.")
    return -1 if seed is None else seed


def _format(body: Json, model: ServedModel, *, transparent: bool) -> str:
    if body.get("output_format") is not None and not model.output_formats:
        raise invalid("output_format", f"is not a parameter of {model.name}: it makes jpeg.")
    chosen = choice(body, "output_format", ("jpeg", "png"), "jpeg")
    if transparent and chosen != "png":
        raise invalid("background", "is transparent: output_format must be png.")
    return chosen


def _check_tuning(body: Json, model: ServedModel) -> None:
    scale = typed(body, "guidance_scale", float, None)
    if scale is not None and not model.guidance:
        raise invalid("guidance_scale", f"is not a parameter of {model.name}.")
    if scale is not None and not 1 <= scale <= MOST_GUIDANCE:
        raise invalid("guidance_scale", f"is {scale}: 1 to {MOST_GUIDANCE} are allowed.")
    options = typed(body, "optimize_prompt_options", dict, None)
    if options is not None and not model.optimize_modes:
        raise invalid("optimize_prompt_options", f"is not a parameter of {model.name}.")
    mode = typed(options or {}, "mode", str, "standard")
    if options is not None and mode not in model.optimize_modes:
        allowed = " or ".join(model.optimize_modes)
        raise invalid("optimize_prompt_options.mode", f"is {mode[:40]!r}: {model.name} takes {allowed}.")


def _web_search(body: Json, model: ServedModel) -> bool:
    tools = body.get("tools")
    if tools is None or tools == []:
        return False
    if not isinstance(tools, list) or any(tool != {"type": "web_search"} for tool in tools):
        raise invalid("tools", 'is a list of {"type": "web_search"}.')
    if not model.web_search:
        raise invalid("tools", f"is not a parameter of {model.name}.")
    return True


def _transparent(body: Json, model: ServedModel) -> bool:
    background = typed(body, "background", str, None)
    if background is not None and not model.layers:
        raise invalid("background", f"is not a parameter of {model.name}.")
    if background not in (None, "transparent", "opaque"):
        raise invalid("background", f"is {background[:40]!r}: it takes transparent or opaque.")
    return background == "transparent"


def _check_alone(body: Json) -> None:
    """Raise ApiError for fields that layer_decomposition cannot be combined with."""
    for name in NOT_WITH_LAYERS:
        if body.get(name) is not None:
            raise invalid(name, "cannot be combined with layer_decomposition.")


def _check_single_input(parameter: str, model: ServedModel, sources: tuple[str, ...]) -> None:
    if not model.layers:
        raise invalid(parameter, f"is not a parameter of {model.name}.")
    if len(sources) != 1:
        raise invalid("image", f"has {len(sources)} references: {parameter} takes exactly 1.")
