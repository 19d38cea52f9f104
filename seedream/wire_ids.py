"""Which ids a service takes for its models: learned from its answers, and asked again after a day."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping  # noqa: TC003 - pydantic reads it where this is stored
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seedream.errors import ModelRefused
from seedream.models import owner_of
from seedream.providers import DEFAULT_PROVIDER, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedream.capabilities import Model

KNOWN_SECONDS = 24 * 3600.0
MOST_KNOWN = 200
MOST_NAMED = 3  # ids that the service alone has named are tried for one request: it may name others for ever
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

    def until(self, latest: float) -> KnownIds:
        """Without what is dated later: a clock was wrong then, and it would outlive all that is right."""
        accepted = {name: one for name, one in self.accepted.items() if one.at <= latest}
        refused = {wire_id: at for wire_id, at in self.refused.items() if at <= latest}
        if self.listed_at <= latest:
            return replace(self, accepted=accepted, refused=refused)
        return KnownIds(accepted=accepted, refused=refused)

    def candidates(self, model: Model, provider: Provider, now: float) -> tuple[str, ...]:
        """The ids to try for a model, in order; none where the service is known to take none of them."""
        ids = provider.wire_ids(model)
        accepted = self.accepted.get(model.name)
        first = (accepted.wire_id,) if accepted and _is_known(accepted.at, now) else ()
        told = self._listed_for(model, ids, now)
        if told is not None and accepted and accepted.at < self.listed_at:
            first = ()  # the service has named what it takes since
        in_order = dict.fromkeys((*first, *(ids if told is None else told)))
        return tuple(one for one in in_order if not self._is_refused(one, now))

    def offers(self, model: Model, provider: Provider, now: float) -> bool:
        """Whether the service may take the model under some id."""
        return bool(self.candidates(model, provider, now))

    def _is_refused(self, wire_id: str, now: float) -> bool:
        return wire_id in self.refused and _is_known(self.refused[wire_id], now)

    def _listed_for(self, model: Model, ids: tuple[str, ...], now: float) -> tuple[str, ...] | None:
        """The listed ids that belong to a model; None where the service's word is old, or not its last."""
        if not _is_known(self.listed_at, now):
            return None
        ours = {one.casefold(): one for one in ids}
        families = {family(one) for one in (*ids, model.name)}
        listed = [ours.get(one.casefold(), one) for one in self.listed]
        belonging = [one for one in listed if one in ids or _is_of(model, families, one)]
        in_order = sorted(belonging, key=lambda one: ids.index(one) if one in ids else len(ids))
        return tuple(in_order) if belonging or self.complete else None


def _is_known(at: float, now: float) -> bool:
    """Whether what was learned then still counts; a clock that has jumped back makes nothing count for ever."""
    return abs(now - at) < KNOWN_SECONDS


def _is_of(model: Model, families: set[str], wire_id: str) -> bool:
    """Whether an id that nobody has named before is a model's, and not known to be another's."""
    return family(wire_id) in families and owner_of(wire_id) in {None, model.name}


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
        if accepted and accepted.wire_id == wire_id and abs(now - accepted.at) < KNOWN_SECONDS / 2:
            return  # known well enough: it is not written down with every request
        self._change(self.known.with_accepted(model.name, wire_id, now))

    def refuse(self, wire_id: str, error: ModelRefused) -> None:
        self._change(self.known.with_refused(wire_id, error, self._clock()))

    def refuse_accepted(self, model: Model, error: ModelRefused) -> None:
        """The id that was taken for the model was refused later, once the work on the request had begun."""
        if accepted := self.known.accepted.get(model.name):
            self.refuse(accepted.wire_id, error)

    def learn(self, known: KnownIds) -> None:
        """Take over what another client has learned of the same service."""
        self._change(self.known.merged(known))

    def _change(self, known: KnownIds) -> None:
        before, self.known = self.known, known
        if self.learned:
            self.learned(before)


class IdSearch:
    """One request's search for an id that the service takes: the ids to try, in order, as long as it goes on refusing.

    `failure`: what to tell once there is none left.
    """

    def __init__(self, ids: WireIds, model: Model) -> None:
        self._ids = ids
        self._model = model
        self._tried: list[str] = []
        self._is_taken = False
        self._refused = ModelRefused()

    def __iter__(self) -> Iterator[str]:
        most = len(self._ids.provider.wire_ids(self._model)) + MOST_NAMED
        while len(self._tried) < most and (wire_id := self._untried()):
            self._tried.append(wire_id)
            yield wire_id

    def _untried(self) -> str | None:
        return next((one for one in self._ids.candidates(self._model) if one not in self._tried), None)

    def accept(self) -> None:
        """The service has taken the last one."""
        if not self._is_taken:
            self._is_taken = True
            self._ids.accept(self._model, self._tried[-1])

    def refuse(self, error: ModelRefused) -> None:
        """The service does not take the last one. Raises: the error, where it had begun: nothing is begun twice."""
        self._ids.refuse(self._tried[-1], error)
        self._refused = error
        if self._is_taken or error.task_id is not None:
            raise error

    @property
    def failure(self) -> ModelRefused:
        """The service's last word, said of all the ids that were tried; nothing was sent where none was left to try."""
        last, ids = self._refused, ", ".join(self._tried) or "none is left to try"
        message = f"{last.message} (tried: {ids})" if last.message else f"It does not take {self._model.label} ({ids})."
        return ModelRefused(last.status, last.code, message, last.trace_id, listed=last.listed, complete=last.complete)
