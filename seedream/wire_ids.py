"""Which ids a service takes for its models: learned from its answers, and asked again after a day."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping  # noqa: TC003 - pydantic reads it where this is stored
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seedream.providers import DEFAULT_PROVIDER, Provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream.capabilities import Model
    from seedream.errors import ModelRefused

KNOWN_SECONDS = 24 * 3600.0
MOST_KNOWN = 200
_DATE = re.compile(r"-\d{6}$")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The id under which a model was taken, and when (seconds since the epoch)."""

    wire_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIds:
    """What a service was seen to take: `accepted` by model, `refused` by id with the time.

    listed: the ids that it named itself when it last said, and listed_at: when. complete: whether it named all.
    """

    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    refused: Mapping[str, float] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    listed_at: float = 0.0
    complete: bool = False

    def with_accepted(self, model: str, wire_id: str, now: float) -> KnownIds:
        refused = {one: at for one, at in self.refused.items() if one != wire_id}
        return replace(self, accepted={**self.accepted, model: Accepted(wire_id, now)}, refused=refused)

    def with_refused(self, wire_id: str, error: ModelRefused, now: float) -> KnownIds:
        accepted = {name: one for name, one in self.accepted.items() if one.wire_id != wire_id}
        known = replace(self, accepted=accepted, refused=_newest({**self.refused, wire_id: now}))
        if not error.listed:
            return known
        return replace(known, listed=error.listed, listed_at=now, complete=error.complete)

    def merged(self, other: KnownIds) -> KnownIds:
        """What both know: of each fact the newer."""
        accepted = dict(self.accepted)
        for name, one in other.accepted.items():
            if name not in accepted or accepted[name].at < one.at:
                accepted[name] = one
        refused = dict(self.refused)
        for wire_id, at in other.refused.items():
            refused[wire_id] = max(at, refused.get(wire_id, 0.0))
        taken = {one.wire_id: one.at for one in accepted.values()}
        refused = {wire_id: at for wire_id, at in refused.items() if at > taken.get(wire_id, 0.0)}
        accepted = {name: one for name, one in accepted.items() if one.at >= refused.get(one.wire_id, 0.0)}
        newer = self if self.listed_at >= other.listed_at else other
        return KnownIds(
            accepted=accepted,
            refused=_newest(refused),
            listed=newer.listed,
            listed_at=newer.listed_at,
            complete=newer.complete,
        )

    def candidates(self, model: Model, provider: Provider, now: float) -> tuple[str, ...]:
        """The ids to try for a model, in order; none where the service is known to take none of them."""
        ids = provider.wire_ids(model)
        accepted = self.accepted.get(model.name)
        first = (accepted.wire_id,) if accepted and now - accepted.at < KNOWN_SECONDS else ()
        told = self._listed_for(model, ids, now)
        if told is not None and accepted and accepted.at < self.listed_at:
            first = ()  # the service has named what it takes since
        in_order = dict.fromkeys((*first, *(ids if told is None else told)))
        return tuple(one for one in in_order if not self._is_refused(one, now))

    def offers(self, model: Model, provider: Provider, now: float) -> bool:
        """Whether the service may take the model under some id."""
        return bool(self.candidates(model, provider, now))

    def _is_refused(self, wire_id: str, now: float) -> bool:
        return now - self.refused.get(wire_id, -KNOWN_SECONDS) < KNOWN_SECONDS

    def _listed_for(self, model: Model, ids: tuple[str, ...], now: float) -> tuple[str, ...] | None:
        """The listed ids that belong to a model; None where the service's word is old, or not its last."""
        if now - self.listed_at >= KNOWN_SECONDS:
            return None
        families = {family(one) for one in (*ids, model.name)}
        belonging = [one for one in self.listed if one in ids or family(one) in families]
        in_order = sorted(belonging, key=lambda one: ids.index(one) if one in ids else len(ids))
        return tuple(in_order) if belonging or self.complete else None


def family(wire_id: str) -> str:
    """What the ids of one model have in common: "doubao-seedream-4-5-251128" and "seedream-4.5" are one family."""
    bare = wire_id.casefold().replace(".", "-").replace("_", "-").removeprefix("doubao-")
    return _DATE.sub("", bare)


def _newest(refused: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(refused.items(), key=lambda one: one[1])[-MOST_KNOWN:])


class WireIds:
    """What a client knows of one service's ids. `known` may be replaced at any time, by what others have learned.

    learned: called after each change, with what was known before.
    """

    def __init__(self, provider: Provider = DEFAULT_PROVIDER, clock: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self.known = KnownIds()
        self.learned: Callable[[KnownIds], None] | None = None
        self._clock = clock

    def candidates(self, model: Model) -> tuple[str, ...]:
        return self.known.candidates(model, self.provider, self._clock())

    def offers(self, model: Model) -> bool:
        """Whether a member may be offered the model: it is meant to be, and not known to be refused."""
        return model.offered and self.known.offers(model, self.provider, self._clock())

    def accept(self, model: Model, wire_id: str) -> None:
        now, accepted = self._clock(), self.known.accepted.get(model.name)
        if accepted and accepted.wire_id == wire_id and now - accepted.at < KNOWN_SECONDS / 2:
            return  # known well enough: it is not written down with every request
        self._change(self.known.with_accepted(model.name, wire_id, now))

    def refuse(self, wire_id: str, error: ModelRefused) -> None:
        self._change(self.known.with_refused(wire_id, error, self._clock()))

    def learn(self, known: KnownIds) -> None:
        """Take over what another client has learned of the same service."""
        self._change(self.known.merged(known))

    def _change(self, known: KnownIds) -> None:
        before, self.known = self.known, known
        if self.learned:
            self.learned(before)
