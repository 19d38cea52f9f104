"""What can be done with a result: the buttons under it, which know their job by their custom id and work for ever."""

from __future__ import annotations

import io
import logging
import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui
from discord.ext import commands

from cogs.channels import place_of
from cogs.editing import checked, edited, extraction, substituted
from cogs.errors import RefusalError
from cogs.items import Control, cog_of
from cogs.job_images import found_image, image_of
from cogs.places import member_of
from cogs.refusals import with_or_without_words
from cogs.rules import check_result
from cogs.ui.buttons import VERB_PATTERN, VERBS, attach_button, button, picture_buttons
from cogs.ui.details import draw_details
from cogs.ui.language import _, marked
from cogs.ui.layers import image_label
from cogs.ui.modals import AttachModal, EditModal
from cogs.ui.texts import escaped, gone_sentences
from cogs.ways import QUIET
from seedream.limits import MAX_SEED
from studio.editing import has_words, rerolled, upscaled, varied
from studio.errors import (
    DeliveredAlreadyError,
    DeliveryDelayedError,
    NotYoursError,
    ReferencesGoneError,
    UndeliverableError,
)
from studio.jobs import Parent, Verb
from studio.pictures import PictureUnavailable
from studio.references import completed

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.desk import Desk
    from cogs.sources import Found
    from cogs.ui.modals import Asked
    from seedream import ImageRequest
    from studio.jobs import Job, Source

log = logging.getLogger(__name__)

_HAVE_IT = marked("You have this result already.")


