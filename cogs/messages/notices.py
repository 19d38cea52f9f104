"""Short answers to messages, which nobody else wants to read: few, soon gone, and never in the way of a result."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.delivery.transports import QUIET, reply_nonce

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord import ui

log = logging.getLogger(__name__)

MEMBER_SECONDS = 60.0  # in which a member gets one refusal
CHANNEL_SECONDS = 5.0  # in which a channel gets CHANNEL_MOST: Discord takes five messages there meanwhile
CHANNEL_MOST = 3
REFUSAL_SECONDS = 30.0  # after which a refusal is taken away
MOST_REMEMBERED = 10_000  # members, and channels
MOST_SHOWN = 500  # at once; the oldest is then left to stand
_LONGEST = 1900  # characters, of a message's 2,000
_CLOSING_SECONDS = 3.0
_SEEN = "👀"
_FAILED = (discord.HTTPException, aiohttp.ClientError, OSError)


class Once:
    """Whether something is due again for a key: once in so many seconds. It remembers a bounded number of keys."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._last: OrderedDict[object, float] = OrderedDict()

    def due(self, key: object) -> bool:
        now = self._clock()
        if now - self._last.get(key, -self._seconds) < self._seconds:
            return False
        self._last[key] = now
        self._last.move_to_end(key)
        if len(self._last) > MOST_REMEMBERED:
            self._last.popitem(last=False)
        return True


class Allowance:
    """How a message may be answered: in words, by a reaction, or not at all. Pure, but for the clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._members = Once(clock, MEMBER_SECONDS)
        self._channels: OrderedDict[int, deque[float]] = OrderedDict()
        self._reactions = Once(clock, 1.0)

    def takes_words(self, member_id: int, channel_id: int, *, refusal: bool = True) -> bool:
        """Whether a notice may be posted; if so, it is counted. What is no refusal is limited by the channel alone."""
        now = self._clock()
        recent = self._channels.setdefault(channel_id, deque(maxlen=CHANNEL_MOST))
        self._channels.move_to_end(channel_id)
        if len(self._channels) > MOST_REMEMBERED:
            self._channels.popitem(last=False)
        if len(recent) == CHANNEL_MOST and now - recent[0] < CHANNEL_SECONDS:
            return False
        if refusal and not self._members.due((member_id, channel_id)):
            return False
        recent.append(now)
        return True

    def takes_reaction(self, channel_id: int) -> bool:
        return self._reactions.due(channel_id)


class Notices:
    """Posts them and takes them away again; those that still stand when the bot stops go with it.

    A message can't be answered to its author alone, so a notice is a short reply. The second refusal to a member within
    a minute is a reaction at most.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._allowance = Allowance(clock)
        self._removals: OrderedDict[int, asyncio.Task[None]] = OrderedDict()
        self._closing = asyncio.Event()

    async def say(
        self,
        message: discord.Message,
        text: str | None,
        *,
        view: ui.View | ui.LayoutView | None = None,
        seconds: float | None = REFUSAL_SECONDS,
    ) -> None:
        """Reply to a message, for so many `seconds` (None: for good); without a `view` it is a refusal.

        It never raises: what can't be said is logged.
        """
        refusal = view is None and message.guild is not None  # a direct message floods nobody else
        if not self._allowance.takes_words(message.author.id, message.channel.id, refusal=refusal):
            await self._react(message)
            return
        options: dict[str, Any] = {"view": view} if view else {}
        options |= {"content": text[:_LONGEST]} if text else {}
        try:
            nonce = reply_nonce(message.id, "notice")
            notice = await message.reply(mention_author=False, allowed_mentions=QUIET, nonce=nonce, **options)
        except _FAILED as error:
            log.info("message %d could not be answered: %s", message.id, error)
            if text is not None and view is None:
                await self._write_to_author(message, text)
        else:
            if seconds is not None and (message.guild is not None or view is not None):  # a DM is nobody else's
                self._remove_later(notice, seconds)

    async def close(self) -> None:
        """Take away what still stands."""
        self._closing.set()
        if self._removals:
            await asyncio.wait(self._removals.values(), timeout=_CLOSING_SECONDS)

    def keep(self, message_id: int) -> None:
        """Leave a notice where it is: it has become something else."""
        if task := self._removals.pop(message_id, None):
            task.cancel()

    async def _react(self, message: discord.Message) -> None:
        if not self._allowance.takes_reaction(message.channel.id):
            return
        try:
            await message.add_reaction(_SEEN)
        except _FAILED as error:
            log.debug("message %d gets no reaction: %s", message.id, error)

    async def _write_to_author(self, message: discord.Message, text: str) -> None:
        if message.guild is None:
            return
        try:
            await message.author.send(text[:_LONGEST])
        except _FAILED as error:
            log.info("member %d could not be written to: %s", message.author.id, error)

    def _remove_later(self, notice: discord.Message, seconds: float) -> None:
        if len(self._removals) >= MOST_SHOWN:
            self._removals.popitem(last=False)[1].cancel()
        self._removals[notice.id] = asyncio.create_task(self._remove(notice, seconds), name=f"notice-{notice.id}")

    async def _remove(self, notice: discord.Message, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            pass
        await _delete(notice)
        self._removals.pop(notice.id, None)


async def _delete(notice: discord.Message) -> None:
    try:
        await notice.delete()
    except discord.NotFound:
        pass
    except _FAILED as error:
        log.info("notice %d could not be taken away: %s", notice.id, error)
