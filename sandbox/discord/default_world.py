"""The world that the local Discord begins with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.discord.guild import MEBIBYTE, STICKER_FORMATS
from sandbox.discord.permissions import EVERYONE, PERMISSIONS
from sandbox.discord.world import World, snowflake

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.world import Json


def default_world() -> World:
    """Two servers with channels for every case, and members of every rank. Of two shards, each has one of them."""
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
    deny(world, world.add_channel(studio, "no-files"), "ATTACH_FILES")
    deny(world, world.add_channel(studio, "backroom"), "VIEW_CHANNEL")
    workshop = world.add_guild("Workshop", ben, guild_id=snowflake(second + 0.0015))
    workshop.upload_limit = MEBIBYTE
    world.add_bot(workshop, EVERYONE)
    world.add_member(workshop, ada)
    world.add_channel(workshop, "small-files")
    elsewhere = world.add_guild("Elsewhere", cleo)  # the bot is no member here: only members' own installs reach it
    world.add_member(elsewhere, ada)
    world.add_channel(elsewhere, "lobby")
    for guild in world.guilds.values():
        use_first_channel_as_system_channel(guild)
    return world


def use_first_channel_as_system_channel(guild: Guild) -> None:
    """As a server that is new."""
    guild.data |= {"system_channel_id": next(iter(guild.channels), None), "system_channel_flags": 0}


def deny(world: World, channel: Json, *names: str, user_id: str | None = None) -> None:
    """Take permissions from a member in a channel, the bot if none is named; with no name, give back what was taken."""
    who = user_id or world.application_id
    channel["permission_overwrites"] = [one for one in channel["permission_overwrites"] if one["id"] != who]
    if names:
        taken = sum(PERMISSIONS[name] for name in names)
        channel["permission_overwrites"].append({"id": who, "type": 1, "allow": "0", "deny": str(taken)})
