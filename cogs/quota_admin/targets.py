"""Whom an admin means: what Discord's pickers give, as a target of limits."""

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
    """The role @everyone is everyone. `group`: a target's key. Raises: RefusalError."""
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
    """A member for the quota: one who has left has no roles."""
    roles = picked.roles if isinstance(picked, discord.Member) else ()
    return Member(user_id=picked.id, server_id=guild.id, role_ids=frozenset(one.id for one in roles) - {guild.id})


def gone_roles(guild: discord.Guild, limits: Iterable[Limit]) -> frozenset[Target]:
    return frozenset(
        one.target for one in limits if one.target.who is Who.ROLE and guild.get_role(one.target.id) is None
    )
