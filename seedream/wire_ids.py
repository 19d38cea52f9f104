"""Learns from a service's answers which ids it accepts for its models; what was learned counts for a day."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping  # noqa: TC003 - pydantic reads it when this is stored
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seedream.errors import ModelRefused
from seedream.models import owner_of
from seedream.providers import DEFAULT_PROVIDER, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedream.capabilities import Model

KNOWN_SECONDS = 24 * 3600.0
MAX_REFUSED = 200  # ids that are remembered as refused
MAX_LISTED_TRIES = 3  # per request, of ids that only the service has listed: it could list new ones for ever
_DATE = re.compile(r"-\d{6}$")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The id that was accepted for a model, and when (seconds since the epoch)."""

    wire_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIds:
    """The ids that a service has accepted and refused.

    accepted: by model name. refused: when each id was refused (seconds since the epoch). listed: the ids that the
    service listed itself, the last time that it did; listed_at: when; complete: whether these were all.
    """

    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    refused: Mapping[str, float] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    listed_at: float = 0.0
    complete: bool = False

    def with_accepted(self, model: str, wire_id: str, now: float) -> KnownIds:
        """Return this with an id that was accepted for a model."""
        refused = {other: at for other, at in self.refused.items() if other != wire_id}
        return replace(self, accepted={**self.accepted, model: Accepted(wire_id, now)}, refused=refused)

    def with_refused(self, wire_id: str, error: ModelRefused, now: float) -> KnownIds:
        """Return this with an id that was refused, and the ids that the refusal listed."""
        accepted = {name: entry for name, entry in self.accepted.items() if entry.wire_id != wire_id}
        known = replace(self, accepted=accepted, refused=_newest({**self.refused, wire_id: now}))
        if not error.listed:
            return known
        return replace(known, listed=error.listed, listed_at=now, complete=error.complete)

    def merged(self, other: KnownIds) -> KnownIds:
        """Return what both know; if they disagree, the newer counts."""
        accepted = dict(self.accepted)
        for name, entry in other.accepted.items():
            if name not in accepted or accepted[name].at < entry.at:
                accepted[name] = entry
        refused = dict(self.refused)
        for wire_id, at in other.refused.items():
            refused[wire_id] = max(at, refused.get(wire_id, 0.0))
        accepted_at = {entry.wire_id: entry.at for entry in accepted.values()}
        refused = {wire_id: at for wire_id, at in refused.items() if at > accepted_at.get(wire_id, 0.0)}
        accepted = {name: entry for name, entry in accepted.items() if entry.at >= refused.get(entry.wire_id, 0.0)}
        newer = self if self.listed_at >= other.listed_at else other
        return KnownIds(
            accepted=accepted,
            refused=_newest(refused),
            listed=newer.listed,
            listed_at=newer.listed_at,
            complete=newer.complete,
        )

    def until(self, latest: float) -> KnownIds:
        """Return this without anything dated later: that came from a wrong clock, and would count for too long."""
        accepted = {name: entry for name, entry in self.accepted.items() if entry.at <= latest}
        refused = {wire_id: at for wire_id, at in self.refused.items() if at <= latest}
        if self.listed_at <= latest:
            return replace(self, accepted=accepted, refused=refused)
        return KnownIds(accepted=accepted, refused=refused)

    def candidates(self, model: Model, provider: Provider, now: float) -> tuple[str, ...]:
        """Return the ids to try for a model, in order; none if the service is known to refuse all of them."""
        ids = provider.wire_ids(model)
        accepted = self.accepted.get(model.name)
        first = (accepted.wire_id,) if accepted and _is_recent(accepted.at, now) else ()
        listed = self._listed_for(model, ids, now)
        if listed is not None and accepted and accepted.at < self.listed_at:
            first = ()  # the service has listed its ids since
        in_order = dict.fromkeys((*first, *(ids if listed is None else listed)))
        return tuple(wire_id for wire_id in in_order if not self._is_refused(wire_id, now))

    def offers(self, model: Model, provider: Provider, now: float) -> bool:
        """Return whether the service may accept the model with some id."""
        return bool(self.candidates(model, provider, now))

    def _is_refused(self, wire_id: str, now: float) -> bool:
        return wire_id in self.refused and _is_recent(self.refused[wire_id], now)

    def _listed_for(self, model: Model, ids: tuple[str, ...], now: float) -> tuple[str, ...] | None:
        """Return the listed ids that belong to a model; None if the list is old, or may leave the model's ids out."""
        if not _is_recent(self.listed_at, now):
            return None
        spellings = {wire_id.casefold(): wire_id for wire_id in ids}
        families = {family(wire_id) for wire_id in (*ids, model.name)}
        listed = [spellings.get(wire_id.casefold(), wire_id) for wire_id in self.listed]
        belonging = [wire_id for wire_id in listed if wire_id in ids or _belongs_to(model, families, wire_id)]
        in_order = sorted(belonging, key=lambda wire_id: ids.index(wire_id) if wire_id in ids else len(ids))
        return tuple(in_order) if belonging or self.complete else None


