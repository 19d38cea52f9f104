"""Prepares requests from options and pictures, whichever command, form or message they came from. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, any_of, ngettext, sentences
from cogs.requests.drafts import Draft
from cogs.requests.typed_options import parse_options
from cogs.texts.refusal import RefusalError
from seedream.models import known_model
from studio.jobs.editing import (
    LEAST_LAYERED_PIXELS,
    extracted,
    extractors,
    extracts,
    too_small_for_layers,
)
from studio.jobs.job import PreparedRequest, Verb
from studio.members.models import nearest_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cogs.delivery.message_images import FoundImage
    from seedream import ImageRequest
    from studio.jobs.options import GenerationOptions
    from studio.members.defaults import Defaults


def draft_generation(defaults: Defaults, options: GenerationOptions, references: Sequence[FoundImage] = ()) -> Draft:
    """Draft pictures made from the prompt, and from the options typed at its end, which what was chosen overrides."""
    return Draft(options, partial(_generation, defaults, references))


def draft_edit(
    defaults: Defaults,
    options: GenerationOptions,
    images: Sequence[FoundImage],
    *,
    files: Sequence[FoundImage] = (),
    note: str = "",
) -> Draft:
    """Draft an edit of `images` by the prompt, and by the options typed at its end. `files`: further references."""
    return Draft(options, partial(_edit, defaults, images, files, note))


def _generation(defaults: Defaults, references: Sequence[FoundImage], options: GenerationOptions) -> PreparedRequest:
    typed = parse_options(options.prompt)
    options = replace(typed.under(options), images=tuple(image.url for image in references))
    if not typed.prompt:
        options = replace(options, prompt="")
    request = options.generation(defaults)
    prepared = _prepared(request, references, typed.note())
    return replace(prepared, remembered=options.remembered(request, defaults.own))


def _edit(
    defaults: Defaults,
    images: Sequence[FoundImage],
    files: Sequence[FoundImage],
    note: str,
    options: GenerationOptions,
) -> PreparedRequest:
    typed = parse_options(options.prompt)
    if not typed.words.strip():
        raise RefusalError(_("Say what to change, such as “make it night”."))
    references = [*images, *files]
    if not references:
        text = _("There's no picture to edit. Attach one, or give a link to a message that has one.")
        raise RefusalError(text)
    options = replace(typed.under(options), images=tuple(image.url for image in references))
    request = options.edit(defaults, references[0].sides)
    another = "" if options.model else substituted(defaults.model, request, defaults)
    prepared = _prepared(request, references, note, _still_note(images), another, typed.note())
    names = tuple(image.name for image in (*files, *images))  # as near to the prompt as given
    own = replace(defaults.own, ratio=None)  # an edit has its picture's shape
    return replace(prepared, names=names, remembered=options.remembered(request, own))


def _prepared(request: ImageRequest, references: Sequence[FoundImage], *notes: str) -> PreparedRequest:
    return PreparedRequest(
        request=request,
        sources=tuple(image.source for image in references),
        note=sentences(*notes),
        spoiler=any(image.spoiler for image in references),
        names=tuple(image.name for image in references),
    )


def _still_note(images: Iterable[FoundImage]) -> str:
    return _("It's animated, so I used its still image.") if any(image.still for image in images) else ""


# Why a picture can't be extracted: no model that can do it is allowed, or none is offered.
_NOT_ALLOWED = {
    # Translators: {models} is one model or several, with "or" between them.
    Verb.CUT_OUT: N_(
        "Cutting out needs {models}, which this server doesn't allow. Ask an admin to allow it in /settings."
    ),
    # Translators: layers of a picture; {models} is one model or several, with "or" between them.
    Verb.LAYERS: N_(
        "Splitting into layers needs {models}, which this server doesn't allow. Ask an admin to allow it in /settings."
    ),
}
_NOT_OFFERED = {
    Verb.CUT_OUT: N_("No model that can cut out pictures is available right now. Try again tomorrow."),
    # Translators: into layers, as in an image editor.
    Verb.LAYERS: N_("No model that can split pictures into layers is available right now. Try again tomorrow."),
}


def prepare_extraction(defaults: Defaults, image: FoundImage, verb: Verb) -> PreparedRequest:
    """Prepare the picture cut out or taken apart, by the nearest model to the default one that can.

    Raises: RefusalError where no such model may be used, InvalidRequest.
    """
    model = nearest_model(defaults.model, partial(extracts, verb), defaults.models)
    if model is None:
        labels = [able.label for able in extractors(verb) if able.name in defaults.offered]
        raise RefusalError(_(_NOT_ALLOWED[verb], models=any_of(labels)) if labels else _(_NOT_OFFERED[verb]))
    if verb is Verb.LAYERS and too_small_for_layers(image.sides):
        least = f"{LEAST_LAYERED_PIXELS**0.5:.0f}"
        raise RefusalError(
            _(
                "This picture is too small to split into layers. Choose one of at least {least} × {least} pixels.",
                least=least,
            )
        )
    return _prepared(extracted(verb, image.url, model, sides=image.sides, watermark=defaults.watermark), [image])


def substituted(usual: str, request: ImageRequest, defaults: Defaults) -> str:
    """Return the note that another model than the default one is used; "" if it isn't."""
    default = known_model(usual)
    if default.name == request.model:
        return ""
    labels = {"usual": default.label, "other": request.capabilities.label}
    if default.name not in defaults.offered:
        # Translators: {usual} and {other} are models.
        return _("{usual} is no longer available, so this uses {other}.", **labels)
    if default.name not in defaults.models:
        # Translators: {usual} and {other} are models.
        return _("{usual} isn't allowed in this server, so this uses {other}.", **labels)
    # Translators: {usual} and {other} are models.
    return ngettext(
        "{usual} can't do this with {n} picture, so this uses {other}.",
        "{usual} can't do this with {n} pictures, so this uses {other}.",
        len(request.images),
        **labels,
    )
