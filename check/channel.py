"""The live test of a Discord channel: posts, edits, reads and deletes a message, with REST calls only."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord
from PIL import Image

from check.results import CheckResult, CheckStatus, counted
from cogs.delivery.posted_files import as_attachment, files_in, find_file
from seedream.proxies import ProxiedConnector, Proxies
from seedream.troubles import describe, outside_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from cogs.delivery.posted_files import PostedFile

PERMISSIONS = "The bot has its permissions in the channel"
POSTED = "A message with a gallery and a file is posted"
SHOWN = "A message says the id and name of each file that it shows"
EDITED = "An edit keeps a file by its id and name, and adds another"
READ = "A message is read back as it was edited"
DELETED = "A message is deleted"
ALL = (PERMISSIONS, POSTED, SHOWN, EDITED, READ, DELETED)

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_MISSING_ACCESS, _MISSING_PERMISSIONS, _UNKNOWN_CHANNEL = 50001, 50013, 10003
_REMEDY = "Grant it to the bot or one of its roles in the channel's settings, Permissions"
_FIRST, _SECOND = "first.png", "second.png"
_QUIET = discord.AllowedMentions.none()
_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError)


async def check_channel(token: str, channel_id: int, proxies: Proxies | None = None) -> list[CheckResult]:
    """Return a result for each of `ALL`. The message is deleted in any case."""
    results: list[CheckResult] = []
    failure = ""
    try:
        connector = ProxiedConnector(proxies or Proxies(), limit=0)
        async with discord.Client(intents=discord.Intents(guilds=True), connector=connector) as client:
            await client.login(token)
            results.append(await _permissions(client, channel_id))
            if results[0].status is not CheckStatus.FAILED:
                await _message(client, channel_id, results)
    except _ERRORS as error:
        failure = _error_text(error)
    return list(_all(results, failure))


def _all(results: list[CheckResult], failure: str) -> Iterator[CheckResult]:
    """Yield a result for each of `ALL`, in order. A failure is reported for the first check that was not reached."""
    done = {row.name: row for row in results}
    for name in ALL:
        if name in done:
            yield done[name]
        else:
            yield (CheckResult.failed(name, failure) if failure else CheckResult.untried(name, "not tried"))
            failure = ""


async def _permissions(client: discord.Client, channel_id: int) -> CheckResult:
    """Check the bot's permissions in the channel."""
    try:
        channel = await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound) as error:
        return CheckResult.failed(PERMISSIONS, _error_text(error))
    if not isinstance(
        channel, discord.abc.GuildChannel
    ):  # a thread's permissions are those of a channel not known here
        return CheckResult.untried(PERMISSIONS, "not a server's channel: see the next results")
    guild = await client.fetch_guild(channel.guild.id)
    there = await guild.fetch_channel(channel_id)
    member = await guild.fetch_member(client.user.id if client.user else 0)
    held = there.permissions_for(member)
    missing = [label for name, label in _NEEDED.items() if not getattr(held, name)]
    if missing:
        return CheckResult.failed(PERMISSIONS, f"the bot lacks {', '.join(missing)} there. {_REMEDY}")
    return CheckResult.ok(PERMISSIONS, ", ".join(_NEEDED.values()))


async def _message(client: discord.Client, channel_id: int, results: list[CheckResult]) -> None:
    channel = client.get_partial_messageable(channel_id)
    async with _posted(channel, results) as message:
        first = find_file(files_in(message), _FIRST)
        results.append(_shown(first, message))
        stays = as_attachment(first, client) if first else _file(_FIRST)
        view, attachments = _view(_FIRST, _SECOND), [stays, _file(_SECOND)]
        edited = await message.edit(view=view, attachments=attachments, allowed_mentions=_QUIET)
        results.append(_kept(first, files_in(edited)))
        results.append(_same(files_in(edited), files_in(await channel.fetch_message(message.id))))


@asynccontextmanager
async def _posted(channel: discord.PartialMessageable, results: list[CheckResult]) -> AsyncIterator[discord.Message]:
    """Post a message, and delete it when the context ends, whatever happens."""
    view, files = _view(_FIRST), [_file(_FIRST)]
    message = await channel.send(view=view, files=files, allowed_mentions=_QUIET, silent=True)
    try:
        results.append(CheckResult.ok(POSTED, "done"))
        yield message
    finally:
        results.append(await _deleted(message))


async def _deleted(message: discord.Message) -> CheckResult:
    try:
        await message.delete()
    except _ERRORS as error:
        return CheckResult.failed(DELETED, f"{_error_text(error)}. Delete it by hand")
    return CheckResult.ok(DELETED, "done")


def _shown(first: PostedFile | None, message: discord.Message) -> CheckResult:
    listed = counted(len(message.attachments), "file")
    if first is None:
        return CheckResult.note(SHOWN, f"it doesn't, and lists {listed}: every edit has to upload all files again")
    return CheckResult.ok(SHOWN, f"{first.name}; as attachments it lists {listed}")


def _kept(before: PostedFile | None, files: Mapping[str, PostedFile]) -> CheckResult:
    names = ", ".join(file.name for file in files.values()) or "none"
    first = find_file(files, _FIRST)
    if before and (first is None or first.id != before.id):
        return CheckResult.failed(EDITED, f"its files are now {names}, and the first is a different one")
    if find_file(files, _SECOND) is None:
        return CheckResult.failed(EDITED, f"its files are {names}")
    return CheckResult.ok(EDITED, f"its files are {names}")


def _same(edited: Mapping[str, PostedFile], read: Mapping[str, PostedFile]) -> CheckResult:
    state = (
        CheckStatus.OK
        if {file.id for file in read.values()} == {file.id for file in edited.values()}
        else CheckStatus.FAILED
    )
    return CheckResult(READ, state, f"it shows {counted(len(read), 'file')}")


def _view(*names: str) -> discord.ui.LayoutView:
    items = (discord.MediaGalleryItem(f"attachment://{name}", description="a test") for name in names)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("A test of the bot. It will be deleted at once."))
    view.add_item(discord.ui.MediaGallery(*items))
    return view


def _file(name: str) -> discord.File:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(content, "PNG")
    content.seek(0)
    return discord.File(content, filename=name)


def _error_text(error: Exception) -> str:
    """Return what Discord's error means, with the missing permission."""
    if not isinstance(error, discord.HTTPException):
        return f"Discord can't be reached: {describe(error)}"
    match error.code:
        case code if code == _MISSING_ACCESS:
            return f"the bot lacks View Channel there, or is not in that server. {_REMEDY}"
        case code if code == _MISSING_PERMISSIONS:
            return f"the bot lacks Send Messages or Attach Files there. {_REMEDY}"
        case code if code == _UNKNOWN_CHANNEL:
            return (
                "there is no such channel. Copy its id again: turn on Developer Mode, then Copy Channel ID in its menu"
            )
        case _:
            return f"Discord refused it: {error.status} {error.code} {outside_text(error.text)}"
