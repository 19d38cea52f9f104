"""Holds requests in members' own words until it is known how many they are. Pure.

    draft = draft_edit(defaults, options, images)       whichever command, form or message the words came from
    draft.ideas() -> list[PreparedRequest]              one for each combination of the choices in its braces
    draft.as_words() -> PreparedRequest                 the braces are words

Words become a request by a draft alone, and `cogs.ideas` submits drafts: so every way in reads their braces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cogs.requests.typed_options import parse_options
from seedream.errors import InvalidRequest
from studio.jobs.ideas import as_words, read_ideas

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.jobs.job import Parent, PreparedRequest
    from studio.jobs.options import GenerationOptions


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as its member wrote it. `prepare`: makes a request of options whose prompt has no choices any more."""

    options: GenerationOptions
    prepare: Callable[[GenerationOptions], PreparedRequest]

    def ideas(self) -> list[PreparedRequest]:
        """Prepare a request for each idea in the prompt; none unless there are several.

        Raises: TooManyIdeasError, InvalidRequest, RefusalError.
        """
        ideas = read_ideas(self.options.prompt)
        prepared = [replace(self._prepared(idea.words), label=idea.label) for idea in ideas]
        return [replace(prepared[0], title=_title(self.options.prompt)), *prepared[1:]] if prepared else []

    def as_words(self) -> PreparedRequest:
        """Prepare the request with its braces as words. Raises: InvalidRequest, RefusalError."""
        return self._prepared(as_words(self.options.prompt))

    def made_from(self, parent: Parent, *, spoiler: bool = False) -> Draft:
        """Return the draft of requests that are made from an earlier one, whose pictures may be spoilers."""

        def prepare(options: GenerationOptions) -> PreparedRequest:
            prepared = self.prepare(options)
            return replace(prepared, parent=parent, spoiler=prepared.spoiler or spoiler)

        return replace(self, prepare=prepare)

    def _prepared(self, words: str) -> PreparedRequest:
        return self.prepare(replace(self.options, prompt=words))


def _title(prompt: str) -> str:
    """Return the prompt without the options at its end, unless these differ between the ideas."""
    try:
        return parse_options(prompt).words
    except InvalidRequest:
        return prompt
