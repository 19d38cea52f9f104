"""Changing pictures: replying to one, "Edit image" on a message, /edit and /blend."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs import choices
from cogs.channels import PATIENCE_SECONDS
from cogs.editing import edited
from cogs.errors import RefusalError, UnknownHereError, fault_sentence, sentence, tell
from cogs.message_links import linked_message
from cogs.places import author_of, member_of
from cogs.refusals import is_expected
from cogs.sources import is_thread_starter, pictures_in, source_of
from cogs.ui.language import _, marked
from cogs.ui.modals import EditModal, with_words
from cogs.ways import QUIET
from cogs.words import chosen, parse_words, which_note
from studio.editing import BLEND_WORDS, editor_near
from studio.errors import UndeliverableError
from studio.jobs import Parent, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.client import StudioBot
    from cogs.desk import Desk
    from cogs.sources import Found
    from cogs.ui.modals import Asked

log = logging.getLogger(__name__)

Prompt = app_commands.Range[str, 1, 4000]
Picture = discord.Attachment | None
# Translators: an entry in a message's menu, at most 32 characters.
EDIT_IMAGE = marked("Edit image")


class Edit(commands.Cog):
    def __init__(self, bot: StudioBot, desk: Desk) -> None:
        self._bot = bot
        self._desk = desk
        menu = app_commands.ContextMenu(name=EDIT_IMAGE, callback=self.edit_image)
        self._menu = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(
            app_commands.allowed_installs(guilds=True, users=True)(menu)
        )

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    # --- a reply to a picture ---------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """A reply that mentions the bot, as Discord's replies to it do of themselves."""
        me = self._bot.user
        reply = message.type is discord.MessageType.reply and message.reference is not None
        if me is None or message.author.bot or message.webhook_id or not reply:
            return
        if all(user.id != me.id for user in message.mentions):
            return
        words = parse_words(message.content, bot_id=me.id)
        if not words.text and not words.numbers and not words.every and not message.attachments:
            return  # a mere ping
        await self._bot.interpreter.listen_to_author(message)
        try:
            replied = await self._replied_to(message)
            pictures = self._pictures_of(replied)
            note = which_note(len(pictures), words)
            wish = await edited(
                self._desk,
                author_of(message),
                words.text,
                chosen(pictures, words),
                files=message.attachments,
                files_in=source_of(message),
                note=note,
            )
            await self._desk.accept_reply(
                message,
                wish.request,
                client=self._bot,
                parent=Parent(verb=Verb.EDIT, link=replied.jump_url),
                sources=wish.sources,
                note=wish.note,
                spoiler=wish.spoiler,
            )
        except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
            await self._tell(message, error)

    async def _replied_to(self, message: discord.Message) -> discord.Message:
        """Of a thread's first message, the one in the channel that it was started from."""
        replied = await self._referred(message)
        return await self._referred(replied) if is_thread_starter(replied) else replied

    async def _referred(self, message: discord.Message) -> discord.Message:
        reference = message.reference
        if reference is None or reference.message_id is None:
            raise RefusalError(_("The message that you reply to is not there any more."))
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        channel = self._bot.get_partial_messageable(reference.channel_id, guild_id=reference.guild_id)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await channel.fetch_message(reference.message_id)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            told = _("The message that you reply to is not there any more, or I may not read it.")
            raise RefusalError(told) from error

    def _pictures_of(self, message: discord.Message) -> list[Found]:
        """Raises: RefusalError, with what helps."""
        if found := pictures_in(message):
            return found
        mine = self._bot.user is not None and message.author.id == self._bot.user.id
        if message.guild is not None and not mine and not message.content:
            # Translators: Apps is what Discord calls it in its own menu; {entry} is our entry in it.
            told = _(
                "I can't see what is in other people's messages that way. Right-click the message (on a phone: hold "
                "it), choose Apps, then {entry}.",
                entry=_(EDIT_IMAGE),
            )
            raise RefusalError(told)
        if mine:
            raise RefusalError(_("There is no picture in that message yet: reply again when it is there."))
        raise RefusalError(_("There is no picture in that message. Reply to one that has a picture, or use /edit."))

    async def _tell(self, message: discord.Message, error: Exception) -> None:
        text = sentence(error)
        if isinstance(error, UndeliverableError):
            log.info("message %d is not answered: %s", message.id, error)
            return
        if is_expected(error):
            log.info("message %d is not answered as it should be: %s", message.id, error)
        if text is None:
            log.error("message %d could not be worked on", message.id, exc_info=error)
            text = fault_sentence(message.id)
        answer = partial(message.reply, mention_author=False, allowed_mentions=QUIET)
        for way in (answer, message.author.send):
            try:
                await way(text[:1900])
            except (discord.HTTPException, aiohttp.ClientError, OSError) as failed:
                log.info("message %d could not be answered: %s", message.id, failed)
            else:
                return

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """A form that is not open here: it is too old, or was opened before a restart or by another program."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        if (words := self._desk.modals.lost_words(interaction)) is not None:
            await self._bot.interpreter.listen_to(interaction)
            closed = _(
                "This form is closed: it was open for too long, I was restarted, or another copy of this bot opened "
                "it. Open it again."
            )
            await tell(interaction, UnknownHereError(with_words(closed, words)))

    # --- a message's menu -------------------------------------------------------------------------------------------

    async def edit_image(self, interaction: discord.Interaction, message: discord.Message) -> None:
        pictures = pictures_in(message)
        if not pictures:
            raise RefusalError(_("There is no picture in that message. Choose one that has a picture, or use /edit."))
        submitted = partial(self._filled_in, pictures, message.jump_url)
        modal = EditModal(submitted, await self._desk.editors(member_of(interaction)), pictures=len(pictures))
        await interaction.response.send_modal(self._desk.modals.add(modal))

    async def _filled_in(
        self, pictures: Sequence[Found], link: str, interaction: discord.Interaction, asked: Asked
    ) -> None:
        await self._take(
            interaction,
            asked.words.text,
            chosen(pictures, asked.words),
            files=asked.files,
            model=asked.model,
            size=asked.size,
            link=link,
        )

    # --- commands ---------------------------------------------------------------------------------------------------

    @app_commands.command(description=marked("Change one picture or several by words"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt=marked("What to change"),
        image=marked("The picture to change"),
        # Translators: at most 100 characters.
        link=marked("Or the link of its message; #2 before the words means the second picture there"),
        model=marked("Which SeeDream model changes it"),
        # Translators: at most 100 characters.
        size=marked("A preset such as 2K, or width x height; the picture's own shape otherwise"),
        ratio=marked("Another shape, such as 16:9"),
        private=marked("Only you see the result"),
        **{f"image{number}": marked("A further reference") for number in range(2, 11)},
    )
    async def edit(
        self,
        interaction: discord.Interaction,
        prompt: Prompt,
        image: Picture = None,
        link: str | None = None,
        image2: Picture = None,
        image3: Picture = None,
        image4: Picture = None,
        image5: Picture = None,
        image6: Picture = None,
        image7: Picture = None,
        image8: Picture = None,
        image9: Picture = None,
        image10: Picture = None,
        model: str | None = None,
        size: str | None = None,
        ratio: str | None = None,
        private: bool | None = None,
    ) -> None:
        given = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        files = [one for one in given if one]
        options: dict[str, Any] = {"files": files, "model": model, "size": size, "ratio": ratio, "private": private}
        if not link:
            await self._take(interaction, prompt, [], **options)
            return
        linked = await linked_message(interaction, link)
        pictures, words = self._pictures_of(linked), parse_words(prompt)
        meant, note = chosen(pictures, words), which_note(len(pictures), words)
        await self._take(interaction, words.text, meant, link=linked.jump_url, note=note, **options)

    @app_commands.command(description=marked("Make one picture out of several"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        image=marked("The first picture"),
        prompt=marked("How to bring them together"),
        model=marked("Which SeeDream model blends them"),
        # Translators: at most 100 characters.
        size=marked("A preset such as 2K, or width x height; the first picture's shape otherwise"),
        ratio=marked("Another shape, such as 16:9"),
        private=marked("Only you see the result"),
        **{f"image{number}": marked("A further picture") for number in range(2, 11)},
    )
    async def blend(
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        image2: discord.Attachment,
        prompt: Prompt = BLEND_WORDS,
        image3: Picture = None,
        image4: Picture = None,
        image5: Picture = None,
        image6: Picture = None,
        image7: Picture = None,
        image8: Picture = None,
        image9: Picture = None,
        image10: Picture = None,
        model: str | None = None,
        size: str | None = None,
        ratio: str | None = None,
        private: bool | None = None,
    ) -> None:
        given = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        files = [one for one in given if one]
        await self._take(interaction, prompt, [], files=files, model=model, size=size, ratio=ratio, private=private)

    @edit.autocomplete("model")
    @blend.autocomplete("model")
    async def _models(self, interaction: discord.Interaction, current: str) -> choices.Choices:
        defaults = await self._desk.defaults(member_of(interaction))
        return choices.models(defaults.editors, self._desk.prices, current)

    @edit.autocomplete("size")
    @blend.autocomplete("size")
    async def _sizes(self, interaction: discord.Interaction, current: str) -> choices.Choices:
        return choices.sizes(choices.chosen_model(interaction, editor_near(self._desk.model, 1).name), current)

    @edit.autocomplete("ratio")
    @blend.autocomplete("ratio")
    async def _ratios(self, _interaction: discord.Interaction, current: str) -> choices.Choices:
        return choices.ratios(current)

    async def _take(
        self,
        interaction: discord.Interaction,
        words: str,
        pictures: Sequence[Found],
        *,
        link: str | None = None,
        private: bool | None = None,
        model: str | None = None,
        size: str | None = None,
        ratio: str | None = None,
        **about: Any,
    ) -> None:
        wish = await edited(
            self._desk, member_of(interaction), words, pictures, model=model, size=size, ratio=ratio, **about
        )
        parent = Parent(verb=Verb.EDIT, link=link) if link else None
        await self._desk.accept(
            interaction,
            wish.request,
            private=private,
            parent=parent,
            sources=wish.sources,
            note=wish.note,
            spoiler=wish.spoiler,
        )
        await self._desk.remember(interaction.user.id, model=model, size=size, ratio=ratio)
