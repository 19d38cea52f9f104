"""Changing pictures: replying to one, "Edit image" on a message, /edit and /blend."""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.editing import edited
from cogs.errors import RefusalError, sentence
from cogs.sources import pictures_in
from cogs.ui.modals import EditModal
from cogs.ways import QUIET
from cogs.words import chosen, parse_words, which_note
from seedream import MODELS
from studio.editing import BLEND_WORDS, can_edit
from studio.jobs import Parent, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.desk import Desk
    from cogs.sources import Found
    from cogs.ui.modals import Asked

log = logging.getLogger(__name__)

_EDITORS = [app_commands.Choice(name=one.label, value=name) for name, one in MODELS.items() if can_edit(one)]
_LINK = re.compile(
    r"\s*<?https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20}|@me)/"
    r"(?P<channel>\d{1,20})/(?P<message>\d{1,20})>?\s*"
)
Prompt = app_commands.Range[str, 1, 4000]
Picture = discord.Attachment | None


class Edit(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, desk: Desk) -> None:
        self._bot = bot
        self._desk = desk
        menu = app_commands.ContextMenu(name="Edit image", callback=self.edit_image)
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
        try:
            replied = await self._replied_to(message)
            pictures = self._pictures_of(replied)
            note = which_note(len(pictures), words)
            wish = await edited(
                self._desk,
                message.author.id,
                words.text,
                chosen(pictures, words),
                files=message.attachments,
                note=note,
            )
            await self._desk.accept_reply(
                message,
                wish.request,
                application_id=self._bot.application_id or 0,
                parent=Parent(verb=Verb.EDIT, link=replied.jump_url),
                sources=wish.sources,
                note=wish.note,
            )
        except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
            await self._tell(message, error)

    async def _replied_to(self, message: discord.Message) -> discord.Message:
        reference = message.reference
        if reference is None or reference.message_id is None:
            raise RefusalError("The message that you reply to is not there any more.")
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        try:
            return await message.channel.fetch_message(reference.message_id)
        except discord.HTTPException as error:
            raise RefusalError("The message that you reply to is not there any more, or I may not read it.") from error

    def _pictures_of(self, message: discord.Message) -> list[Found]:
        """Raises: RefusalError, with what helps."""
        if found := pictures_in(message):
            return found
        mine = self._bot.user is not None and message.author.id == self._bot.user.id
        if message.guild is not None and not mine and not message.content:
            raise RefusalError(
                "I can't see what is in other people's messages that way. Right-click the message (on a phone: hold "
                "it), choose Apps, then Edit image."
            )
        raise RefusalError(
            "There is no picture in that message yet: reply again when it is there."
            if mine
            else "There is no picture in that message. Reply to one that has a picture, or use /edit."
        )

    async def _tell(self, message: discord.Message, error: Exception) -> None:
        text = sentence(error)
        if text is None:
            log.error("message %d could not be worked on", message.id, exc_info=error)
            text = f"Something went wrong inside the bot. Whoever runs it finds it in the log under `{message.id}`."
        try:
            await message.reply(text[:1900], mention_author=False, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as failed:
            log.info("message %d could not be answered: %s", message.id, failed)

    # --- a message's menu -------------------------------------------------------------------------------------------

    async def edit_image(self, interaction: discord.Interaction, message: discord.Message) -> None:
        pictures = pictures_in(message)
        if not pictures:
            raise RefusalError("There is no picture in that message. Choose one that has a picture, or use /edit.")
        submitted = partial(self._filled_in, pictures, message.jump_url)
        await interaction.response.send_modal(EditModal(submitted, pictures=len(pictures)))

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

    @app_commands.command(description="Change one picture or several by words")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.choices(model=_EDITORS)
    @app_commands.describe(
        prompt="What to change",
        image="The picture to change",
        link="Instead: the link of a message that has the picture",
        model="Which SeeDream model changes it",
        size="A preset such as 2K, or width x height; the picture's own shape otherwise",
        ratio="Another shape, such as 16:9",
        private="Only you see the result",
        **{f"image{number}": "A further reference" for number in range(2, 11)},
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
        private: bool = False,
    ) -> None:
        given = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        linked = await self._linked(interaction, link) if link else None
        await self._take(
            interaction,
            prompt,
            pictures_in(linked)[:1] if linked else [],
            files=[one for one in given if one],
            model=model,
            size=size,
            ratio=ratio,
            private=private,
            link=linked.jump_url if linked else None,
        )
        await self._desk.remember(interaction.user.id, model=model, size=size, ratio=ratio)

    @app_commands.command(description="Make one picture out of several")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.choices(model=_EDITORS)
    @app_commands.describe(
        image="The first picture",
        prompt="How to bring them together",
        model="Which SeeDream model blends them",
        size="A preset such as 2K, or width x height; the first picture's shape otherwise",
        ratio="Another shape, such as 16:9",
        private="Only you see the result",
        **{f"image{number}": "A further picture" for number in range(2, 11)},
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
        private: bool = False,
    ) -> None:
        given = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        files = [one for one in given if one]
        await self._take(interaction, prompt, [], files=files, model=model, size=size, ratio=ratio, private=private)
        await self._desk.remember(interaction.user.id, model=model, size=size, ratio=ratio)

    async def _take(
        self,
        interaction: discord.Interaction,
        words: str,
        pictures: Sequence[Found],
        *,
        link: str | None = None,
        private: bool = False,
        **options: Any,
    ) -> None:
        wish = await edited(self._desk, interaction.user.id, words, pictures, **options)
        parent = Parent(verb=Verb.EDIT, link=link) if link else None
        await self._desk.accept(
            interaction, wish.request, private=private, parent=parent, sources=wish.sources, note=wish.note
        )

    async def _linked(self, interaction: discord.Interaction, link: str) -> discord.Message:
        """The message behind a link that the member may read themselves. Raises: RefusalError."""
        match = _LINK.fullmatch(link)
        if match is None:
            raise RefusalError(
                f"link: “{discord.utils.escape_markdown(link[:80])}” is no message link. "
                "Copy one from a message's menu: Copy Message Link."
            )
        channel = self._readable(interaction, match["guild"], int(match["channel"]))
        try:
            message = await channel.fetch_message(int(match["message"]))
        except discord.HTTPException as error:
            raise RefusalError("link: that message is not there any more, or I may not read that channel.") from error
        self._pictures_of(message)
        return message

    def _readable(self, interaction: discord.Interaction, guild: str, channel_id: int) -> discord.abc.Messageable:
        """Nobody reaches through the bot what they can't see themselves. Raises: RefusalError."""
        if channel_id == interaction.channel_id:
            return self._bot.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
        here = interaction.guild_id is not None and guild == str(interaction.guild_id)
        channel = interaction.guild.get_channel_or_thread(channel_id) if here and interaction.guild else None
        if not isinstance(channel, discord.abc.Messageable) or not isinstance(interaction.user, discord.Member):
            raise RefusalError("link: I take links to messages of this server and of this conversation only.")
        may = channel.permissions_for(interaction.user)
        if not (may.view_channel and may.read_message_history):
            raise RefusalError("link: you can't read that channel, so I don't take pictures out of it for you.")
        return channel
