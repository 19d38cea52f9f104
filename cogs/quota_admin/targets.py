"""Turns what an admin chose in Discord's pickers into a target of limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.i18n.translate import _
from cogs.texts.refusal import RefusalError
from studio.quota.limits import EVERYONE, SERVER, Member, Target, Who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.quota.limits import Limit

    Picked = discord.Member | discord.User | discord.Role


def target_of(picked: Picked | None, group: str | None) -> Target:
    """Return the target that was picked. @everyone stands for everyone. `group`: a key. Raises: RefusalError."""
    if picked is None and group is None:
        raise RefusalError(
            _(
                "Choose who this applies to: a member or a role with `member_or_role`, or everyone or the whole "
                "server with `all`. Nothing was changed."
            )
        )
    if picked is not None and group is not None:
        raise RefusalError(_("Choose either `member_or_role` or `all`, not both. Nothing was changed."))
    if isinstance(picked, discord.Role):
        return EVERYONE if picked.is_default() else Target(Who.ROLE, picked.id)
    if picked is not None:
        return Target(Who.MEMBER, picked.id)
    return SERVER if group == SERVER.key else EVERYONE


def member_in(guild: discord.Guild, picked: discord.Member | discord.User) -> Member:
    """Return a member as the quota knows them. Somebody who has left has no roles."""
    roles = picked.roles if isinstance(picked, discord.Member) else ()
    return Member(user_id=picked.id, server_id=guild.id, role_ids=frozenset(role.id for role in roles) - {guild.id})


def gone_roles(guild: discord.Guild, limits: Iterable[Limit]) -> frozenset[Target]:
    """Return the roles that have limits and were deleted."""
    roles = {limit.target for limit in limits if limit.target.who is Who.ROLE}
    return frozenset(role for role in roles if guild.get_role(role.id) is None)
