"""Handles forms that ask for pictures which are gone: to repeat a request, or to edit the member's own copy of one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cogs.editing.modals import AttachModal
from cogs.requests.drafts import Draft
from cogs.requests.preparation import draft_edit
from cogs.results.missing_images import images_gone
from cogs.results.together import accepted_together, again
from studio.jobs.editing import has_words
from studio.jobs.ideas import as_typed
from studio.jobs.job import PreparedRequest, Verb
from studio.jobs.options import GenerationOptions
from studio.jobs.references import completed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import discord

    from cogs.delivery.message_images import FoundImage
    from cogs.requests.submission import Requester, RequestSubmitter
    from studio.jobs.job import Job

    Find = Callable[[discord.Interaction, str], Awaitable[Job]]
    """Finds a job, which may have been deleted meanwhile, by its id."""
    Take = Callable[[discord.Interaction, Job, Verb, Sequence[PreparedRequest], Requester], Awaitable[None]]
    """Submits requests made from a job."""
    Make = Callable[[discord.Interaction, Job, Verb, Draft, Requester], Awaitable[None]]
    """Submits what a member has written about a job's picture."""


class Attaching:
    def __init__(self, submitter: RequestSubmitter, find: Find, take: Take, make: Make) -> None:
        self._submitter = submitter
        self._find = find
        self._take = take
        self._make = make

    async def attach(self, interaction: discord.Interaction, job: Job, missing: int) -> None:
        """Open a form to repeat a request with new files for its missing pictures. Of several, no prompt is edited."""
        editable = has_words(job.request) and job.prompt == job.request.prompt and not job.title
        prompt = as_typed(job.prompt) if editable else None
        modal = AttachModal(partial(self._attached, job), prompt=prompt, missing=missing)
        await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _attached(
        self, job: Job, interaction: discord.Interaction, words: str | None, files: Sequence[discord.Attachment]
    ) -> None:
        job, verb = await self._find(interaction, job.id), Verb.RETRY if job.failure else Verb.REROLL
        requests = await self._completed(job, verb, await self._submitter.images.attached(files))
        requester = await self._submitter.requester(interaction)
        if words:
            draft = Draft(GenerationOptions(prompt=words), partial(_reworded, requests[0]))
            await self._make(interaction, job, verb, draft, requester)
        else:
            await self._take(interaction, job, verb, requests, requester)

    async def _completed(self, job: Job, verb: Verb, attached: Sequence[FoundImage]) -> list[PreparedRequest]:
        """Prepare a job's requests again, with these files for missing pictures. Raises: RefusalError if too few."""
        living = await self._submitter.service.references.all_living(job.request.images, job.sources)
        pictures = completed(living, [image.url for image in attached])
        links = tuple(url for url, _source in pictures if url is not None)
        if missing := len(pictures) - len(links):
            raise images_gone(job, verb, missing)
        return [
            replace(
                one,
                request=replace(one.request, images=links),
                sources=tuple(source for _url, source in pictures),
                spoiler=any(image.spoiler for image in attached),
                names=tuple(image.name for image in attached),
            )
            for one in again(await accepted_together(self._submitter.service, job))
        ]

    async def upload(self, interaction: discord.Interaction, job: Job, missing: int) -> None:
        """Open a form to edit the member's own copy of a picture of this job."""
        prompt = as_typed(job.prompt) if has_words(job.request) else ""
        modal = AttachModal(partial(self._uploaded, job), prompt=prompt, missing=missing)
        await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _uploaded(
        self, job: Job, interaction: discord.Interaction, words: str | None, files: Sequence[discord.Attachment]
    ) -> None:
        job, requester = await self._find(interaction, job.id), await self._submitter.requester(interaction)
        defaults = requester.defaults.starting_with(job.request.model)
        attached = await self._submitter.images.attached(files)
        draft = draft_edit(defaults, GenerationOptions(prompt=words or ""), attached)
        await self._make(interaction, job, Verb.EDIT, draft, requester)


def _reworded(prepared: PreparedRequest, options: GenerationOptions) -> PreparedRequest:
    return replace(prepared, request=replace(prepared.request, prompt=options.prompt))