class Results(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, desk: Desk) -> None:
        self._bot = bot
        self._desk = desk
        self._verbs: dict[str, Callable[[discord.Interaction, Job, int], Awaitable[None]]] = {
            "reroll": self.reroll,
            "vary": self.vary,
            "edit": self.edit,
            "upscale": self.upscale,
            "retry": self.retry,
            "attach": self.attach,
            "upload": self.upload,
            Verb.CUT_OUT: partial(self.extract, Verb.CUT_OUT),
            Verb.LAYERS: partial(self.extract, Verb.LAYERS),
            "cancel": self.cancel,
            "details": self.details,
            "fetch": self.fetch,
            "delete": self.delete,
        }

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(JobButton, PictureSelect)

    async def press(self, interaction: discord.Interaction, verb: str, job_id: str, index: int) -> None:
        job = await self._job(interaction, job_id, deleted=verb == "delete")
        await self._verbs[verb](interaction, job, index)

    async def pick(self, interaction: discord.Interaction, job_id: str, choice: str) -> None:
        """One picture of several, with what can be done with it."""
        job = await self._job(interaction, job_id)
        image = image_of(job, int(choice) if choice.isdecimal() else -1)
        found = found_image(job, image, interaction.message)
        view = ui.LayoutView(timeout=None)
        gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
            discord.MediaGalleryItem(found.url, spoiler=found.spoiler)
        )
        title: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay(f"**{escaped(image_label(job, image), 100)}**")
        view.add_item(ui.Container(title, gallery, ui.ActionRow(*picture_buttons(job, image))))
        view.stop()
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    # --- a new job out of this one ----------------------------------------------------------------------------------

    async def reroll(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        request = rerolled(job.request, random.randint(0, MAX_SEED))
        await self._accept(interaction, job, request, Verb.REROLL, job.sources)

    async def retry(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        await self._accept(interaction, job, job.request, Verb.RETRY, job.sources)

    async def vary(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        found = found_image(job, image_of(job, index), interaction.message)
        usual = await self._desk.defaults(member_of(interaction))
        request = varied(job.request, found.url, found.sides or (1, 1), usual.look, usual.models)
        note = substituted(job.request.model, request, usual)
        await self._accept(interaction, job, request, Verb.VARY, (found.source,), note)

    async def upscale(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        found = found_image(job, image_of(job, index), interaction.message)
        request = upscaled(job.request, found.url, found.sides or (1, 1))
        if request is None:
            label = job.request.capabilities.label
            raise RefusalError(_("{label} makes no larger pictures than this one.", label=label))
        await self._accept(interaction, job, request, Verb.UPSCALE, (found.source,))

    async def extract(self, verb: Verb, interaction: discord.Interaction, job: Job, index: int) -> None:
        """What the picture shows cut out, or the picture taken apart."""
        found = found_image(job, image_of(job, index), interaction.message)
        wish = await extraction(self._desk, member_of(interaction), found, verb, usual=job.request.model)
        await self._accept(interaction, job, wish.request, verb, wish.sources)

    async def edit(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        found = found_image(job, image_of(job, index), interaction.message)
        await self._living(job, Verb.EDIT, (found.url,), (found.source,))
        submitted = partial(self._edited, job, found)
        editors = await self._desk.editors(member_of(interaction), usual=job.request.model)
        modal = EditModal(submitted, editors, numbers=(1,), prompt=job.request.prompt)
        await interaction.response.send_modal(self._desk.modals.add(modal))

    async def _edited(self, job: Job, found: Found, interaction: discord.Interaction, asked: Asked) -> None:
        await self._job(interaction, job.id)  # it may have been deleted while they wrote
        wish = await edited(
            self._desk,
            member_of(interaction),
            asked.words.text,
            [found],
            files=asked.files,
            model=asked.model,
            size=asked.size,
            usual=job.request.model,
        )
        await self._accept(interaction, job, wish.request, Verb.EDIT, wish.sources, wish.note, spoiler=wish.spoiler)
        await self._desk.remember(interaction.user.id, model=asked.model, size=asked.size, ratio=None)

    # --- in place of pictures that are gone ---------------------------------------------------------------------------

    async def attach(self, interaction: discord.Interaction, job: Job, missing: int) -> None:
        """The same request again, with other files where its own are gone."""
        prompt = job.request.prompt if has_words(job.request) else None
        modal = AttachModal(partial(self._attached, job), prompt=prompt, missing=missing)
        await interaction.response.send_modal(self._desk.modals.add(modal))

    async def _attached(
        self, job: Job, interaction: discord.Interaction, words: str | None, files: Sequence[discord.Attachment]
    ) -> None:
        job, verb = await self._job(interaction, job.id), Verb.RETRY if job.failure else Verb.REROLL
        given = checked(_("picture"), files)
        living = await self._desk.service.references.all_living(job.request.images, job.sources)
        pictures = completed(living, [one.url for one in given])
        links = tuple(url for url, _source in pictures if url is not None)
        if missing := len(pictures) - len(links):
            raise _gone(job, verb, missing)
        request = replace(job.request, images=links, prompt=words or job.request.prompt)
        sources = tuple(source for _url, source in pictures)
        await self._take(interaction, job, request, verb, sources, spoiler=any(one.spoiler for one in given))

    async def upload(self, interaction: discord.Interaction, job: Job, missing: int) -> None:
        """An edit of a member's own copy of a picture of this job."""
        prompt = job.request.prompt if has_words(job.request) else ""
        modal = AttachModal(partial(self._uploaded, job), prompt=prompt, missing=missing)
        await interaction.response.send_modal(self._desk.modals.add(modal))

    async def _uploaded(
        self, job: Job, interaction: discord.Interaction, words: str | None, files: Sequence[discord.Attachment]
    ) -> None:
        job, member = await self._job(interaction, job.id), member_of(interaction)
        wish = await edited(self._desk, member, words or "", [], files=files, usual=job.request.model)
        await self._take(interaction, job, wish.request, Verb.EDIT, wish.sources, wish.note, spoiler=wish.spoiler)

    async def _living(
        self, job: Job, verb: Verb, images: Sequence[str], sources: Sequence[Source | None]
    ) -> tuple[str, ...]:
        """Links that work, before anything is posted or charged. Raises: RefusalError, with a button that helps."""
        try:
            return await self._desk.living(images, sources)
        except ReferencesGoneError as error:
            raise _gone(job, verb, error.missing) from error

    async def _accept(
        self,
        interaction: discord.Interaction,
        job: Job,
        request: ImageRequest,
        verb: Verb,
        sources: tuple[Source | None, ...],
        note: str = "",
        *,
        spoiler: bool = False,
    ) -> None:
        living = await self._living(job, verb, request.images, sources)
        if living != request.images:
            request = replace(request, images=living)
        await self._take(interaction, job, request, verb, sources, note, spoiler=spoiler)

    async def _take(
        self,
        interaction: discord.Interaction,
        job: Job,
        request: ImageRequest,
        verb: Verb,
        sources: tuple[Source | None, ...],
        note: str = "",
        *,
        spoiler: bool = False,
    ) -> None:
        """Whoever presses asks, and pays; what comes of a private result is private, and of a spoiler a spoiler."""
        link = job.link or (interaction.message.jump_url if interaction.message else "")
        parent = Parent(verb=verb, link=link, job_id=job.id)
        await self._desk.accept(
            interaction,
            request,
            private=job.origin.private,
            parent=parent,
            sources=sources,
            note=note,
            spoiler=spoiler or job.spoiler,
        )

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """A thread that was opened takes what it has refused before."""
        metadata = payload.data["thread_metadata"]
        if not (metadata["archived"] and metadata.get("locked")):
            await self._desk.service.opened(payload.thread_id)

    # --- the job itself ---------------------------------------------------------------------------------------------

    async def details(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        async def say(words: bool) -> None:
            view, texts = draw_details(job, words=words)
            files = [discord.File(io.BytesIO(text.encode()), name) for name, text in texts.items()]
            await interaction.response.send_message(view=view, files=files, ephemeral=True, allowed_mentions=QUIET)

        await with_or_without_words(say)

    async def fetch(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        """A result that could not be delivered, here and now, for its member alone."""
        if interaction.user.id != job.origin.user_id:
            raise NotYoursError
        if not job.undelivered:
            raise RefusalError(_(_HAVE_IT))
        place = await place_of(interaction.client, interaction.channel)
        check_result(place, interaction, job)
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            await self._desk.service.hand_over(job, partial(self._desk.presenter.hand_over, interaction, place))
        except DeliveredAlreadyError as error:
            raise RefusalError(_(_HAVE_IT)) from error
        except PictureUnavailable as error:
            raise RefusalError(_("These pictures have expired.")) from error
        except (UndeliverableError, DeliveryDelayedError) as error:
            log.info("job %s could not be handed over: %s", job.id, error)
            raise RefusalError(_("Discord doesn't accept this result right now. Try again in a minute.")) from error

    async def cancel(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        await self._desk.service.cancel(job.id, by=interaction.user.id, may_manage=_may_manage(interaction))
        await interaction.response.defer()

    async def delete(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        """Where Discord does not take a message away, its button can be pressed again."""
        if interaction.user.id != job.origin.user_id and not _may_manage(interaction):
            raise NotYoursError
        await interaction.response.defer()
        await self._desk.service.delete(job)
        gone = interaction.message.id if interaction.message else None
        try:
            await interaction.delete_original_response()
        except discord.NotFound:
            pass  # pressed twice
        except discord.HTTPException as error:
            log.info("job %s: its message could not be deleted by the press: %s", job.id, error)
            gone = None
        await self._desk.presenter.remove(job, but=gone)

    async def _job(self, interaction: discord.Interaction, job_id: str, *, deleted: bool = False) -> Job:
        job = await self._desk.service.job(job_id, deleted=deleted)
        if job.origin.private and job.origin.user_id != interaction.user.id:
            raise NotYoursError
        return job


def _may_manage(interaction: discord.Interaction) -> bool:
    return interaction.guild_id is not None and interaction.permissions.manage_messages


def _gone(job: Job, verb: Verb, missing: int) -> RefusalError:
    """What a member reads about pictures that are gone, with a form for others where that can go on with them."""
    attach = attach_button(verb, job.id, missing)
    if attach is None:
        return RefusalError(gone_sentences(missing))
    view = ui.View(timeout=None)
    view.add_item(attach)
    view.stop()  # its button is a dynamic item
    return RefusalError(gone_sentences(missing, form=True), view=view)


class JobButton(Control, ui.DynamicItem[ui.Button[Any]], template=VERB_PATTERN.format(verbs="|".join(VERBS))):
    """A button of a job."""

    def __init__(self, verb: str, job_id: str, index: int) -> None:
        super().__init__(button(verb, job_id, index))
        self._meant = verb, job_id, index

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["verb"], match["job"], int(match["index"]))

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        await cog_of(interaction, Results).press(interaction, *self._meant)


class PictureSelect(Control, ui.DynamicItem[ui.Select[Any]], template=VERB_PATTERN.format(verbs="pick")):
    """Which picture of a job is to be worked on."""

    def __init__(self, job_id: str, select: ui.Select[Any]) -> None:
        super().__init__(select)
        self._job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, ui.Select)  # noqa: S101 - the pattern names a select's custom id
        return cls(match["job"], item)

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        choice = next(iter(self.item.values), "")
        await cog_of(interaction, Results).pick(interaction, self._job_id, choice)
