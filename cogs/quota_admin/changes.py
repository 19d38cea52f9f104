"""Changes limits, credits and usage for /quota-admin, and says what that means. The log channel gets a line, too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from cogs.i18n.translate import _, ngettext, number, sentences
from cogs.quota_admin.guild_members import roles_of
from cogs.quota_admin.log_text import cleared_entries, grants_entry, reset_entry, set_entry
from cogs.quota_admin.preview import can_look_back, look_back_words, no_look_back, render_preview
from cogs.quota_admin.screens import (
    Screen,
    cleared_words,
    done,
    freed_words,
    not_here,
    over_words,
    question,
    render_member,
    screen,
)
from cogs.quota_admin.targets import gone_roles, member_in
from cogs.texts.common import dotted
from cogs.texts.limits import KIND_NAMES, limit_words, limits_lines, set_line, target_in_sentence, target_name
from cogs.texts.quota import left_line, relative
from cogs.texts.refusal import RefusalError
from studio.guilds.audit import Admin
from studio.jobs.turns import Turns
from studio.quota.errors import LimitChangedError, TooManyLimitsError
from studio.quota.limits import EVERYONE, MOST_AMOUNT, SERVER, Limit, Member, Target, Who

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cogs.delivery.guild_log import GuildLog
    from studio.guilds.ports import GuildStore
    from studio.quota.admin import QuotaAdministration, Roles
    from studio.quota.limits import LimitKind

EVERY = "every"  # kind or target
LOOK_BACKS = 1  # at once: each reads 30 days of the ledger


class QuotaChanges:
    def __init__(self, admin: QuotaAdministration, guilds: GuildStore, log: GuildLog) -> None:
        self._admin = admin
        self._guilds = guilds
        self._log = log
        self._turns = Turns(LOOK_BACKS)

    # --- limits -----------------------------------------------------------------------------------------------------

    async def ask_set(self, guild: discord.Guild, limit: Limit, picked: discord.Member | discord.User | None) -> Screen:
        """Show what a limit would have done, before it is saved."""
        before = next(iter(_matching(await self._admin.quotas.limits(guild.id), limit.target, limit.kind)), None)
        if can_look_back(limit):
            async with self._turns.turn():
                look_back = look_back_words(limit, await self._admin.what_if(guild.id, limit, _roles(guild)))
        else:
            look_back = no_look_back(limit)
        return render_preview(limit, before, look_back, _away(picked))

    async def set(self, guild: discord.Guild, by: int, limit: Limit, seen: Sequence[Limit]) -> Screen:
        """Save a limit, if the one that it replaces is still the one that was seen; otherwise say so instead."""
        try:
            before = await self._admin.quotas.set_limit(Admin(guild.id, by), limit, seen=seen)
        except TooManyLimitsError:
            full = _("This server has reached the maximum number of limits. Clear some first.")
            return screen(f"⚠️ {full}")
        except LimitChangedError as error:
            return screen(f"⚠️ {_changed_meanwhile(error.now)}")
        await self._tell(guild, set_entry(f"<@{by}>", before, limit))
        return done(set_line(before, limit), await self._effect(guild, limit))

    def ask_clear(self, target: Target | None, kind: LimitKind | None, limits: Iterable[Limit]) -> Screen:
        """Ask before limits are cleared. Raises: RefusalError if there are none."""
        matching = _matching(limits, target, kind)
        if not matching:
            raise RefusalError(_nothing_to_clear(target, kind))
        title = ngettext("**Clear {n} limit?**", "**Clear {n} limits?**", len(matching))
        text = "\n".join([title, *limits_lines(matching)])
        argument = f"{target.key if target else EVERY}.{kind or EVERY}"
        # Translators: a button, which takes limits away; at most 20 characters
        clear = _("Clear")
        return question(text, clear, "clear", argument)

    async def clear(self, guild: discord.Guild, by: int, target: Target | None, kind: LimitKind | None) -> Screen:
        kinds = [limit.kind for limit in _matching(await self._admin.quotas.limits(guild.id), target, kind)]
        for_many = target is not None and target.who in _MANY
        reached = (
            await self._admin.count_at_limit(guild.id, kinds, target, _roles(guild)) if target and for_many else None
        )
        cleared = await self._admin.quotas.clear_limits(Admin(guild.id, by), target, kind)
        if not cleared:
            raise RefusalError(_nothing_to_clear(target, kind))
        await self._tell(guild, *cleared_entries(f"<@{by}>", cleared))
        title = ngettext("**Cleared {n} limit**", "**Cleared {n} limits**", len(cleared))
        effect = cleared_words(reached) if for_many and any(kind.window for kind in kinds) else ""
        return done(title, *limits_lines(cleared), effect, await self._rest(guild, target))

    async def clear_gone(self, guild: discord.Guild, by: int) -> Screen:
        """Clear the limits of deleted roles."""
        gone = gone_roles(guild, await self._admin.quotas.limits(guild.id))
        cleared = [
            limit for target in gone for limit in await self._admin.quotas.clear_limits(Admin(guild.id, by), target)
        ]
        await self._tell(guild, *cleared_entries(f"<@{by}>", cleared))
        return done(
            ngettext(
                "**Cleared {n} limit** of roles that were deleted",
                "**Cleared {n} limits** of roles that were deleted",
                len(cleared),
            )
        )

    # --- grants and resets ------------------------------------------------------------------------------------------

    async def grant(self, guild: discord.Guild, by: int, picked: discord.Member | discord.User, amount: int) -> Screen:
        target = Target(Who.MEMBER, picked.id)
        left = await self._admin.quotas.grant(Admin(guild.id, by), picked.id, amount)
        await self._tell(guild, grants_entry(f"<@{by}>", target, left.before, left.after))
        title = ngettext(
            "**Granted {member} {n} credit**",
            "**Granted {member} {n} credits**",
            amount,
            member=target_name(target),
        )
        has = ngettext(
            "They now have {n} extra credit left (was {before}).",
            "They now have {n} extra credits left (was {before}).",
            left.after,
            before=number(left.before),
        )
        return done(title, has, await self._use_of_grants(guild, picked), _away(picked))

    async def ask_take(self, guild: discord.Guild, picked: discord.Member | discord.User, amount: int | None) -> Screen:
        """Ask before credits are taken back. Raises: RefusalError if there are none left."""
        left = (await self._admin.status(Member(user_id=picked.id, server_id=guild.id))).grants
        if not left:
            raise RefusalError(_nothing_to_take(picked.id))
        taken = min(amount or left, left)
        title = ngettext(
            "**Take {n} credit from {member}?**",
            "**Take {n} credits from {member}?**",
            taken,
            member=f"<@{picked.id}>",
        )
        argument = f"{picked.id}.{amount or EVERY}"
        # Translators: a button, which takes so many credits; at most 20 characters
        take = _("Take {number}", number=number(taken))
        return question(sentences(title, _grants_left(left)), take, "take", argument)

    async def take(self, guild: discord.Guild, by: int, user_id: int, amount: int | None) -> Screen:
        left = await self._admin.quotas.take(Admin(guild.id, by), user_id, amount or MOST_AMOUNT)
        if left.before == left.after:
            raise RefusalError(_nothing_to_take(user_id))
        target = Target(Who.MEMBER, user_id)
        await self._tell(guild, grants_entry(f"<@{by}>", target, left.before, left.after))
        title = ngettext(
            "**Took {n} credit from {member}**",
            "**Took {n} credits from {member}**",
            left.before - left.after,
            member=target_name(target),
        )
        return done(title, _grants_left(left.after))

    def ask_reset(self, target: Target) -> Screen:
        # Translators: {target} is "everyone", "the whole server", or a role or a member
        title = _("**Reset usage for {target}?**", target=target_in_sentence(target))
        effect = _(
            "Usage from today, this week and this month will no longer count against limits. This can't be undone."
        )
        # Translators: a button, which resets usage; at most 20 characters
        reset = _("Reset")
        return question(f"{title}\n{effect}", reset, "reset", target.key)

    async def reset(self, guild: discord.Guild, by: int, target: Target) -> Screen:
        blocked = None if target == SERVER else await self._admin.count_blocked(guild.id, target, _roles(guild))
        await self._admin.quotas.reset(Admin(guild.id, by), target)
        await self._tell(guild, reset_entry(f"<@{by}>", target))
        # Translators: {target} is "everyone", "the whole server", or a role or a member
        title = _("**Usage reset for {target}**", target=target_in_sentence(target))
        return done(title, "" if target == SERVER else freed_words(blocked))

    async def member(self, guild: discord.Guild, picked: discord.Member | discord.User) -> Screen:
        return render_member(picked.id, await self._admin.status(member_in(guild, picked)))

    # --- effects -----------------------------------------------------------------------------------------------------

    async def _effect(self, guild: discord.Guild, limit: Limit) -> str:
        bounds = await self._admin.window(guild.id, limit.kind)
        if bounds is None:
            return _("It applies from the next request. Requests that are already running aren't stopped.")
        if limit.amount is None:
            # Translators: "it" is a limit that an admin has set to unlimited
            return _("It allows unlimited credits.")
        if not limit.amount:
            # Translators: "it" is a limit that an admin has set to 0
            return _("It allows no credits.")
        if limit.target == SERVER:
            limit_statuses = await self._admin.server(guild.id)
        elif limit.target.who is Who.MEMBER:
            limit_statuses = (await self._admin.status(await self._member(guild, limit.target.id))).limit_statuses
        else:
            return over_words(
                await self._admin.count_at_limit(guild.id, [limit.kind], limit.target, _roles(guild)), bounds.end
            )
        matching = (
            status for status in limit_statuses if status.rule.by == limit.target and status.rule.kind is limit.kind
        )
        return next(map(left_line, matching), "")

    async def _member(self, guild: discord.Guild, user_id: int) -> Member:
        roles = await roles_of(guild, [user_id]) or {}
        return Member(user_id=user_id, server_id=guild.id, role_ids=roles.get(user_id, frozenset()))

    async def _rest(self, guild: discord.Guild, target: Target | None) -> str:
        """Say what applies now instead of a role's or a member's cleared limits."""
        if target is None or target in {EVERYONE, SERVER}:
            return ""
        left = [limit for limit in await self._admin.quotas.limits(guild.id) if limit.target == EVERYONE]
        if not left:
            return _("If no other limit applies to them, they have no limit.")
        # Translators: {limits} is a list such as "5 credits a day · 1 request at once"
        return _(
            "If no other limit applies to them, everyone's limits do: {limits}.",
            limits=dotted(map(limit_words, left)),
        )

    async def _use_of_grants(self, guild: discord.Guild, picked: discord.Member | discord.User) -> str:
        """Say whether a grant helps now."""
        limit_statuses = (await self._admin.status(member_in(guild, picked))).limit_statuses
        if not any(status.rule.extended and status.rule.amount is not None for status in limit_statuses):
            return _("They have no credit limit right now, so they don't need these credits yet.")
        if full := next((status for status in limit_statuses if status.rule.by == SERVER and not status.left), None):
            used_up = _("⚠️ The server's limit is used up, and extra credits can't exceed it.")
            if full.resets_at is None:
                return used_up
            # Translators: more credits; {when} is written by Discord: "in 5 hours"
            return sentences(used_up, _("More {when}.", when=relative(full.resets_at)))
        return _("They are used once the member's own limit is used up, and never expire.")

    async def _tell(self, guild: discord.Guild, *lines: str) -> None:
        channel = (await self._guilds.of(guild.id)).log_channel
        for line in lines:
            self._log.tell(channel, f"🎟️ {line}")


_MANY = {Who.EVERYONE, Who.ROLE}


def _matching(limits: Iterable[Limit], target: Target | None, kind: LimitKind | None) -> list[Limit]:
    """Return the limits of a target and a kind. None stands for any."""
    return [limit for limit in limits if target in {None, limit.target} and kind in {None, limit.kind}]


def _roles(guild: discord.Guild) -> Roles:
    return partial(roles_of, guild)


def _away(picked: discord.Member | discord.User | None) -> str:
    return not_here() if picked is not None and not isinstance(picked, discord.Member) else ""


def _changed_meanwhile(now: Limit | None) -> str:
    if now is None:
        return _("Someone cleared this limit meanwhile. Use the command again. Nothing was changed.")
    # Translators: {limit} is such as "5 credits a day"
    return _(
        "Someone changed this limit meanwhile: it's now {limit}. Use the command again. Nothing was changed.",
        limit=limit_words(now),
    )


def _nothing_to_clear(target: Target | None, kind: LimitKind | None) -> str:
    names = [*([target_name(target)] if target else []), *([_(KIND_NAMES[kind])] if kind else [])]
    if not names:
        return _("This server has no limits. Nothing was changed.")
    # Translators: {limit} stands by itself: "Everyone · credits a day"
    return _("There's no such limit: {limit}. Nothing was changed.", limit=" · ".join(names))


def _nothing_to_take(user_id: int) -> str:
    return _(
        "{member} has no extra credits left to take back. Nothing was changed.",
        member=f"<@{user_id}>",
    )


def _grants_left(left: int) -> str:
    return ngettext("They have {n} extra credit left.", "They have {n} extra credits left.", left)
