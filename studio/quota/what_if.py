"""What the last days would have been under a limit: the requests in the ledger, decided again, oldest first. Pure.

`Replay` decides what `decide` decides of one limit alone; tests hold it to that. It keeps no more than such a decision
needs, so that a million requests take a fraction of a second. What was refused at the time isn't in the ledger, so a
limit above today's looks as if it changed nothing. Extra credits and resets by admins are left out.
"""

from __future__ import annotations

from functools import cache
from heapq import nlargest
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from studio.quota.limits import SERVER, Limit, LimitKind, Member, Policy, Who, own_limit
from studio.quota.reports import last_days
from studio.quota.windows import Bounds, window_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

DAYS = 30
NOBODY = "0"  # stands for all members who were forgotten
ALL = ""  # stands for all members together


class Requests(NamedTuple):
    """Some requests, oldest first. users: ids as text, since parsing a million takes long.

    credits: those that count against limits. measured: images or, for a cooldown, when each was made, in ms since the
    epoch; else nothing.
    """

    users: Sequence[str]
    credits: Sequence[int]
    measured: Sequence[int] = ()

    def parts(self, most: int) -> Iterator[Requests]:
        """Yield so many at a time."""
        for start in range(0, len(self.users), most):
            part = slice(start, start + most)
            yield Requests(self.users[part], self.credits[part], self.measured[part])


class Span(NamedTuple):
    """A part of the time that is replayed. begins: whether a window begins with it. counts: whether it is reported."""

    bounds: Bounds
    begins: bool
    counts: bool


class Forecast(NamedTuple):
    """What a limit would have done. members: who would have met it. used, under: credits then and under it.

    others: who may have met it as well, since their roles weren't looked at. With any, `members` is the least, and
    `under` the most.
    """

    members: int
    used: int
    under: int
    others: int = 0


def spans(limit: Limit, now: float, zone: ZoneInfo) -> Iterator[Span]:
    """Yield the last DAYS, window by window; what was before in the first one counts against the limit, unreported."""
    since = last_days(DAYS, now, zone)[0].start
    if limit.kind.window is None:
        before = limit.amount or 0 if limit.kind is LimitKind.COOLDOWN else 0
        yield Span(Bounds(max(0, since - before), since), begins=True, counts=False)
        yield Span(Bounds(since, now), begins=False, counts=True)
        return
    window = window_bounds(limit.kind.window, since, zone)
    if window.start < since:
        yield Span(Bounds(window.start, since), begins=True, counts=False)
    while window.start < now:
        start = max(window.start, since)
        yield Span(Bounds(start, min(window.end, now)), begins=start == window.start, counts=True)
        window = window_bounds(limit.kind.window, window.end, zone)


class Replay:
    """Decides requests under one limit alone. used: all their credits. refused: credits of the refused, by member."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._state: dict[str, int] = {}  # what is left in the window, or the newest request, by member
        self._span: Span | None = None
        self.used = 0
        self.refused: dict[str, int] = {}

    def take(self, requests: Requests, span: Span) -> None:
        """Decide the next requests, all of one span."""
        if span != self._span and span.begins:
            self._state.clear()
        self._span = span
        refused = self.refused if span.counts else {}
        self.used += sum(requests.credits) if span.counts else 0
        amount, kind = self._limit.amount, self._limit.kind
        if amount is None:
            return
        if kind is LimitKind.IMAGES:
            _refuse_larger(amount, requests, refused)
        elif kind is LimitKind.COOLDOWN:
            _refuse_sooner(amount, requests, self._state, refused)
        elif self._limit.target == SERVER:
            _refuse_more_together(amount, requests, self._state, refused)
        else:
            _refuse_more(amount, requests, self._state, refused)


# Each adds the credits of what it refuses to `refused`. The loops are plain because they run a million times.


def _refuse_more(amount: int, requests: Requests, left: dict[str, int], refused: dict[str, int]) -> None:
    """Refuse what costs more than its member has left."""
    for user, cost in zip(requests.users, requests.credits, strict=True):
        rest = left.get(user, amount)
        if cost <= rest:
            left[user] = rest - cost
        else:
            refused[user] = refused.get(user, 0) + cost


def _refuse_more_together(amount: int, requests: Requests, left: dict[str, int], refused: dict[str, int]) -> None:
    """Refuse what costs more than all have left."""
    rest = left.get(ALL, amount)
    for user, cost in zip(requests.users, requests.credits, strict=True):
        if cost <= rest:
            rest -= cost
        else:
            refused[user] = refused.get(user, 0) + cost
    left[ALL] = rest


def _refuse_sooner(seconds: int, requests: Requests, newest: dict[str, int], refused: dict[str, int]) -> None:
    """Refuse what comes too soon after the same member's newest."""
    least = seconds * 1000
    for user, at, cost in zip(requests.users, requests.measured, requests.credits, strict=True):
        if newest.get(user, 0) + least <= at:
            newest[user] = at
        else:
            refused[user] = refused.get(user, 0) + cost


def _refuse_larger(most: int, requests: Requests, refused: dict[str, int]) -> None:
    """Refuse what has more images."""
    for user, images, cost in zip(requests.users, requests.measured, requests.credits, strict=True):
        if images > most:
            refused[user] = refused.get(user, 0) + cost


def replaced(limits: Iterable[Limit], limit: Limit) -> tuple[Limit, ...]:
    """Return the limits with one set."""
    others = (one for one in limits if (one.target, one.kind) != (limit.target, limit.kind))
    return (*others, limit)


def needs_roles(limits: Iterable[Limit], limit: Limit) -> bool:
    """Whether it depends on a member's roles if a limit applies to them."""
    if limit.target.who in {Who.SERVER, Who.MEMBER}:
        return False
    return any(one.kind is limit.kind and one.target.who is Who.ROLE for one in (*limits, limit))


def most_refused(replay: Replay, limit: Limit, most: int | None = None) -> dict[int, int]:
    """Return the members with the most refused credits. Those forgotten are one, whom only the server's limit meets."""
    refused = replay.refused.items()
    ranked = refused if most is None else nlargest(most, refused, key=itemgetter(1))
    return {int(user): credits_ for user, credits_ in ranked if user != NOBODY or limit.target == SERVER}


def forecast(
    replay: Replay,
    limit: Limit,
    limits: Sequence[Limit],
    refused: Mapping[int, int],
    roles: Mapping[int, frozenset[int]] = MappingProxyType({}),
) -> Forecast:
    """Add up what was replayed. limits: all of the server with this one. refused, roles: of the members looked at."""
    applies = _reach(limit, limits)
    met = {user: credits_ for user, credits_ in refused.items() if applies(user, roles.get(user, frozenset()))}
    return Forecast(
        members=sum(map(bool, met)),
        used=replay.used,
        under=replay.used - sum(met.values()),
        others=max(0, len(replay.refused.keys() - {NOBODY}) - len(refused)),
    )


def _reach(limit: Limit, limits: Sequence[Limit]) -> Callable[[int, frozenset[int]], bool]:
    """Return whether the limit is the one that applies to a user with these roles."""
    if limit.target == SERVER:
        return lambda _user_id, _role_ids: True
    policy = Policy(limits=tuple(one for one in limits if one.kind is limit.kind))
    owners = {one.target.id for one in policy.limits if one.target.who is Who.MEMBER}

    @cache
    def applies(user_id: int, role_ids: frozenset[int]) -> bool:
        own = own_limit(policy, Member(user_id=user_id, role_ids=role_ids), limit.kind)
        return own is not None and own.target == limit.target

    return lambda user_id, role_ids: applies(user_id if user_id in owners else 0, role_ids)
