"""Handles the buttons and the select menu under a result, and the forms that they open."""

from __future__ import annotations

import io
import logging
import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import ui
from discord.ext import commands

from cogs.delivery.buttons import PICK, VERB_PATTERN, VERBS, VERSION, shape_verb
from cogs.delivery.discord_errors import with_or_without_words
from cogs.delivery.transports import QUIET
from cogs.editing.modals import EditModal, edit_models
from cogs.i18n.translate import _
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.job_images import found_image, image_of, shown_image
from cogs.requests.preparation import draft_edit, prepare_extraction, substituted
from cogs.results.attaching import Attaching
from cogs.results.deletions import Deletions
from cogs.results.details import render_details
from cogs.results.missing_images import images_gone
from cogs.results.redone_cards import card_of
from cogs.results.reshaping import Reshaping
from cogs.results.set_changes import SetChanges
from cogs.results.stopping import Stopping, may_manage_messages
from cogs.results.together import accepted_together, again, as_made, with_images
from cogs.results.undelivered import hand_over
from cogs.texts.refusal import RefusalError
from seedream.limits import MAX_SEED
from studio.jobs.editing import EXTRACTIONS, rerolled, upscaled, varied
from studio.jobs.errors import NotYoursError, ReferencesGoneError
from studio.jobs.ideas import as_typed
from studio.jobs.job import Parent, PreparedRequest, Verb
from studio.jobs.options import GenerationOptions
from studio.jobs.reshaping import RESHAPINGS, SHAPES, as_prompted, own_prompt

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.delivery.message_images import FoundImage
    from cogs.editing.modals import EditInput
    from cogs.ideas.cog import Ideas
    from cogs.requests.drafts import Draft
    from cogs.requests.submission import Requester, RequestSubmitter
    from studio.jobs.job import Job, PictureSource

log = logging.getLogger(__name__)

_OF_DELETED = {"delete", "confirm", "keep"}  # verbs that also work when the result is deleted already
_OF_A_PICTURE = {"vary", "edit", "upscale", *EXTRACTIONS, *RESHAPINGS, *map(shape_verb, SHAPES)}


