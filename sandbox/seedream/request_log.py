"""Logs the requests to the service: what they contained, how they were answered and what was billed."""

import time
from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TypeVar

from sandbox.seedream.errors import Json
from sandbox.seedream.references import Reference

T = TypeVar("T")

MOST_ENTRIES = 10_000  # requests kept; the totals include older ones
BULKY = frozenset({"model", "prompt", "image"})  # not part of an entry's parameters


@dataclass(slots=True)
class LoggedRequest:
    """A request to POST /seedream/images. `at` is in seconds since 1970; `status` is 0 until it is answered."""

    model: str = ""
    mode: str = "plain"
    prompt: str = ""
    parameters: Json = field(default_factory=dict)
    at: float = field(default_factory=time.time)
    references: list[Json] = field(default_factory=list)
    status: int = 0
    code: str | None = None
    task_id: str | None = None
    images: int = 0
    billed: int = 0
    callbacks: list[Json] = field(default_factory=list)

    def record(self, body: Json, ignored: Collection[str] = ()) -> None:
        """Record a body, which may be invalid; `ignored` are fields that the service ignores."""
        prompt, model = body.get("prompt"), body.get("model")
        self.model = model if isinstance(model, str) else ""
        self.prompt = prompt if isinstance(prompt, str) else ""
        self.mode = _mode({name: value for name, value in body.items() if name not in ignored})
        self.parameters = {name: value for name, value in body.items() if name not in BULKY}

    def json(self) -> Json:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class RequestLog:
    """All requests in order: the newest in full, older ones only in the totals."""

    entries: deque[LoggedRequest] = field(default_factory=deque)
    older: Counter[str] = field(default_factory=Counter)
    lookups: int = 0
    lookup_ids: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    lookup_times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))

    def open(self) -> LoggedRequest:
        entry = LoggedRequest()
        self.entries.append(entry)
        if len(self.entries) > MOST_ENTRIES:
            self.older += _sums([self.entries.popleft()])
        return entry

    def looked_up(self, ids: int) -> None:
        """Record a look-up of so many ids."""
        self.lookups += 1
        self.lookup_ids.append(ids)
        self.lookup_times.append(time.time())

    def lookups_within(self, seconds: float) -> int:
        """Count the look-ups of the last `seconds`."""
        since = time.time() - seconds
        return sum(1 for _ in takewhile(lambda at: at > since, reversed(self.lookup_times)))

    def clear(self) -> None:
        """Forget everything; requests still being answered keep their own entries."""
        for kept in (self.entries, self.older, self.lookup_ids, self.lookup_times):
            kept.clear()
        self.lookups = 0

    def json(self, last: int | None = None) -> Json:
        """Return the newest `last` requests and look-ups, or all that are kept, and the totals of all time."""
        totals = self.older + _sums(self.entries)
        named = {name: totals[name] for name in ("requests", "images", "billed")}
        return {
            "requests": [entry.json() for entry in _newest(self.entries, last)],
            "totals": named | {"lookups": self.lookups},
            "lookup_ids": _newest(self.lookup_ids, last),
            "lookup_times": _newest(self.lookup_times, last),
        }


def _newest(kept: deque[T], last: int | None) -> list[T]:
    return list(islice(kept, max(0, len(kept) - last) if last is not None else 0, None))


def _sums(entries: Collection[LoggedRequest]) -> Counter[str]:
    images, billed = sum(entry.images for entry in entries), sum(entry.billed for entry in entries)
    return Counter(requests=len(entries), images=images, billed=billed)


def listed(references: Iterable[Reference]) -> list[Json]:
    return [{"kind": each.kind, "bytes": len(each.data), "sha256": each.sha256} for each in references]


def _mode(body: Json) -> str:
    if body.get("callback_url"):
        return "callback"
    return "async" if body.get("async") else "stream" if body.get("stream") else "plain"
