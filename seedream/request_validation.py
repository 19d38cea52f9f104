"""Validates a request: each rule of the API and of the model's capabilities, as `InvalidOption`s. Pure."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

from seedream import sizes
from seedream.errors import InvalidOption
from seedream.limits import MAX_GROUP, MAX_PROMPT_LENGTH, MAX_REFERENCES_AND_IMAGES, MAX_SEED, MIN_SEED
from seedream.models import labels_of, labels_where
from seedream.phrases import OneOf, Phrase
from seedream.references import data_url_format, reference_problems
from seedream.urls import http_url_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.capabilities import Model
    from seedream.request_fields import RequestFields

RESPONSE_FORMATS = ("url", "b64_json")

# How a field is called in messages, if its name differs.
OPTIONS = {
    "images": "references",
    "group": "images",
    "guidance_scale": "guidance",
    "output_format": "format",
    "optimize_prompt": "optimize",
    "layer_decomposition": "layers",
    "run_async": "async",
}

_MAX_BITS = 64  # of a number that can be shown in a message
_NONE = type(None)
_TYPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("prompt", "model", "response_format"), (str,), Phrase("This must be text.")),
    (
        ("size", "ratio", "output_format", "optimize_prompt", "background", "callback_url"),
        (str, _NONE),
        Phrase("This must be text, or left out."),
    ),
    (("seed", "group"), (int, _NONE), Phrase("This must be a whole number, or left out.")),
    (("guidance_scale",), (int, float, _NONE), Phrase("This must be a number, or left out.")),
    (
        ("stream", "watermark", "web_search", "layer_decomposition", "run_async"),
        (bool,),
        Phrase("This must be yes or no."),
    ),
    (("images",), (tuple,), Phrase("References must be a list.")),
)


def type_problems(request: RequestFields) -> Iterator[InvalidOption]:
    """Yield the fields of a wrong type, and numbers too large to print; all other rules rely on these."""
    for names, types, problem in _TYPES:
        for name in names:
            value, option = getattr(request, name), OPTIONS.get(name, name)
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                yield InvalidOption(option, "", problem)
            elif isinstance(value, int) and value.bit_length() > _MAX_BITS:
                yield InvalidOption(option, "", Phrase("This number is too large."), Phrase("Use a smaller one."))
    if isinstance(request.images, tuple) and not all(isinstance(image, str) for image in request.images):
        yield InvalidOption("references", "", Phrase("References must be links or data URLs."))


def request_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    """Yield everything that is wrong with a request whose types are right and whose texts are normalised."""
    yield from prompt_problems(request)
    if not (request.layer_decomposition and request.size == sizes.AUTO and request.ratio is None):
        yield from sizes.size_problems(model, request.size, request.ratio)
    yield from _reference_count_problems(request, model)
    yield from reference_problems(model, request.images)
    yield from _group_problems(request, model)
    yield from _seed_problems(request, model)
    yield from _guidance_problems(request, model)
    yield from _format_problems(request, model)
    yield from _web_search_problems(request, model)
    yield from _optimize_problems(request, model)
    yield from _delivery_problems(request, model)
    yield from _background_problems(request, model)
    yield from _layer_problems(request, model)


def prompt_problems(request: RequestFields) -> Iterator[InvalidOption]:
    """Yield what is wrong with the prompt, whatever the model is."""
    length = len(request.prompt)
    if length > MAX_PROMPT_LENGTH:
        problem = Phrase(
            "The prompt has {number} characters; the limit is {most}.", number=length, most=MAX_PROMPT_LENGTH
        )
        yield InvalidOption("prompt", "", problem, Phrase("Shorten it."))
    elif not request.layer_decomposition and not any(map(_is_visible, request.prompt)):
        yield InvalidOption("prompt", "", Phrase("The prompt is empty."), Phrase("Describe the image you want."))
    if any("\ud800" <= character <= "\udfff" for character in request.prompt):
        problem = Phrase("The prompt contains half of a character (a lone surrogate).")
        yield InvalidOption("prompt", "", problem, Phrase("Type it again."))


def _is_visible(character: str) -> bool:
    """Return whether it is no space, control or joiner, nor a letter that is drawn as nothing."""
    return unicodedata.category(character) not in _INVISIBLE_CATEGORIES and character not in _BLANK_CHARACTERS


_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # of Unicode's general categories
_BLANK_CHARACTERS = "\u115f\u1160\u2800\u3164\uffa0"


def _reference_count_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    count, (low, high) = len(request.images), model.references
    if count > high == 0:
        problem = Phrase("{model} can't use reference images.", model=model.label)
        models = labels_of(lambda other: other.references.high)
        yield InvalidOption("references", "", problem, Phrase("Choose {models}, or remove them.", models=models))
    elif count > high:
        problem = Phrase.counted(
            "{model} can use at most {n} reference image.",
            "{model} can use at most {n} reference images.",
            high,
            model=model.label,
        )
        yield InvalidOption("references", "", problem, Phrase("Remove {count}.", count=count - high))
    elif count < low:
        problem = Phrase("{model} needs a reference image.", model=model.label)
        models = labels_of(lambda other: not other.references.low)
        remedy = Phrase("Add the image to edit, or choose {models}.", models=models)
        yield InvalidOption("references", "", problem, remedy)


def _group_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    group, references = request.group, len(request.images)
    if group is None or group == 1:
        return
    if not 1 <= group <= MAX_GROUP:
        problem = Phrase("You can make 1 to {most} images at once.", most=MAX_GROUP)
        remedy = Phrase("Choose fewer.") if group > MAX_GROUP else Phrase("Choose 1 or more.")
        yield InvalidOption("images", str(group), problem, remedy)
    elif not model.group:
        problem = Phrase("{model} makes one image at a time.", model=model.label)
        remedy = Phrase("Choose 1, or {models}.", models=labels_where("group"))
        yield InvalidOption("images", str(group), problem, remedy)
    elif references + group > MAX_REFERENCES_AND_IMAGES:
        problem = Phrase(
            "References and images to make can be at most {most} together; these are {references} and {images}.",
            most=MAX_REFERENCES_AND_IMAGES,
            references=references,
            images=group,
        )
        most = MAX_REFERENCES_AND_IMAGES - references
        yield InvalidOption("images", "", problem, Phrase("Make {most} or fewer, or remove references.", most=most))


def _seed_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    seed = request.seed
    if seed is None:
        return
    if not model.seed:
        yield _unavailable("seed", Phrase("{model} has no seed setting.", model=model.label), "seed")
    elif not MIN_SEED <= seed <= MAX_SEED:
        problem = Phrase("Seeds go from {low} (random) to {high}.", low=str(MIN_SEED), high=str(MAX_SEED))
        yield InvalidOption("seed", str(seed), problem, Phrase("Choose a number in that range."))


def _guidance_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    guidance = request.guidance_scale
    if guidance is None:
        return
    if model.guidance is None:
        yield _unavailable("guidance", Phrase("{model} has no guidance setting.", model=model.label), "guidance")
    elif not (math.isfinite(guidance) and model.guidance.low <= guidance <= model.guidance.high):
        low, high, default = (f"{number:g}" for number in model.guidance)
        problem = Phrase("Guidance goes from {low} to {high}.", low=low, high=high)
        yield InvalidOption("guidance", f"{guidance:g}", problem, Phrase("The default is {default}.", default=default))


def _format_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    if request.response_format not in RESPONSE_FORMATS:
        problem = Phrase("The response format must be {formats}.", formats=OneOf(RESPONSE_FORMATS))
        yield InvalidOption("response_format", request.response_format, problem, Phrase("Choose one of them."))
    output_format = request.output_format
    formats = model.output_formats or ("jpeg",)
    if output_format is not None and output_format not in formats:
        problem = Phrase("{model} only makes {formats}.", model=model.label, formats=OneOf(formats))
        remedy = (
            Phrase("Choose {formats}, or {models}.", formats=OneOf(formats), models=labels_where("output_formats"))
            if output_format == "png"
            else Phrase("Choose {formats}.", formats=OneOf(formats))
        )
        yield InvalidOption("format", output_format, problem, remedy)


def _web_search_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    if request.web_search and not model.web_search:
        yield _unavailable("web_search", Phrase("{model} can't search the web.", model=model.label), "web_search")


def _optimize_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    mode = request.optimize_prompt
    if mode is None or mode in model.optimize_prompt:
        return
    if not model.optimize_prompt:
        problem = Phrase("{model} can't optimize prompts.", model=model.label)
        yield _unavailable("optimize", problem, "optimize_prompt")
    else:
        modes = OneOf(model.optimize_prompt)
        problem = Phrase("{model} optimizes prompts only in mode {modes}.", model=model.label, modes=modes)
        yield InvalidOption("optimize", mode, problem, Phrase("Choose {modes}.", modes=modes))


def _delivery_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    if request.stream and not model.stream:
        yield _unavailable("stream", Phrase("{model} can't stream.", model=model.label), "stream")
    for used, option in ((request.run_async, "async"), (request.callback_url is not None, "callback_url")):
        if request.stream and used:
            problem = Phrase("A stream can't be combined with {option}.", option=option)
            yield InvalidOption("stream", "", problem, Phrase("Leave one of them out."))
    if request.callback_url is not None and (url_problem := http_url_problem(request.callback_url)):
        remedy = Phrase("Use an address that the service can reach.")
        yield InvalidOption("callback_url", request.callback_url, url_problem, remedy)


def _background_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    background = request.background
    if background is None:
        return
    if not model.transparent_background:
        problem = Phrase("{model} can't make transparent backgrounds.", model=model.label)
        yield _unavailable("background", problem, "transparent_background")
        return
    if background != "transparent":
        problem = Phrase("The background can only be transparent.")
        yield InvalidOption("background", background, problem, Phrase("Leave it out."))
    formats = [data_url_format(reference) for reference in request.images]
    if len(formats) != 1 or formats[0] not in {None, "png"}:
        problem = Phrase("A transparent background needs exactly one PNG reference image.")
        yield InvalidOption("background", "", problem, Phrase("Add that image."))
    if request.output_format not in {None, "png"}:
        problem = Phrase("Only a PNG can be transparent.")
        yield InvalidOption("background", "", problem, Phrase("Choose the format png."))


def _layer_problems(request: RequestFields, model: Model) -> Iterator[InvalidOption]:
    """Source: BytePlus's schema of the images API."""
    if not request.layer_decomposition:
        return
    if not model.layers:
        problem = Phrase("{model} can't separate an image into layers.", model=model.label)
        yield _unavailable("layers", problem, "layers")
        return
    if len(request.images) != 1:
        problem = Phrase("Separating layers needs exactly one reference image.")
        yield InvalidOption("layers", "", problem, Phrase("Add the image to separate."))
    if request.ratio is not None or (request.size is not None and sizes.exact_size(request.size)):
        problem = Phrase("Layers always have the shape of the image.")
        yield InvalidOption("size", request.size or request.ratio or "", problem, Phrase("Leave it out."))
    for option, used in (
        ("stream", request.stream),
        ("web_search", request.web_search),
        ("background", request.background),
    ):
        if used:
            problem = Phrase("Layers can't be combined with {option}.", option=option)
            yield InvalidOption(option, "", problem, Phrase("Leave one of them out."))


def _unavailable(option: str, problem: Phrase, capability: str) -> InvalidOption:
    remedy = Phrase("Choose {models}, or leave it out.", models=labels_where(capability))
    return InvalidOption(option, "", problem, remedy)