class Results(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter, ideas: Ideas) -> None:
        self._bot = bot
        self._submitter = submitter
        self._ideas = ideas
        self._deletions = Deletions(submitter.service, submitter.presenter)
        changes = SetChanges(submitter)
        self._cards = changes.cards
        attaching = Attaching(submitter, self._job, self._take, self._make)
        stopping = Stopping(submitter.service)
        self._verbs: dict[str, Callable[[discord.Interaction, Job, int], Awaitable[None]]] = {
            "reroll": self.reroll,
            "vary": self.vary,
            "edit": self.edit,
            "upscale": self.upscale,
            "retry": self.retry,
            Verb.REDO: changes.redo,
            Verb.MORE: changes.more,
            VERSION: changes.version,
            "attach": attaching.attach,
            "upload": attaching.upload,
            Verb.CUT_OUT: partial(self.extract, Verb.CUT_OUT),
            Verb.LAYERS: partial(self.extract, Verb.LAYERS),
            **Reshaping(submitter, self._accept).verbs,
            "cancel": stopping.cancel,
            "deliver": stopping.deliver,
            "drop": stopping.drop,
            "details": self.details,
            "fetch": self.fetch,
            "delete": self.delete,
            "confirm": self.confirm,
            "keep": self.keep,
        }

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(
            persistent_item(VERB_PATTERN.format(verbs="|".join([*VERBS, VERSION])), self.press),
            persistent_item(VERB_PATTERN.format(verbs=PICK), self.pick),
        )

    async def cog_unload(self) -> None:
        await self._cards.close()

    async def press(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        verb = custom_id["verb"]
        job = await self._job(interaction, custom_id["job"], deleted=verb in _OF_DELETED)
        if verb in _OF_A_PICTURE:
            job = await as_made(self._submitter.service, job, int(custom_id["index"]))
        await self._verbs[verb](interaction, job, int(custom_id["index"]))

    async def pick(self, interaction: discord.Interaction, custom_id: re.Match[str], item: ui.Item[Any]) -> None:
        """Show one picture, with all its buttons: the one of a number or of More, or the one chosen in a select."""
        job = await self._job(interaction, custom_id["job"])
        index = next(iter(item.values), "") if isinstance(item, ui.Select) else custom_id["index"]
        image = shown_image(job, int(index) if index.isdecimal() else -1)
        view = await card_of(self._submitter, interaction, job, image)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    # --- a new job from this one ------------------------------------------------------------------------------------

    async def reroll(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        seed = random.randint(0, MAX_SEED)
        first, *together = (replace(one, request=rerolled(one.request, seed)) for one in await self._again(job))
        await self._accept(interaction, job, Verb.REROLL, first, together=together)

    async def retry(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        first, *together = await self._again(job)
        await self._accept(interaction, job, Verb.RETRY, first, together=together)

    async def _again(self, job: Job) -> list[PreparedRequest]:
        return again(await accepted_together(self._submitter.service, job))

    async def vary(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        picture = found_image(job, image_of(job, index), interaction.message)
        requester = await self._submitter.requester(interaction)
        request = varied(as_prompted(job), picture.url, picture.sides or (1, 1), requester.defaults)
        note = substituted(job.request.model, request, requester.defaults)
        prepared = PreparedRequest(request=request, sources=(picture.source,), note=note)
        await self._accept(interaction, job, Verb.VARY, prepared, requester)

    async def upscale(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        picture = found_image(job, image_of(job, index), interaction.message)
        request = upscaled(as_prompted(job), picture.url, picture.sides or (1, 1))
        if request is None:
            label = job.request.capabilities.label
            raise RefusalError(_("{label} can't make pictures larger than this one.", label=label))
        await self._accept(interaction, job, Verb.UPSCALE, PreparedRequest(request=request, sources=(picture.source,)))

    async def extract(self, verb: Verb, interaction: discord.Interaction, job: Job, index: int) -> None:
        """Cut out the picture's subject, or split the picture into layers."""
        picture = found_image(job, image_of(job, index), interaction.message)
        requester = await self._submitter.requester(interaction)
        prepared = prepare_extraction(requester.defaults.starting_with(job.request.model), picture, verb)
        await self._accept(interaction, job, verb, prepared, requester)

    async def edit(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        picture = found_image(job, image_of(job, index), interaction.message)
        await self._living(job, Verb.EDIT, (picture.url,), (picture.source,))
        requester = await self._submitter.requester(interaction)
        editors = edit_models(requester.defaults.starting_with(job.request.model), self._submitter.prices)
        submitted = partial(self._edited, job, picture)
        modal = EditModal(submitted, editors, numbers=(1,), prompt=as_typed(job.prompt))
        await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _edited(self, job: Job, picture: FoundImage, interaction: discord.Interaction, edit: EditInput) -> None:
        await self._job(interaction, job.id)  # it may have been deleted meanwhile
        requester = await self._submitter.requester(interaction)
        options = GenerationOptions(prompt=edit.words.text, model=edit.model, size=edit.size, ratio=edit.ratio)
        defaults = requester.defaults.starting_with(job.request.model)
        files = await self._submitter.images.attached(edit.files)
        [link] = await self._living(job, Verb.EDIT, (picture.url,), (picture.source,))
        draft = draft_edit(defaults, options, [replace(picture, url=link)], files=files)
        await self._make(interaction, job, Verb.EDIT, draft, requester)

    async def _living(
        self, job: Job, verb: Verb, images: Sequence[str], sources: Sequence[PictureSource | None]
    ) -> tuple[str, ...]:
        """Renew the links before anything is posted or charged. Raises: RefusalError with a button that helps."""
        try:
            return await self._submitter.living(images, sources)
        except ReferencesGoneError as error:
            raise images_gone(job, verb, error.missing) from error

    async def _accept(
        self,
        interaction: discord.Interaction,
        job: Job,
        verb: Verb,
        prepared: PreparedRequest,
        requester: Requester | None = None,
        *,
        together: Sequence[PreparedRequest] = (),
    ) -> None:
        """Submit the request, and those to be made of the same pictures together with it, with links that work."""
        images = await self._living(job, verb, prepared.request.images, prepared.sources)
        living = [with_images(one, images) for one in (prepared, *together)]
        requester = requester or await self._submitter.requester(interaction)
        await self._take(interaction, job, verb, living, requester)

    async def _take(
        self,
        interaction: discord.Interaction,
        job: Job,
        verb: Verb,
        requests: Sequence[PreparedRequest],
        requester: Requester,
    ) -> None:
        """Submit for the member who presses. What is made from a private result is private; likewise spoilers."""
        parent = _parent(interaction, job, verb)
        first, *together = (replace(one, parent=parent, spoiler=one.spoiler or job.spoiler) for one in requests)
        await self._submitter.accept(interaction, requester, first, together=together, private=job.origin.private)

    async def _make(
        self, interaction: discord.Interaction, job: Job, verb: Verb, draft: Draft, requester: Requester
    ) -> None:
        """Likewise for what the member has written, which may be several ideas."""
        draft = draft.made_from(_parent(interaction, job, verb), spoiler=job.spoiler)
        await self._ideas.make(interaction, requester, draft, private=job.origin.private)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """Show again what an archived thread refused, now that it is open."""
        metadata = payload.data["thread_metadata"]
        if not (metadata["archived"] and metadata.get("locked")):
            await self._submitter.service.opened(payload.thread_id)

    # --- the job itself ---------------------------------------------------------------------------------------------

    async def details(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        parts = await accepted_together(self._submitter.service, job)

        async def say(words: bool) -> None:
            view, texts = render_details(job, parts, words=words)
            files = [discord.File(io.BytesIO(text.encode()), name) for name, text in texts.items()]
            await interaction.response.send_message(view=view, files=files, ephemeral=True, allowed_mentions=QUIET)

        await with_or_without_words(say)

    async def fetch(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        await hand_over(self._submitter, interaction, job)

    async def delete(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        _check_manages(interaction, job)
        await self._deletions.ask(interaction, job)

    async def confirm(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        _check_manages(interaction, job)
        await self._deletions.confirm(interaction, job)

    async def keep(self, interaction: discord.Interaction, _job: Job, _index: int) -> None:
        await self._deletions.keep(interaction)

    async def _job(self, interaction: discord.Interaction, job_id: str, *, deleted: bool = False) -> Job:
        job = await self._submitter.service.job(job_id, deleted=deleted)
        is_personal = job.origin.private or job.origin.direct
        if is_personal and job.origin.user_id != interaction.user.id:
            raise NotYoursError
        return job


def _parent(interaction: discord.Interaction, job: Job, verb: Verb) -> Parent:
    link = job.link or (interaction.message.jump_url if interaction.message else "")
    return Parent(verb=verb, link=link, job_id=job.id, prompt=own_prompt(job, verb))


def _check_manages(interaction: discord.Interaction, job: Job) -> None:
    """Check that the member may delete the job. Raises: NotYoursError."""
    if interaction.user.id != job.origin.user_id and not may_manage_messages(interaction):
        raise NotYoursError
