"""The audit log of a server: who changed what, for its admins to look up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Admin(NamedTuple):
    """The admin who makes a change, and the server it is made in."""

    server_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change. at: seconds since the epoch. action: what was done, such as "limit" or "grant".

    target: a `studio.quota.limits.Target.key`, or the name of a setting. before, after: the values as text; None for
    none. id: rises with time; 0 until the entry is stored.
    """

    server_id: int
    at: float
    by_user_id: int
    action: str
    target: str
    before: str | None = None
    after: str | None = None
    id: int = 0