def _is_recent(at: float, now: float) -> bool:
    """Return whether what was learned then still counts. A time in the future doesn't: the clock was set back."""
    return abs(now - at) < KNOWN_SECONDS


def _belongs_to(model: Model, families: set[str], wire_id: str) -> bool:
    """Return whether an id that is not in models.toml belongs to this model, and not to another."""
    return family(wire_id) in families and owner_of(wire_id) in {None, model.name}


def family(wire_id: str) -> str:
    """Return what the ids of one model share: "seedream-4-5" for "doubao-seedream-4-5-251128" and "seedream-4.5"."""
    bare = wire_id.casefold().replace(".", "-").replace("_", "-").removeprefix("doubao-")
    return _DATE.sub("", bare)


def _newest(refused: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(refused.items(), key=lambda entry: entry[1])[-MAX_REFUSED:])


class WireIds:
    """What a client knows about one service's ids. `known` may be replaced at any time by what others have learned.

    learned: is called after each change, with what was known before.
    """

    def __init__(self, provider: Provider = DEFAULT_PROVIDER, clock: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self.known = KnownIds()
        self.learned: Callable[[KnownIds], None] | None = None
        self._clock = clock

    def candidates(self, model: Model) -> tuple[str, ...]:
        """Return the ids to try for a model, in order."""
        return self.known.candidates(model, self.provider, self._clock())

    def offers(self, model: Model) -> bool:
        """Return whether members may be offered the model: it is meant for them, and not known to be refused."""
        return model.offered and self.known.offers(model, self.provider, self._clock())

    def accept(self, model: Model, wire_id: str) -> None:
        """Remember that an id was accepted for a model."""
        now, accepted = self._clock(), self.known.accepted.get(model.name)
        if accepted and accepted.wire_id == wire_id and abs(now - accepted.at) < KNOWN_SECONDS / 2:
            return  # recent enough: not every request has to store it
        self._change(self.known.with_accepted(model.name, wire_id, now))

    def refuse(self, wire_id: str, error: ModelRefused) -> None:
        """Remember that an id was refused."""
        self._change(self.known.with_refused(wire_id, error, self._clock()))

    def refuse_accepted(self, model: Model, error: ModelRefused) -> None:
        """Remember that the id accepted for a model was refused later, after work on the request had begun."""
        if accepted := self.known.accepted.get(model.name):
            self.refuse(accepted.wire_id, error)

    def learn(self, known: KnownIds) -> None:
        """Add what another client has learned about the same service."""
        self._change(self.known.merged(known))

    def _change(self, known: KnownIds) -> None:
        before, self.known = self.known, known
        if self.learned:
            self.learned(before)


class IdSearch:
    """One request's search for an id that the service accepts. Iterate over the ids to try, and report each outcome.

    failure: the error to raise when no id is left.
    """

    def __init__(self, ids: WireIds, model: Model) -> None:
        self._ids = ids
        self._model = model
        self._tried: list[str] = []
        self._is_accepted = False
        self._refused = ModelRefused()

    def __iter__(self) -> Iterator[str]:
        most = len(self._ids.provider.wire_ids(self._model)) + MAX_LISTED_TRIES
        while len(self._tried) < most and (wire_id := self._untried()):
            self._tried.append(wire_id)
            yield wire_id

    def _untried(self) -> str | None:
        candidates = self._ids.candidates(self._model)
        return next((wire_id for wire_id in candidates if wire_id not in self._tried), None)

    def accept(self) -> None:
        """Report that the service has accepted the last id."""
        if not self._is_accepted:
            self._is_accepted = True
            self._ids.accept(self._model, self._tried[-1])

    def refuse(self, error: ModelRefused) -> None:
        """Report that the service has refused the last id. Raises: the error, if work on the request had begun."""
        self._ids.refuse(self._tried[-1], error)
        self._refused = error
        if self._is_accepted or error.task_id is not None:
            raise error

    @property
    def failure(self) -> ModelRefused:
        """The last refusal, with all the ids that were tried."""
        last, ids = self._refused, ", ".join(self._tried) or "no id is left to try"
        message = (
            f"{last.message} (tried: {ids})" if last.message else f"It doesn't accept {self._model.label} ({ids})."
        )
        return ModelRefused(last.status, last.code, message, last.trace_id, listed=last.listed, complete=last.complete)
