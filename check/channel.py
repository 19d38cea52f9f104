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
from cogs.delivery.posted_files import files_in, kept, named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from cogs.delivery.posted_files import PostedFile

PERMISSIONS = "The bot has its permissions in the channel"
POSTED = "A message with a gallery and a file is posted"
SHOWN = "A message says the id and name of each file that it shows"
EDITED = "An edit keeps a file by its id and name, and adds another"
READ = "A message is read again as it was left"
DELETED = "A message is deleted"
ALL = (PERMISSIONS, POSTED, SHOWN, EDITED, READ, DELETED)

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_MISSING_ACCESS, _MISSING_PERMISSIONS, _UNKNOWN_CHANNEL = 50001, 50013, 10003
_HOW = "Give it in the channel's settings, Permissions, to the bot or one of its roles"
_FIRST, _SECOND = "first.png", "second.png"
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
                await _message(client, channel_id, rows)
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


async def _message(client: discord.Client, channel_id: int, rows: list[Row]) -> None:
    channel = client.get_partial_messageable(channel_id)
    async with _posted(channel, rows) as message:
        first = named(files_in(message), _FIRST)
        rows.append(_told(first, message))
        stays = kept(first, client) if first else _file(_FIRST)
        view, attachments = _view(_FIRST, _SECOND), [stays, _file(_SECOND)]
        edited = await message.edit(view=view, attachments=attachments, allowed_mentions=_QUIET)
        rows.append(_kept(first, files_in(edited)))
        rows.append(_same(files_in(edited), files_in(await channel.fetch_message(message.id))))


@asynccontextmanager
async def _posted(channel: discord.PartialMessageable, rows: list[Row]) -> AsyncIterator[discord.Message]:
    """A message of the check's own, for as long as the context lasts, however that ends."""
    view, files = _view(_FIRST), [_file(_FIRST)]
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


def _told(first: PostedFile | None, message: discord.Message) -> Row:
    listed = counted(len(message.attachments), "file")
    if first is None:
        return Row(SHOWN, State.NOTE, f"it doesn't, and lists {listed}: every edit uploads all files again")
    return Row(SHOWN, State.OK, f"{first.name}; as attachments it lists {listed}")


def _kept(before: PostedFile | None, files: Mapping[str, PostedFile]) -> Row:
    names = ", ".join(one.name for one in files.values()) or "none"
    first = named(files, _FIRST)
    if before and (first is None or first.id != before.id):
        return Row(EDITED, State.FAILED, f"its files are {names} now, and the first is another")
    if named(files, _SECOND) is None:
        return Row(EDITED, State.FAILED, f"its files are {names}")
    return Row(EDITED, State.OK, f"its files are {names}")


def _same(edited: Mapping[str, PostedFile], read: Mapping[str, PostedFile]) -> Row:
    state = State.OK if {one.id for one in read.values()} == {one.id for one in edited.values()} else State.FAILED
    return Row(READ, state, f"it shows {counted(len(read), 'file')}")


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
