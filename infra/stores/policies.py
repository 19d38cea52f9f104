"""The policies of servers, as their admins have set them: read whole, and remembered for a moment."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Double, Integer, String, Text, bindparam, cast, literal, null, select, union_all

from infra.db.tables import GUILD_SETTINGS, LIMITS, RESETS
from studio.guilds.time_zones import find_zone
from studio.quota.ledger import PERSONAL
from studio.quota.limits import EVERYONE, SERVER, UTC, Ceilings, Kind, Limit, Policy, Target, Who

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Row, Select
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.types import TypeEngine

    from studio.quota.limits import Member

REMEMBERED_SECONDS = 3.0  # so long may a change that another process made go unseen
MOST_REMEMBERED = 1_000  # servers
LONGEST_WINDOW_SECONDS = 32 * 86400.0  # a reset before it changes nothing any more

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
    """The parts of a policy differ in their columns: those that one has not are NULL."""
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
    """All that holds in one server, by whom it is for."""

    limits: Mapping[Target, tuple[Limit, ...]] = field(default_factory=dict)
    resets: Mapping[Target, float] = field(default_factory=dict)
    zone: ZoneInfo = UTC

    def of(self, member: Member, ceilings: Ceilings) -> Policy:
        """The part of it that concerns a member: a server may have a limit for each of many."""
        roles = (Target(Who.ROLE, role_id) for role_id in sorted(member.role_ids))
        targets = (SERVER, EVERYONE, *roles, Target(Who.MEMBER, member.user_id))
        limits = tuple(limit for target in targets for limit in self.limits.get(target, ()))
        resets = {target: self.resets[target] for target in targets if target in self.resets}
        return Policy(limits=limits, zone=self.zone, resets=resets, ceilings=ceilings)


class Policies:
    """Reads a server's policy once in `REMEMBERED_SECONDS`, however many ask for it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: dict[int, tuple[float, ServerPolicy]] = {}
        self._reading = asyncio.Lock()
        self._changes = 0

    async def of(self, server_id: int) -> ServerPolicy:
        if server_id == PERSONAL:
            return ServerPolicy()
        if found := self._remembered(server_id):
            return found
        async with self._reading:  # of many who ask at once, one reads
            if found := self._remembered(server_id):
                return found
            changes, until = self._changes, time.monotonic() + REMEMBERED_SECONDS
            policy = await self.read(server_id)
            if changes == self._changes:  # else it may be what was before the change
                self._remember(server_id, until, policy)
            return policy

    def forget(self, server_id: int) -> None:
        """It was changed: what this process decides from now on is by the new one."""
        self._changes += 1
        self._known.pop(server_id, None)

    async def read(self, server_id: int) -> ServerPolicy:
        """As it is in the database."""
        values = {"server": server_id, "reset_after": time.time() - LONGEST_WINDOW_SECONDS}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_SELECT, values)).all()
        return _policy(rows)

    def _remembered(self, server_id: int) -> ServerPolicy | None:
        until, policy = self._known.get(server_id, (0.0, None))
        return policy if until > time.monotonic() else None

    def _remember(self, server_id: int, until: float, policy: ServerPolicy) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[server_id] = (until, policy)


def _policy(rows: Sequence[Row[Any]]) -> ServerPolicy:
    order = list(Kind)
    limits: dict[Target, list[Limit]] = {}
    resets: dict[Target, float] = {}
    zone = UTC
    for row in rows:
        match row.part:
            case "limit":
                target = Target(Who(row.who), row.target_id)
                limits.setdefault(target, []).append(Limit(target, Kind(row.kind), row.amount))
            case "reset":
                resets[Target(Who(row.who), row.target_id)] = row.at
            case _:
                zone = _zone(row.settings)
    for found in limits.values():
        found.sort(key=lambda limit: order.index(limit.kind))
    return ServerPolicy(limits={target: tuple(found) for target, found in limits.items()}, resets=resets, zone=zone)


def _zone(settings: str) -> ZoneInfo:
    """Of a server's settings: read here by itself, so that a fault in another of them closes no server's quota."""
    try:
        return find_zone(json.loads(settings)["time_zone"])
    except (KeyError, TypeError, AttributeError, ValueError):  # not set; UnknownZoneError is a ValueError
        return UTC
