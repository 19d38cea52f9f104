"""Servers' quota policies: limits, resets and time zone, read in one query and cached for a moment."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Double, Integer, String, Text, bindparam, cast, literal, null, select, union_all

from infra.db.access import connected
from infra.db.tables import GUILD_SETTINGS, LIMITS, RESETS
from infra.stores.read_cache import ReadCache
from studio.guilds.time_zones import find_zone
from studio.quota.ledger import PERSONAL
from studio.quota.limits import EVERYONE, SERVER, UTC, Ceilings, Limit, LimitKind, Policy, Target, Who

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Row, Select
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.types import TypeEngine

    from studio.clock import Clock
    from studio.quota.limits import Member

CACHE_SECONDS = 3.0  # how long another process's change may go unnoticed
CACHE_SIZE = 1_000  # servers
LONGEST_WINDOW_SECONDS = 32 * 86400.0  # an older reset has no effect

_COLUMNS: dict[str, TypeEngine[Any]] = {
    "who": String(),
    "target_id": BigInteger(),
    "kind": String(),
    "amount": Integer(),
    "at": Double(),
    "settings": Text(),
}
_SERVER = bindparam("server", type_=BigInteger())


def _part(name: str, table: Any, **columns: Any) -> Select[Any]:
    """Select one part of a policy. Parts have different columns: a missing one is NULL."""
    shown = [cast(columns.get(column, null()), kind).label(column) for column, kind in _COLUMNS.items()]
    return select(literal(name).label("part"), *shown).where(table.c.server_id == _SERVER)


def _own(table: Any, *names: str) -> dict[str, Any]:
    return {name: table.c[name] for name in names}


_SELECT = union_all(
    _part("limit", LIMITS, **_own(LIMITS, "who", "target_id", "kind", "amount")),
    _part("reset", RESETS, **_own(RESETS, "who", "target_id", "at")).where(
        RESETS.c.at > bindparam("reset_after", type_=Double())
    ),
    _part("settings", GUILD_SETTINGS, **_own(GUILD_SETTINGS, "settings")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPolicy:
    """Everything set for a server, by target."""

    limits: Mapping[Target, tuple[Limit, ...]] = field(default_factory=dict)
    resets: Mapping[Target, float] = field(default_factory=dict)
    zone: ZoneInfo = UTC

    def of(self, member: Member, ceilings: Ceilings) -> Policy:
        """The part that applies to a member."""
        roles = (Target(Who.ROLE, role_id) for role_id in sorted(member.role_ids))
        targets = (SERVER, EVERYONE, *roles, Target(Who.MEMBER, member.user_id))
        limits = tuple(limit for target in targets for limit in self.limits.get(target, ()))
        resets = {target: self.resets[target] for target in targets if target in self.resets}
        return Policy(limits=limits, zone=self.zone, resets=resets, ceilings=ceilings)


class Policies:
    """Servers' policies, cached."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._cache = ReadCache(self.read, seconds=CACHE_SECONDS, size=CACHE_SIZE)

    async def of(self, server_id: int) -> ServerPolicy:
        """It may be CACHE_SECONDS old. In direct messages and by user install there is none."""
        return ServerPolicy() if server_id == PERSONAL else await self._cache.get(server_id)

    def forget(self, server_id: int) -> None:
        """The policy was changed: read it again."""
        self._cache.forget(server_id)

    async def read(self, server_id: int) -> ServerPolicy:
        """Read the policy from the database."""
        values = {"server": server_id, "reset_after": self._clock() - LONGEST_WINDOW_SECONDS}
        async with connected(self._engine) as connection:
            rows = (await connection.execute(_SELECT, values)).all()
        return _policy(rows)


def _policy(rows: Sequence[Row[Any]]) -> ServerPolicy:
    order = list(LimitKind)
    limits: dict[Target, list[Limit]] = {}
    resets: dict[Target, float] = {}
    zone = UTC
    for row in rows:
        match row.part:
            case "limit":
                target = Target(Who(row.who), row.target_id)
                limits.setdefault(target, []).append(Limit(target, LimitKind(row.kind), row.amount))
            case "reset":
                resets[Target(Who(row.who), row.target_id)] = row.at
            case _:
                zone = _zone(row.settings)
    by_kind = {target: tuple(sorted(own, key=lambda limit: order.index(limit.kind))) for target, own in limits.items()}
    return ServerPolicy(limits=by_kind, resets=resets, zone=zone)


def _zone(settings: str) -> ZoneInfo:
    """The time zone of a server's settings. Read on its own: a broken other setting must not disable quotas."""
    try:
        return find_zone(json.loads(settings)["time_zone"])
    except (KeyError, TypeError, AttributeError, ValueError):  # not set, or unknown: UnknownZoneError is a ValueError
        return UTC
