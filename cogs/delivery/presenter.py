"""Shows jobs: projects their rows onto Discord messages, with another transport or a simpler form after a refusal.

Messages are edited by the interaction's token while it lives, then as the bot; then a new message is posted in the
channel, and in the end a direct message. `cogs.delivery.fallbacks` decides what follows which refusal.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.attempts import AnswerLostError, RefusedError
from cogs.delivery.fallbacks import Fallbacks, fallback_order, fallbacks_for
from cogs.delivery.mentions import mention_member
from cogs.delivery.message_images import links_in
from cogs.delivery.message_state import MessageState
from cogs.delivery.origins import DM_UPLOAD_BYTES, origin_of
from cogs.delivery.placeholders import Placeholders
from cogs.delivery.render_options import RenderOptions
from cogs.delivery.superseded_messages import SupersededMessages
from cogs.delivery.transports import MessageTransport
from cogs.texts.layers import shown_images
from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.file_recovery import restore
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

PAUSE_SECONDS = 300.0  # during which refused transports and forms aren't tried again


class DiscordPresenter:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock
        self._placeholders = Placeholders(client, pictures, clock)
        self._clearing = SupersededMessages(client, pictures, clock)
        # Jobs that this process has shown, and whether their messages certainly hold what the rows say.
        self._sure: dict[str, bool] = {}
        # Pictures of running jobs that can't be shrunk, with the limit: an edit for each picture would try again.
        self._unfit: dict[str, set[tuple[str, int]]] = {}
        # Paused jobs: since when, and what is left to try.
        self._paused: dict[str, tuple[float, Fallbacks]] = {}

    async def post(self, interaction: discord.Interaction, job: Job, *, in_place: bool = False) -> PostedMessage:
        """Answer an interaction with the job's message. Takes and raises what `Placeholders.answer` does."""
        return self._posted(job, await self._placeholders.answer(interaction, job, in_place=in_place))

    async def post_reply(self, job: Job) -> PostedMessage:
        """Reply with the job's message to the one that requested it. Raises what `Placeholders.reply` does."""
        return self._posted(job, await self._placeholders.reply(job))

    def _posted(self, job: Job, placeholder: PostedMessage) -> PostedMessage:
        self._sure[job.id] = True
        return placeholder

    async def find(self, job: Job) -> PostedMessage | None:
        """Find a job's placeholder after a crash. Returns and raises what `Placeholders.find` does."""
        return await self._placeholders.find(job)

    async def fresh_link(self, source: PictureSource, url: str) -> str | None:
        """Read a fresh link to the same file from the message that holds it; None if it can't be read.

        Raises: DeliveryDelayedError if Discord can't be reached.
        """
        channel = self._client.get_partial_messageable(source.channel_id)
        try:
            message = await channel.fetch_message(source.message_id)
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayedError(f"message {source.message_id} could not be read: {error}") from error
        except discord.HTTPException as error:
            log.debug("message %d could not be read for a fresh link: %s", source.message_id, error)
            return None
        return next((link for link in links_in(message) if same_file(link, url)), None)

    async def show(self, job: Job) -> Shown:
        """Edit or post the job's messages until they show its row; messages that do already are left alone.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        shown, left = MessageState(job), self._left_to_try(job)
        lost = await restore(job, self._pictures)
        while not shown.complete:
            next_left = await self._next_try(shown, left, lost)
            if next_left is None:
                self._forget_ended(job)
                raise UndeliverableError("Discord accepts it in no form and by no transport")
            left = next_left
        self._forget_ended(job)
        return shown.event(job.version, self._clock())

    async def _next_try(self, shown: MessageState, left: Fallbacks, lost: frozenset[int]) -> Fallbacks | None:
        """Try to show one page. `lost`: indexes of images whose files are gone.

        Returns what is left to try, None if nothing is. Raises: DeliveryDelayedError.
        """
        options = await self._options(shown.job, left, lost)
        page = shown.outdated(options)
        try:
            return await self._deliver(shown, page, options, left) if page else left
        except PictureUnavailable as error:  # its file went meanwhile
            log.warning("job %s: a file can't be sent: %s", shown.job.id, error)
            return left.with_smaller_files()

    def _left_to_try(self, job: Job) -> Fallbacks:
        """Return what was left before a pause, unless that is too long ago or the job has ended since."""
        since, left = self._paused.pop(job.id, (0.0, None))
        valid = left and left.final == job.state.final and self._clock() < since + PAUSE_SECONDS
        return left if left and valid else fallbacks_for(job, limits_of(job))

    async def _options(self, job: Job, left: Fallbacks, lost: frozenset[int]) -> RenderOptions:
        """Choose how to render the job with what is left to try."""
        if not left.shape.form.attaches:
            return RenderOptions(shape=left.shape)
        fitted = await self._fitted(job, left.limit, lost)
        unattached = frozenset(image.index for image in job.current if image.picture and image.index not in fitted)
        bundle = await self._bundle(job, left.limit)
        return RenderOptions(fitted=fitted, unattached=unattached, bundle=bundle, shape=left.shape)

    async def _deliver(
        self, shown: MessageState, page: Page, options: RenderOptions, left: Fallbacks
    ) -> Fallbacks | None:
        """Send a page by the next transport; returns what is left to try.

        Raises: DeliveryDelayedError, PictureUnavailable.
        """
        job, number = shown.job, page.number
        methods = fallback_order(job, number, left.shape.form, self._clock())
        method = left.method(number, methods)
        if method is None:
            return left.simpler()
        unsure = not self._sure.get(job.id, False)
        again = job.id not in self._sure or (number, method) in left.tries
        calls = MessageTransport(self._client, self._pictures, job, options, unsure=unsure, again=again)
        try:
            message, page = await calls.send(method, page, shown.old(number))
        except RefusedError as error:
            log.info("job %s: Discord refuses page %d, %s as %s: %s", job.id, number, method, left.shape.form, error)
            return left.refused(number, method, error.refusal)
        except DeliveryDelayedError as error:
            self._sure |= {job.id: False} if job.id in self._sure else {}
            lost = isinstance(error, AnswerLostError)
            left, pause = left.out_of_order(number, method, methods, lost=lost)
            if not pause:
                return left
            self._paused[job.id] = self._clock(), left
            raise
        self._sure[job.id] = True
        shown.record(number, page, message, options, by_token=method.by_token)
        return left

    def doubt(self, job_id: str) -> None:
        """Note that it isn't certain what the job's messages hold, so that they are read before the next edit."""
        self._sure[job_id] = False

    def _forget_ended(self, job: Job) -> None:
        if job.state.final:
            self._sure.pop(job.id, None)
            self._unfit.pop(job.id, None)

    async def hand_over(self, interaction: discord.Interaction, place: Place, job: Job) -> Shown:
        """Deliver a result privately to the member who pressed, by an interaction that was already deferred.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        private_origin = origin_of(interaction, place, private=True)
        origin = replace(private_origin, locale=job.origin.locale, user_id=job.origin.user_id)
        images = tuple(replace(image, attachment=None) for image in job.images)
        return await self.show(replace(job, origin=origin, messages=(), images=images))

    async def tidy(self, job: Job) -> frozenset[int]:
        """Link or delete messages that others have replaced. Returns the ids of those that are done."""
        return await self._clearing.tidy(job)

    async def mention(self, job: Job) -> int | None:
        """Mention the member beside the job's message, if Discord allows it. Returns the id of that mention."""
        return await mention_member(self._client, job, self._clock())

    async def remove(self, job: Job, *, but: int | None = None) -> None:
        """Delete the job's messages as far as Discord allows, except `but`, which is deleted already."""
        await self._clearing.remove(job, but=but)

    async def _fitted(self, job: Job, limit: int, lost: frozenset[int]) -> dict[int, Picture]:
        """Shrink every picture to `limit` bytes, as a new message needs all. Those that can't be are left out."""
        pictures = [(image.index, image.picture) for image in job.current if image.picture and image.index not in lost]
        fitted = {index: await self._shrunk(job, picture, limit) for index, picture in pictures}
        return {index: picture for index, picture in fitted.items() if picture}

    async def _shrunk(self, job: Job, picture: Picture, limit: int) -> Picture | None:
        """Shrink a picture; None if that fails, for whatever reason: it is paid for, and so are those beside it."""
        if not job.state.final and (picture.path, limit) in self._unfit.get(job.id, ()):
            return None
        try:
            return await self._pictures.shrink(picture, limit)
        except PictureUnavailable as error:
            log.info("job %s: a picture can't be attached: %s", job.id, error)
        except Exception:
            log.exception("job %s: %s could not be shrunk", job.id, picture.path)
        self._unfit.setdefault(job.id, set()).add((picture.path, limit))
        return None

    async def _bundle(self, job: Job, limit: int) -> Bundle | None:
        """Make the ZIP file of the layers; None if it can't be made. The pictures are then shown without it."""
        if not job.request.layer_decomposition or not job.state.final or not shown_images(job):
            return None
        names = file_names(job)
        pictures = {names[image.index]: image.picture for image in job.current if image.picture}
        texts = {DESCRIPTION_FILE: description(job)}
        try:
            return await self._pictures.bundle(job.id, pictures, texts, limit=limit)
        except PictureUnavailable as error:
            log.warning("job %s: its layers are shown without a ZIP file: %s", job.id, error)
            return None


def limits_of(job: Job) -> list[int]:
    """Return sizes in bytes to try for each picture: the channel's limit, the limit everywhere, then smaller ones.

    With the last, ten pictures fit into one request. Source: Discord API reference, "Uploading Files": 25 MiB.
    """
    largest = max((image.picture.size for image in job.current if image.picture), default=0)
    place, certain = job.origin.upload_limit, min(job.origin.upload_limit, DM_UPLOAD_BYTES)
    start = min(certain, largest)
    return list(dict.fromkeys((place, certain, start // 2, start // 5)))
