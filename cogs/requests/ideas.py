"""Prepares the ideas in a prompt: a request for each combination of the choices in its braces. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cogs.requests.preparation import prepare_generation
from cogs.requests.typed_options import parse_options
from seedream.errors import InvalidRequest
from studio.jobs.ideas import as_words, read_ideas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.delivery.message_images import FoundImage
    from studio.jobs.job import PreparedRequest
    from studio.jobs.options import GenerationOptions
    from studio.members.defaults import Defaults


def prepare_ideas(
    defaults: Defaults, options: GenerationOptions, references: Sequence[FoundImage] = ()
) -> list[PreparedRequest]:
    """Prepare a request for each idea in the prompt; none unless there are several.

    Raises: TooManyIdeasError, InvalidRequest.
    """
    prepared = [
        replace(prepare_generation(defaults, replace(options, prompt=idea.words), references), label=idea.label)
        for idea in read_ideas(options.prompt)
    ]
    return [replace(prepared[0], title=_title(options.prompt)), *prepared[1:]] if prepared else []


def prepare_words(
    defaults: Defaults, options: GenerationOptions, references: Sequence[FoundImage] = ()
) -> PreparedRequest:
    """Prepare a prompt whose braces are words. Raises: InvalidRequest."""
    return prepare_generation(defaults, replace(options, prompt=as_words(options.prompt)), references)


def _title(prompt: str) -> str:
    """Return the prompt without the options at its end, unless these differ between the ideas."""
    try:
        return parse_options(prompt).words
    except InvalidRequest:
        return prompt
