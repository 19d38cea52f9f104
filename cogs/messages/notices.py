"""Posts short answers to messages. They are limited in number and soon deleted again.

Discord accepts five messages in five seconds in a channel; three answers leave two for results.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.delivery.transports import QUIET, reply_nonce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from discord import ui

log = logging.getLogger(__name__)

MEMBER_SECONDS = 60.0  # a member gets the same refusal once in this time, and MEMBER_MOST of them
MEMBER_MOST = 3
CHANNEL_SECONDS = 5.0  # a channel gets CHANNEL_MOST answers in this time
CHANNEL_MOST = 3
REFUSAL_SECONDS = 30.0  # after which a refusal is deleted
MOST_REMEMBERED = 10_000  # members, and channels
MOST_SHOWN = 500  # that will be deleted; the oldest then stay
_LONGEST = 1900  # characters, of a message's 2,000
_CLOSING_SECONDS = 3.0
_SEEN = "👀"
_FAILED = (discord.HTTPException, aiohttp.ClientError, OSError)


class Once:
    """Allows something once in `seconds` for each key; it remembers MOST_REMEMBERED keys."""

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


class Refusals:
    """Allows a key MEMBER_MOST different texts in MEMBER_SECONDS; it remembers MOST_REMEMBERED keys."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: OrderedDict[object, list[tuple[float, str]]] = OrderedDict()

    def due(self, key: object, text: str) -> bool:
        now = self._clock()
        recent = [(at, said) for at, said in self._last.get(key, ()) if now - at < MEMBER_SECONDS]
        if len(recent) >= MEMBER_MOST or any(said == text for _, said in recent):
            return False
        self._last[key] = [*recent, (now, text)]
        self._last.move_to_end(key)
        if len(self._last) > MOST_REMEMBERED:
            self._last.popitem(last=False)
        return True


class Allowance:
    """Decides how a message can be answered: in words, with a reaction, or not at all. Pure except for the clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._members = Refusals(clock)
        self._channels: OrderedDict[int, deque[float]] = OrderedDict()
        self._reactions = Once(clock, 1.0)

    def takes_words(self, member_id: int, channel_id: int, *, refusal: str | None = "") -> bool:
        """Return whether a notice can be posted, and count it. `refusal`: its text; these are limited for members."""
        now = self._clock()
        recent = self._channels.setdefault(channel_id, deque(maxlen=CHANNEL_MOST))
        self._channels.move_to_end(channel_id)
        if len(self._channels) > MOST_REMEMBERED:
            self._channels.popitem(last=False)
        if len(recent) == CHANNEL_MOST and now - recent[0] < CHANNEL_SECONDS:
            return False
        if refusal is not None and not self._members.due((member_id, channel_id), refusal):
            return False
        recent.append(now)
        return True

    def seconds_until_room(self, channel_id: int) -> float:
        """Return how long it is until the channel takes words again; 0 if it does now."""
        recent = self._channels.get(channel_id, deque[float]())
        return max(0.0, recent[0] + CHANNEL_SECONDS - self._clock()) if len(recent) == CHANNEL_MOST else 0.0

    def takes_reaction(self, channel_id: int) -> bool:
        return self._reactions.due(channel_id)


class Notices:
    """Posts notices and deletes them again, the last ones when the bot stops.

    A message can't be answered privately, so a notice is a short reply. A member gets the same refusal once a minute,
    and few others; then only a reaction.
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
        """Reply to a message and delete the reply after `seconds`, None for never. With a `text` it is a refusal.

        Never raises: what fails is logged.
        """
        refusal = text if message.guild is not None else None  # direct messages aren't limited
        if not await self._may_speak(message, refusal):
            await self._react(message)
            return
        options: dict[str, Any] = {"view": view} if view else {}
        options |= {"content": text[:_LONGEST]} if text else {}
        try:
            nonce = reply_nonce(message.id, "notice")
            notice = await message.reply(mention_author=False, allowed_mentions=QUIET, nonce=nonce, **options)
        except _FAILED as error:
            log.debug("message %d could not be answered: %s", message.id, error)
            if text is not None:
                await self._write_to_author(message, text)
        else:
            if seconds is not None and (
                message.guild is not None or view is not None
            ):  # a refusal in a direct message stays
                self._remove_later(notice, seconds)

    async def close(self) -> None:
        """Delete the notices that are still there."""
        self._closing.set()
        if self._removals:
            await asyncio.wait(self._removals.values(), timeout=_CLOSING_SECONDS)

    @contextmanager
    def held(self, notice: discord.Message | None, seconds: float) -> Iterator[None]:
        """Don't delete a notice, because it becomes a result; if that is refused, delete it `seconds` later."""
        removal = self._removals.pop(notice.id, None) if notice else None
        if removal:
            removal.cancel()
        try:
            yield
        except BaseException:
            if removal and notice:
                self._remove_later(notice, seconds)
            raise

    async def _may_speak(self, message: discord.Message, refusal: str | None) -> bool:
        """Whether a notice may be posted, if need be once the channel has room again."""
        member_id, channel_id = message.author.id, message.channel.id
        if self._allowance.takes_words(member_id, channel_id, refusal=refusal):
            return True
        if not (seconds := self._allowance.seconds_until_room(channel_id)):
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return not self._closing.is_set() and self._allowance.takes_words(member_id, channel_id, refusal=refusal)

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
            log.debug("member %d could not be written to: %s", message.author.id, error)

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
        log.debug("notice %d could not be taken away: %s", notice.id, error)
