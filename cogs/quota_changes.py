"""What /quota-admin changes, and what it says comes of it. Each change is told in the server's log channel too."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import discord

from cogs.errors import RefusalError
from cogs.guild_members import roles_of
from cogs.quota_targets import gone_roles, member_in
from cogs.ui.limit_texts import (
    KIND_NAMES,
    MOST_LINES,
    at_head,
    cleared_lines,
    granted_line,
    limit_line,
    limit_words,
    limits_words,
    reset_line,
    who,
)
from cogs.ui.quota_screens import (
    NOT_HERE,
    Screen,
    done,
    draw_member,
    freed_words,
    holds_for,
    over_words,
    question,
    standing_words,
)
from cogs.ui.quota_texts import relative
from cogs.ui.texts import count
from studio.audit import Admin
from studio.errors import TooManyLimitsError
from studio.limits import EVERYONE, MOST_AMOUNT, SERVER, Limit, Member, Target, Who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cogs.guild_log import GuildLog
    from studio.limits import Kind
    from studio.ports import GuildStore
    from studio.quota_admin import QuotaAdmin, Roles

UNCHANGED = "Nothing was changed."
EVERY = "every"  # kind or target


class QuotaChanges:
    def __init__(self, admin: QuotaAdmin, guilds: GuildStore, log: GuildLog) -> None:
        self._admin = admin
        self._guilds = guilds
        self._log = log

    # --- limits -----------------------------------------------------------------------------------------------------

    async def set(
        self, guild: discord.Guild, by: int, limit: Limit, picked: discord.Member | discord.User | None
    ) -> Screen:
        try:
            before = await self._admin.quotas.set_limit(Admin(guild.id, by), limit)
        except TooManyLimitsError:
            raise RefusalError("This server has as many limits as one may have. Clear some of them first.") from None
        await self._tell(guild, by, limit_line(before, limit))
        was = "" if before is None else f" (was {limit_words(before)})"
        title = f"**{at_head(limit.target)}: {limit_words(limit)}**{was}"
        return done(title, await self._effect(guild, limit, picked), _away(picked), holds_for(limit.target))

    def ask_clear(self, target: Target | None, kind: Kind | None, limits: Iterable[Limit]) -> Screen:
        """Which of a server's limits would go. Raises: RefusalError where there are none."""
        found = [one for one in limits if target in {None, one.target} and kind in {None, one.kind}]
        if not found:
            raise RefusalError(_nothing_to_clear(target, kind))
        lines = [f"{at_head(of)}: {limits_words(list(group))}" for of, group in groupby(found, attrgetter("target"))]
        more = [f"and {count(len(lines) - MOST_LINES, 'other')}"] if len(lines) > MOST_LINES else []
        asked = "\n".join([f"**Clear {count(len(found), 'limit')}?**", *lines[:MOST_LINES], *more])
        argument = f"{target.key if target else EVERY}.{kind or EVERY}"
        return question(asked, "Clear", "Keep them", "clear", argument)

    async def clear(self, guild: discord.Guild, by: int, target: Target | None, kind: Kind | None) -> Screen:
        limits = await self._admin.quotas.limits(guild.id)
        meant = [one for one in limits if target in {None, one.target} and kind in {None, one.kind}]
        kinds = [one.kind for one in meant]
        freed = (
            await self._admin.over(guild.id, kinds, target, _roles(guild)) if target and target.who in _MANY else None
        )
        cleared = await self._admin.quotas.clear_limits(Admin(guild.id, by), target, kind)
        if not cleared:
            raise RefusalError(_nothing_to_clear(target, kind))
        lines = cleared_lines(cleared)
        await self._tell(guild, by, *lines)
        effect = freed_words(freed) if target and target.who in _MANY and any(one.window for one in kinds) else ""
        return done(
            f"**Cleared {count(len(cleared), 'limit')}**",
            *map(_sentence, lines),
            effect,
            await self._rest(guild, target),
        )

    async def clear_gone(self, guild: discord.Guild, by: int) -> Screen:
        """Those of roles that there are no more."""
        gone = gone_roles(guild, await self._admin.quotas.limits(guild.id))
        cleared = [
            limit for target in gone for limit in await self._admin.quotas.clear_limits(Admin(guild.id, by), target)
        ]
        await self._tell(guild, by, *cleared_lines(cleared))
        return done(f"**Cleared {count(len(cleared), 'limit')}** of {count(len(gone), 'deleted role')}")

    # --- grants and resets ------------------------------------------------------------------------------------------

    async def grant(self, guild: discord.Guild, by: int, picked: discord.Member | discord.User, amount: int) -> Screen:
        target = Target(Who.MEMBER, picked.id)
        left = await self._admin.quotas.grant(Admin(guild.id, by), picked.id, amount)
        await self._tell(guild, by, granted_line(target, left.before, left.after))
        title = f"**Granted {who(target)} {count(amount, 'credit')}**"
        has = f"They have {count(left.after, 'credit')} granted and not used (before: {left.before:,})."
        return done(title, has, await self._use_of_grants(guild, picked), _away(picked))

    async def ask_take(self, guild: discord.Guild, picked: discord.Member | discord.User, amount: int | None) -> Screen:
        """Raises: RefusalError where they have none left."""
        left = (await self._admin.stand(Member(user_id=picked.id, server_id=guild.id))).grants
        if not left:
            raise RefusalError(f"<@{picked.id}> has no credits left of what was granted, so none can be taken.")
        taken = min(amount or left, left)
        asked = f"**Take {count(taken, 'credit')} from <@{picked.id}>?** They have {left:,} left of what was granted."
        return question(asked, f"Take {taken:,}", "Leave them", "take", f"{picked.id}.{amount or EVERY}")

    async def take(self, guild: discord.Guild, by: int, user_id: int, amount: int | None) -> Screen:
        left = await self._admin.quotas.take(Admin(guild.id, by), user_id, amount or MOST_AMOUNT)
        if left.before == left.after:
            raise RefusalError(f"<@{user_id}> has no credits left of what was granted by now. {UNCHANGED}")
        await self._tell(guild, by, granted_line(Target(Who.MEMBER, user_id), left.before, left.after))
        taken = count(left.before - left.after, "credit")
        return done(f"**Took {taken} from <@{user_id}>**", f"They have {left.after:,} left of what was granted.")

    def ask_reset(self, target: Target) -> Screen:
        asked = (
            f"**Give {who(target)} the whole allowance again?** What was used today, this week and this month counts "
            "no more against limits. It can't be undone."
        )
        return question(asked, "Reset", "Leave it", "reset", target.key)

    async def reset(self, guild: discord.Guild, by: int, target: Target) -> Screen:
        stuck = None if target == SERVER else await self._admin.stuck(guild.id, target, _roles(guild))
        await self._admin.quotas.reset(Admin(guild.id, by), target)
        await self._tell(guild, by, reset_line(target))
        title = f"**{at_head(target)} has the whole allowance again**"
        return done(title, "" if target == SERVER else freed_words(stuck))

    async def member(self, guild: discord.Guild, picked: discord.Member | discord.User) -> Screen:
        return draw_member(picked.id, await self._admin.stand(member_in(guild, picked)))

    # --- what comes of it -------------------------------------------------------------------------------------------

    async def _effect(self, guild: discord.Guild, limit: Limit, picked: discord.Member | discord.User | None) -> str:
        bounds = await self._admin.window(guild.id, limit.kind)
        if bounds is None:
            return "It counts from the next request on; what runs already is not stopped."
        if limit.amount is None:
            return f"No number of {KIND_NAMES[limit.kind]} is too many by it."
        if limit.target == SERVER:
            standings, subject = await self._admin.server(guild.id), "The server"
        elif picked is not None:
            standings, subject = (await self._admin.stand(member_in(guild, picked))).standings, "They"
        else:
            return over_words(await self._admin.over(guild.id, [limit.kind], limit.target, _roles(guild)), bounds.end)
        mine = (one for one in standings if one.rule.by == limit.target and one.rule.kind is limit.kind)
        return next((standing_words(one, subject) for one in mine), "")

    async def _rest(self, guild: discord.Guild, target: Target | None) -> str:
        """What holds instead of the limits of a role or a member that were cleared."""
        if target is None or target in {EVERYONE, SERVER}:
            return ""
        left = [one for one in await self._admin.quotas.limits(guild.id) if one.target == EVERYONE]
        return f"Where no other limit of theirs holds, everyone's does: {limits_words(left) or 'there is none'}."

    async def _use_of_grants(self, guild: discord.Guild, picked: discord.Member | discord.User) -> str:
        """Whether a grant helps now."""
        standings = (await self._admin.stand(member_in(guild, picked))).standings
        if not any(one.rule.extended and one.rule.amount is not None for one in standings):
            return "No limit of credits holds for them just now, so they need none of it yet."
        if full := next((one for one in standings if one.rule.by == SERVER and not one.left), None):
            anew = relative(full.rule.ends)
            return f"⚠️ The server's own limit is used up, and grants do not go beyond it: there is more {anew}."
        return "It is used when their own allowance is used up, and never lapses."

    async def _tell(self, guild: discord.Guild, by: int, *lines: str) -> None:
        channel = (await self._guilds.of(guild.id)).log_channel
        for line in lines:
            self._log.tell(channel, f"🎟️ <@{by}> {line}")


_MANY = {Who.EVERYONE, Who.ROLE}


def _roles(guild: discord.Guild) -> Roles:
    return partial(roles_of, guild)


def _away(picked: discord.Member | discord.User | None) -> str:
    return NOT_HERE if picked is not None and not isinstance(picked, discord.Member) else ""


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}"


def _nothing_to_clear(target: Target | None, kind: Kind | None) -> str:
    whose = f"{at_head(target)} has" if target and target != EVERYONE else "There is"
    what = f"no limit of {KIND_NAMES[kind]}" if kind else "no limit"
    for_all = " for everyone" if target == EVERYONE else ""
    return f"{whose} {what}{for_all}. {UNCHANGED}"
