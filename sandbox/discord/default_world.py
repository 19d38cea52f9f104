"""Creates the initial world of the local Discord."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.discord.guild import MEBIBYTE, STICKER_FORMATS
from sandbox.discord.permissions import EVERYONE, PERMISSIONS
from sandbox.discord.world import World, snowflake

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.world import Json


# Permissions that the bot does not have in these channels.
DENIED_TO_BOT = {"no-files": ("ATTACH_FILES",), "backroom": ("VIEW_CHANNEL",)}


def default_world() -> World:
    """Create servers, channels and members for every case. With two shards, each serves one of the bot's servers."""
    world = World()
    second = float(int(time.time()) - 1)  # an even number of milliseconds
    ada, ben, cleo, dan = (world.add_user(name) for name in ("ada", "ben", "cleo", "dan"))
    studio = world.add_guild("Studio", ada, guild_id=snowflake(second))
    world.add_bot(studio, EVERYONE)
    admin = world.add_role(studio, "Admin", PERMISSIONS["ADMINISTRATOR"] | PERMISSIONS["MANAGE_GUILD"])
    patron = world.add_role(studio, "Patron")
    world.add_member(studio, ben)
    world.add_member(studio, cleo, patron)
    world.add_member(studio, dan, admin)
    for name, file_format in STICKER_FORMATS.items():
        world.add_sticker(studio, f"fox-{name}", file_format)
    world.add_emoji(studio, "fox")
    world.add_emoji(studio, "running_fox", animated=True)
    for name in ("general", "gallery"):
        world.add_channel(studio, name)
    world.add_channel(studio, "after-dark", nsfw=True)
    for name, denied in DENIED_TO_BOT.items():
        deny(world, world.add_channel(studio, name), *denied)
    workshop = world.add_guild("Workshop", ben, guild_id=snowflake(second + 0.0015))
    workshop.upload_limit = MEBIBYTE
    world.add_bot(workshop, EVERYONE)
    world.add_member(workshop, ada)
    world.add_channel(workshop, "small-files")
    elsewhere = world.add_guild("Elsewhere", cleo)  # without the bot: only user installs work here
    world.add_member(elsewhere, ada)
    world.add_channel(elsewhere, "lobby")
    for guild in world.guilds.values():
        use_first_channel_as_system_channel(guild)
    return world


def use_first_channel_as_system_channel(guild: Guild) -> None:
    """Set the system channel to that of a new server."""
    guild.data |= {"system_channel_id": next(iter(guild.channels), None), "system_channel_flags": 0}


def deny(world: World, channel: Json, *names: str, user_id: str | None = None) -> None:
    """Deny permissions in a channel to a user, by default the bot. Without names, remove earlier denials."""
    who = user_id or world.application_id
    channel["permission_overwrites"] = [
        overwrite for overwrite in channel["permission_overwrites"] if overwrite["id"] != who
    ]
    if names:
        taken = sum(PERMISSIONS[name] for name in names)
        channel["permission_overwrites"].append({"id": who, "type": 1, "allow": "0", "deny": str(taken)})
