"""Who changed what in a server: what its admins can look up later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Admin(NamedTuple):
    """Who changes something, and in which server."""

    server_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`at`: seconds since the epoch. `action`: what was done, in a word or two, such as "limit" or "grant".

    target: what it was done to, as `studio.quota.limits.Target.key` writes it, or a setting's name. before, after: as
    text; None for nothing. id: rises with time; 0 until it is kept.
    """

    server_id: int
    at: float
    by_user_id: int
    action: str
    target: str
    before: str | None = None
    after: str | None = None
    id: int = 0
