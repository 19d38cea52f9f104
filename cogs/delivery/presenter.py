"""The Presenter: projects job rows onto Discord messages, and has a next way and a simpler form when Discord says no.

By the interaction's token while it lives, then as the bot, then as a new message in the channel, then as a DM. Which of
them follows which refusal, and in which form, is `cogs.delivery.fallbacks`.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.attempts import AnswerLostError, RefusedError
from cogs.delivery.fallbacks import Fallbacks, fallback_order, fallbacks_for
from cogs.delivery.message_images import pictures_in
from cogs.delivery.message_state import MessageState
from cogs.delivery.origins import DM_UPLOAD_BYTES, origin_of
from cogs.delivery.placeholders import Placeholders
from cogs.delivery.render_options import RenderOptions
from cogs.delivery.superseded_messages import SupersededMessages
from cogs.delivery.transports import MessageTransport
from cogs.texts.layers import shown_images
from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.layers import DESCRIPTION_FILE, description, file_names
from studio.jobs.links import same_file
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from cogs.delivery.channels import Place
    from cogs.delivery.job_message import Page
    from studio.clock import Clock
    from studio.jobs.events import Shown
    from studio.jobs.job import Job, PictureSource
    from studio.jobs.messages import PostedMessage
    from studio.jobs.pictures import Bundle, Picture
    from studio.jobs.ports import PictureFiles

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0  # for this long, what was refused is not tried again


class DiscordPresenter:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock
        self._placeholders = Placeholders(client, pictures, clock)
        self._clearing = SupersededMessages(client, pictures, clock)
        # Jobs that this process has shown, and whether their messages hold what their rows say: an answer may be lost.
        self._sure: dict[str, bool] = {}
        # What is left to try for jobs that are tried again after a pause, and since when.
        self._paused: dict[str, tuple[float, Fallbacks]] = {}

    async def post(self, interaction: discord.Interaction, job: Job, *, in_place: bool = False) -> PostedMessage:
        """Answer an interaction with the job's first drawing. Takes and raises what `Placeholders.answer` does."""
        return self._posted(job, await self._placeholders.answer(interaction, job, in_place=in_place))

    async def post_reply(self, job: Job) -> PostedMessage:
        """Answer the message that asked with the job's first drawing. Raises as `Placeholders.reply` does."""
        return self._posted(job, await self._placeholders.reply(job))

    def _posted(self, job: Job, placeholder: PostedMessage) -> PostedMessage:
        self._sure[job.id] = True
        return placeholder

    async def find(self, job: Job) -> PostedMessage | None:
        """The placeholder of a job whose process died before it wrote down that it was posted.

        None if there is none. Raises: DeliveryDelayedError, and UndeliverableError where nobody can tell any more.
        """
        return await self._placeholders.find(job)

    async def fresh_link(self, source: PictureSource, url: str) -> str | None:
        """A living link to the same file, from the message that it lies in; None where that is out of reach.

        Raises: DeliveryDelayedError where Discord can't be asked just now.
        """
        channel = self._client.get_partial_messageable(source.channel_id)
        try:
            message = await channel.fetch_message(source.message_id)
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayedError(f"message {source.message_id} could not be read: {error}") from error
        except discord.HTTPException as error:
            log.info("message %d could not be read for a fresh link: %s", source.message_id, error)
            return None
        return next((one.url for one in pictures_in(message) if same_file(one.url, url)), None)

    async def show(self, job: Job) -> Shown:
        """Bring every message of the job up to its row; one that is so already is left alone.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        shown, left = MessageState(job), self._left_to_try(job)
        while not shown.complete:
            further = await self._next_try(shown, left)
            if further is None:
                self._let_go(job)
                raise UndeliverableError("Discord takes it in no form and by no way")
            left = further
        self._let_go(job)
        return shown.event(job.version)

    async def _next_try(self, shown: MessageState, left: Fallbacks) -> Fallbacks | None:
        """Bring one page to its member, or find out that it is not to be had so; what is left to try, if anything is.

        Raises: DeliveryDelayedError.
        """
        try:
            options = await self._options(shown.job, left)
            page = shown.outdated(options)
            return await self._deliver(shown, page, options, left) if page else left
        except PictureUnavailable as error:
            log.info("job %s: its pictures can't be had in %d bytes: %s", shown.job.id, left.limit, error)
            return left.with_smaller_files()

    def _left_to_try(self, job: Job) -> Fallbacks:
        """What was found out before a pause still holds, unless that is long ago or the job has ended meanwhile."""
        since, left = self._paused.pop(job.id, (0.0, None))
        holds = left and left.final == job.state.final and self._clock() < since + PAUSE_SECONDS
        return left if left and holds else fallbacks_for(job, limits_of(job))

    async def _options(self, job: Job, left: Fallbacks) -> RenderOptions:
        """Raises: PictureUnavailable."""
        if not left.shape.form.attaches:
            return RenderOptions(shape=left.shape)
        fitted = await self._fitted(job, left.limit)
        return RenderOptions(fitted=fitted, bundle=await self._bundle(job, left.limit), shape=left.shape)

    async def _deliver(
        self, shown: MessageState, page: Page, options: RenderOptions, left: Fallbacks
    ) -> Fallbacks | None:
        """The page by the next way that is open; what is left to try if that is closed.

        Raises: DeliveryDelayedError, PictureUnavailable.
        """
        job, number = shown.job, page.number
        transports = fallback_order(job, number, left.shape.form, self._clock())
        transport = left.transport(number, transports)
        if transport is None:
            return left.simpler()
        unsure = not self._sure.get(job.id, False)
        again = job.id not in self._sure or (number, transport) in left.tries
        calls = MessageTransport(self._client, self._pictures, job, options, unsure=unsure, again=again)
        try:
            message, page = await calls.go(transport, page, shown.old(number))
        except RefusedError as error:
            log.info("job %s: Discord refuses page %d, %s as %s: %s", job.id, number, transport, left.shape.form, error)
            return left.refused(number, transport, error.refusal)
        except DeliveryDelayedError as error:
            self._sure |= {job.id: False} if job.id in self._sure else {}
            lost = isinstance(error, AnswerLostError)
            left, pause = left.out_of_order(number, transport, transports, lost=lost)
            if not pause:
                return left
            self._paused[job.id] = self._clock(), left
            raise
        self._sure[job.id] = True
        shown.put(number, page, message, options, by_token=transport.by_token)
        return left

    def _let_go(self, job: Job) -> None:
        if job.state.final:
            self._sure.pop(job.id, None)

    async def hand_over(self, interaction: discord.Interaction, place: Place, job: Job) -> Shown:
        """Deliver a result to the member who presses, and to them alone, by an interaction that was answered already.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        here = origin_of(interaction, place, private=True)
        origin = replace(here, locale=job.origin.locale, user_id=job.origin.user_id)
        images = tuple(replace(image, attachment=None) for image in job.images)
        return await self.show(replace(job, origin=origin, messages=(), images=images))

    async def tidy(self, job: Job) -> frozenset[int]:
        """Have the messages that others have replaced lead there, or go; the ids of those that need nothing more."""
        return await self._clearing.tidy(job)

    async def remove(self, job: Job, *, but: int | None = None) -> None:
        """Take the job's messages away (all `but` one that is gone already), as far as Discord allows."""
        await self._clearing.remove(job, but=but)

    async def _fitted(self, job: Job, limit: int) -> dict[int, Picture]:
        """Every picture within `limit` bytes: a new message takes them all again."""
        pictures = [(image.index, image.picture) for image in job.images if image.picture]
        return {index: await self._pictures.shrink(picture, limit) for index, picture in pictures}

    async def _bundle(self, job: Job, limit: int) -> Bundle | None:
        """A ZIP of the layers, beside which the pictures are shown all the same where it can't be had."""
        if not job.request.layer_decomposition or not job.state.final or not shown_images(job):
            return None
        names = file_names(job)
        pictures = {names[image.index]: image.picture for image in job.images if image.picture}
        texts = {DESCRIPTION_FILE: description(job)}
        try:
            return await self._pictures.bundle(job.id, pictures, texts, limit=limit)
        except PictureUnavailable as error:
            log.warning("job %s: its layers come without a ZIP: %s", job.id, error)
            return None


def limits_of(job: Job) -> list[int]:
    """Bytes that a picture may have, tried in turn: the place's limit, the one that always holds, then ever less.

    By the last, ten pictures fit into one request. Source: Discord API reference, "Uploading Files": 25 MiB.
    """
    largest = max((image.picture.size for image in job.images if image.picture), default=0)
    place, certain = job.origin.upload_limit, min(job.origin.upload_limit, DM_UPLOAD_BYTES)
    start = min(certain, largest)
    return list(dict.fromkeys((place, certain, start // 2, start // 5)))
