"""The live test of a Discord channel: a message is posted, changed, read again and deleted, by REST alone."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord
from PIL import Image

from check.network import explained
from check.rows import Row, State, counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PERMISSIONS = "The bot has its permissions in the channel"
POSTED = "A message with a gallery and a file is posted"
ATTACHED = "A message lists the files of its gallery as attachments"
EDITED = "An edit keeps a file by its id and adds another"
READ = "A message is read again as it was left"
DELETED = "A message is deleted"
ALL = (PERMISSIONS, POSTED, ATTACHED, EDITED, READ, DELETED)

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_MISSING_ACCESS, _MISSING_PERMISSIONS, _UNKNOWN_CHANNEL = 50001, 50013, 10003
_HOW = "Give it in the channel's settings, Permissions, to the bot or one of its roles"
_QUIET = discord.AllowedMentions.none()
_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError)


async def check_channel(token: str, channel_id: int) -> list[Row]:
    """A row for everything that the bot relies on there. Whatever was posted is deleted."""
    rows: list[Row] = []
    failure = ""
    try:
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
            await client.login(token)
            rows.append(await _permissions(client, channel_id))
            if rows[0].state is not State.FAILED:
                await _message(client.get_partial_messageable(channel_id), rows)
    except _ERRORS as error:
        failure = _words(error)
    return list(_all(rows, failure))


def _all(rows: list[Row], failure: str) -> Iterator[Row]:
    """A row for everything, in order: the first that was not come to has failed, if anything has."""
    done = {row.name: row for row in rows}
    for name in ALL:
        if name in done:
            yield done[name]
        else:
            yield Row(name, State.FAILED, failure) if failure else Row(name, State.UNTRIED, "not tried")
            failure = ""


async def _permissions(client: discord.Client, channel_id: int) -> Row:
    """What is missing there, by name."""
    try:
        channel = await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound) as error:
        return Row(PERMISSIONS, State.FAILED, _words(error))
    if not isinstance(
        channel, discord.abc.GuildChannel
    ):  # a thread's permissions are those of a channel not known here
        return Row(PERMISSIONS, State.UNTRIED, "not a server's channel: the next rows will tell")
    guild = await client.fetch_guild(channel.guild.id)
    there = await guild.fetch_channel(channel_id)
    member = await guild.fetch_member(client.user.id if client.user else 0)
    held = there.permissions_for(member)
    missing = [label for name, label in _NEEDED.items() if not getattr(held, name)]
    if missing:
        return Row(PERMISSIONS, State.FAILED, f"the bot lacks {', '.join(missing)} there. {_HOW}")
    return Row(PERMISSIONS, State.OK, ", ".join(_NEEDED.values()))


async def _message(channel: discord.PartialMessageable, rows: list[Row]) -> None:
    async with _posted(channel, rows) as message:
        first = message.attachments[:1]
        state = State.OK if first else State.NOTE
        detail = counted(len(message.attachments), "file") + ("" if first else ": every edit uploads all files again")
        rows.append(Row(ATTACHED, state, detail))
        added = [_file("second.png")] if first else [_file("first.png"), _file("second.png")]
        edited = await message.edit(
            view=_view("first.png", "second.png"), attachments=[*first, *added], allowed_mentions=_QUIET
        )
        rows.append(_kept(first, edited))
        rows.append(_same(edited, await channel.fetch_message(message.id)))


@asynccontextmanager
async def _posted(channel: discord.PartialMessageable, rows: list[Row]) -> AsyncIterator[discord.Message]:
    """A message of the check's own, for as long as the context lasts, however that ends."""
    view, files = _view("first.png"), [_file("first.png")]
    message = await channel.send(view=view, files=files, allowed_mentions=_QUIET, silent=True)
    try:
        rows.append(Row(POSTED, State.OK, "it is there"))
        yield message
    finally:
        rows.append(await _deleted(message))


async def _deleted(message: discord.Message) -> Row:
    try:
        await message.delete()
    except _ERRORS as error:
        return Row(DELETED, State.FAILED, f"{_words(error)}. Delete it by hand")
    return Row(DELETED, State.OK, "it is gone")


def _kept(before: list[discord.Attachment], message: discord.Message) -> Row:
    names = [one.filename for one in message.attachments]
    if before and [one.id for one in message.attachments[:1]] != [before[0].id]:
        return Row(EDITED, State.FAILED, f"its files are {', '.join(names) or 'none'} now, and the first is another")
    if len(_shown(message)) != 2:  # noqa: PLR2004 - the one that was kept, and the one that was added
        return Row(EDITED, State.FAILED, f"its gallery shows {counted(len(_shown(message)), 'picture')}")
    return Row(EDITED, State.OK, f"its files are {', '.join(names) or 'not listed'}")


def _same(edited: discord.Message, read: discord.Message) -> Row:
    if [one.id for one in read.attachments] == [one.id for one in edited.attachments] and len(_shown(read)) == len(
        _shown(edited)
    ):
        return Row(READ, State.OK, f"{counted(len(_shown(read)), 'picture')} in its gallery")
    return Row(READ, State.FAILED, f"its gallery shows {counted(len(_shown(read)), 'picture')} now")


def _shown(message: discord.Message) -> list[discord.MediaGalleryItem]:
    galleries = [one for one in message.components if isinstance(one, discord.MediaGalleryComponent)]
    return [item for gallery in galleries for item in gallery.items]


def _view(*names: str) -> discord.ui.LayoutView:
    items = (discord.MediaGalleryItem(f"attachment://{name}", description="a test") for name in names)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("A test of the bot; it is deleted at once."))
    view.add_item(discord.ui.MediaGallery(*items))
    return view


def _file(name: str) -> discord.File:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(content, "PNG")
    content.seek(0)
    return discord.File(content, filename=name)


def _words(error: Exception) -> str:
    """Discord's refusal, with the permission that is missing."""
    if not isinstance(error, discord.HTTPException):
        return f"Discord can't be reached: {explained(error)}"
    match error.code:
        case code if code == _MISSING_ACCESS:
            return f"the bot lacks View Channel there, or is not in that server. {_HOW}"
        case code if code == _MISSING_PERMISSIONS:
            return f"the bot lacks Send Messages or Attach Files there. {_HOW}"
        case code if code == _UNKNOWN_CHANNEL:
            return "there is no such channel. Copy its id anew: Developer Mode on, then Copy Channel ID in its menu"
        case _:
            return f"Discord refuses it: {error.status} {error.code} {error.text}"
