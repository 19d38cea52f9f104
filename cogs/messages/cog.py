"""Handles requests by message: replies to pictures, mentions of the bot, and direct messages.

    address_of -> MessageReader -> parse_reply -> intent_of -> decide

Only an instruction runs at once. For anything else the bot may ask, and several ideas are previewed, with buttons whose
custom ids have the message's id: a press fetches and reads the message again, so nothing is kept and it works after a
restart.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from cogs.delivery.channels import PATIENCE_SECONDS
from cogs.delivery.discord_errors import is_expected
from cogs.delivery.message_images import source_of
from cogs.i18n.translate import _
from cogs.messages.addressing import is_from_member, is_hidden, own_role
from cogs.messages.decision import Decision, decide
from cogs.messages.intent import Intent, intent_of
from cogs.messages.notices import REFUSAL_SECONDS, Notices, Once
from cogs.messages.question import PATTERN, question
from cogs.messages.reply_parser import chosen, parse_reply, which_note
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.errors import fault_sentence, origin_fields, sentence
from cogs.requests.preparation import draft_edit, draft_generation
from cogs.requests.typed_options import parse_options
from cogs.texts.refusal import RefusalError
from seedream.errors import InvalidRequest
from studio.guilds.settings import Replies
from studio.jobs.errors import UndeliverableError
from studio.jobs.ideas import has_ideas
from studio.jobs.job import Parent, Verb
from studio.jobs.options import GenerationOptions

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    from cogs.client.bot import StudioBot
    from cogs.ideas.cog import Ideas
    from cogs.messages.addressing import Address
    from cogs.messages.reader import MessageReader, ReadMessage
    from cogs.messages.reply_parser import ParsedReply
    from cogs.requests.drafts import Draft
    from cogs.requests.submission import Requester, RequestSubmitter

log = logging.getLogger(__name__)

HINT_SECONDS = 3600.0  # between equal hints in a channel
QUESTION_SECONDS = 60.0
PREVIEW_SECONDS = 600.0  # there is more to read
_FAILED = (discord.HTTPException, aiohttp.ClientError, OSError)  # a TimeoutError is an OSError


class Messages(commands.Cog):
    """`help_card`: renders the help for everybody who reads the channel of a message."""

    def __init__(
        self,
        bot: StudioBot,
        submitter: RequestSubmitter,
        reader: MessageReader,
        help_card: Callable[[discord.Message], Awaitable[ui.LayoutView]],
        ideas: Ideas,
    ) -> None:
        self._ideas = ideas
        self._bot = bot
        self._submitter = submitter
        self._reader = reader
        self._help_card = help_card
        self._notices = Notices(time.monotonic)
        self._hints = Once(time.monotonic, HINT_SECONDS)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(PATTERN, self.use_words))

    async def cog_unload(self) -> None:
        await self._notices.close()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        if self._bot.user is None or not is_from_member(message):
            return
        address = await self._reader.address(message)
        if not address.concerns_bot:
            return
        await self._bot.translator.set_locale_from_message(message)
        try:
            await self._answer(message, address)
        except Exception as error:  # noqa: BLE001 - the member reads a sentence, and our own errors are logged
            await self._refuse(message, error)

    async def _answer(self, message: discord.Message, address: Address) -> None:
        requester = await self._submitter.author(message)
        replies = requester.settings.replies
        if is_hidden(message):
            if replies is not Replies.OFF:
                await self._hint(message, _hidden_content_hint())
            return
        read = await self._reader.read(message, address)
        words = self._words_of(message, read)
        match self._decision(read, words, replies):
            case Decision.RUN:
                await self._run(message, requester, read, words)
            case Decision.ASK if has_ideas(words.text):  # their preview asks, too
                await self._run(message, requester, read, words)
            case Decision.ASK:
                await self._notices.say(message, None, view=question(message, read.pictures), seconds=QUESTION_SECONDS)
            case Decision.SAY_HOW:
                await self._notices.say(message, _("Say what to change, such as “make it night”."))
            case Decision.HELP:
                await self._help(message)
            case Decision.SAY_OFF:
                await self._hint(message, _("Editing by reply is off in this server. Use /edit or the Edit button."))

    def _words_of(self, message: discord.Message, read: ReadMessage) -> ParsedReply:
        assert self._bot.user is not None  # noqa: S101 - messages come to a bot that is logged in
        role_id = own_role(message, self._bot.user)
        return parse_reply(read.text, numbers=read.pictures.all, bot_id=self._bot.user.id, role_id=role_id)

    def _decision(self, read: ReadMessage, words: ParsedReply, replies: Replies) -> Decision:
        points = bool(words.numbers or words.every or read.files)
        return decide(read.address, _intent(words), pictures=bool(read.pictures), points=points, replies=replies)

    async def _run(self, message: discord.Message, requester: Requester, read: ReadMessage, words: ParsedReply) -> None:
        """Make a picture at once, or reply with a preview of several ideas."""
        draft = await self._draft(message, requester, read, words)
        if preview := await self._ideas.answer(message, requester, draft):
            await self._notices.say(message, None, view=preview, seconds=PREVIEW_SECONDS)

    async def _draft(
        self, message: discord.Message, requester: Requester, read: ReadMessage, words: ParsedReply
    ) -> Draft:
        """Draft an edit of the message's pictures, or a picture from its words alone. Raises: RefusalError."""
        options = GenerationOptions(prompt=words.text)
        if read.pictures:
            draft = draft_edit(
                requester.defaults,
                options,
                chosen(read.pictures.here if words.every else read.pictures.all, words),
                files=await self._submitter.images.attached(read.files, source_of(message)),
                note=which_note(read.pictures.all, words),
            )
            return draft.made_from(Parent(verb=Verb.EDIT, link=read.source.jump_url))
        if read.replied:
            raise self._reader.without_picture(read.replied, read.pictures, await self._reader.job_of(read.replied))
        return draft_generation(requester.defaults, options)

    # --- the buttons of a question and of a preview -------------------------------------------------------------------

    async def use_words(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        """Run a message for the member who wrote it; the result replaces the question, or the preview of its ideas."""
        with self._submitter.presses.once(interaction):
            message = await self._written(interaction, int(custom_id["message"]))
            if message.author.id != interaction.user.id:
                raise RefusalError(_("Only the person who wrote that message can use this button."))
            read = await self._reader.read(message, await self._reader.address(message))
            requester = await self._submitter.requester(interaction)
            draft = await self._draft(message, requester, read, self._words_of(message, read))
            cost = int(custom_id["cost"]) if custom_id["cost"] else None
            written = custom_id["choice"] == "written"
            with self._notices.held(interaction.message, PREVIEW_SECONDS if custom_id["choice"] else QUESTION_SECONDS):
                await self._ideas.make_answered(interaction, requester, draft, cost, written=written)

    async def _written(self, interaction: discord.Interaction, message_id: int) -> discord.Message:
        assert interaction.channel_id is not None  # noqa: S101 - a button is pressed in a channel
        channel = self._bot.get_partial_messageable(interaction.channel_id, guild_id=interaction.guild_id)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                message = await channel.fetch_message(message_id)
        except discord.NotFound as error:
            raise RefusalError(_("Your message was deleted. Write it again.")) from error
        except _FAILED as error:
            raise RefusalError(_("Discord is slow right now. Try again. Nothing was made or charged.")) from error
        if is_hidden(message):
            raise RefusalError(_hidden_content_hint())
        return message

    # --- short answers -----------------------------------------------------------------------------------------------

    async def _help(self, message: discord.Message) -> None:
        """Post the help card once an hour in a channel, otherwise one line."""
        if self._hints.due((message.channel.id, "help")):
            await self._notices.say(message, None, view=await self._help_card(message), seconds=None)
        else:
            await self._notices.say(
                message, _("Say what to make after my name, such as “a red fox in snow”, or use /help.")
            )

    async def _hint(self, message: discord.Message, text: str) -> None:
        """Explain how this channel works, once an hour."""
        if self._hints.due((message.channel.id, text)):
            await self._notices.say(message, text, seconds=QUESTION_SECONDS)

    async def _refuse(self, message: discord.Message, error: Exception) -> None:
        if isinstance(error, UndeliverableError):
            log.debug("message %d is not answered: %s", message.id, error)
            return
        if is_expected(error):
            log.info("message %d could not be answered: %s", message.id, error, extra=origin_fields(message))
        refusal = error if isinstance(error, RefusalError) else None
        text = (refusal and refusal.public) or sentence(error)
        if text is None:
            log.error("message %d failed", message.id, exc_info=error, extra=origin_fields(message))
            text = fault_sentence(message.id)
        view = refusal.view if refusal else None
        await self._notices.say(message, text, view=view, seconds=PREVIEW_SECONDS if view else REFUSAL_SECONDS)


def _intent(words: ParsedReply) -> Intent | None:
    """Return the intent of a reply; None without words. Invalid options are still an instruction, and refused later."""
    if not words.text:
        return None
    try:
        return intent_of(words, parse_options(words.text))
    except InvalidRequest:
        return Intent.INSTRUCTION


def _hidden_content_hint() -> str:
    # Translators: Apps is what Discord calls it in its own menu; {entry} is our entry in it.
    return _(
        "Discord doesn't show me the text of messages here. Mention me in your reply, or right-click the picture's "
        "message (on a phone: press and hold), choose Apps, then {entry}.",
        entry=_("Edit image"),
    )
