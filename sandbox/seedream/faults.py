"""What can go wrong, on demand: a list of faults, each spent on the requests that it fits."""

from dataclasses import dataclass, field
from typing import get_args, get_type_hints

from sandbox.seedream.errors import Json, bad_request
from sandbox.seedream.fields import choice, typed

ALL_MODES = frozenset({"plain", "stream", "async", "callback"})
LATER = frozenset({"async", "callback"})

# The kinds, and the modes of a request that each fits.
KINDS: dict[str, frozenset[str]] = {
    "error": ALL_MODES,
    "hang": ALL_MODES,
    "answer_lost": ALL_MODES,
    "bad_json": ALL_MODES,
    "fewer": ALL_MODES,
    "item_refused": ALL_MODES,
    "item_broken_rest": ALL_MODES,
    "dead_link": ALL_MODES,
    "cut_image": ALL_MODES,
    "not_an_image": ALL_MODES,
    "stream_cut": frozenset({"stream"}),
    "stream_error": frozenset({"stream"}),
    "stuck": LATER,
    "callback_lost": frozenset({"callback"}),
    "callback_late": frozenset({"callback"}),
    "callback_twice": frozenset({"callback"}),
    "callback_early": frozenset({"callback"}),
}
# What can also befall POST /seedream/tasks.
OF_TASKS = frozenset({"error", "hang", "bad_json"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault. `times` None never runs out. `seconds` is how long it hangs, or how late a callback comes."""

    kind: str
    times: int | None = 1
    on: str = "images"
    status: int = 500
    code: str = "api_error"
    message: str = "Internal server error."
    retry_after: float | None = None
    body: str = "json"
    after: int = 1
    index: int = 0
    images: int = 1
    seconds: float = 3.0


def fault_of(body: Json) -> Fault:
    """A fault out of the control API's JSON. Raises ApiError."""
    if not body.keys() <= _TYPES.keys():
        unknown = ", ".join(sorted(body.keys() - _TYPES.keys()))
        raise bad_request(f"{unknown}: a fault has {', '.join(_TYPES)}.")
    kind = choice(body, "kind", tuple(KINDS), "")
    choice(body, "body", ("json", "html", "string"), "json")
    on = choice(body, "on", ("images", "tasks"), "images")
    if on == "tasks" and kind not in OF_TASKS:
        raise bad_request(f"on is tasks: {', '.join(sorted(OF_TASKS))} can befall it.")
    given: Json = {name: typed(body, name, _TYPES[name], None) for name in body}
    kept = {name: value for name, value in given.items() if value is not None or name == "times"}
    if any(isinstance(value, int | float) and value < 0 for value in kept.values()):
        raise bad_request("a fault's numbers are not negative.")
    return Fault(**kept)


def _types() -> dict[str, type]:
    hints = get_type_hints(Fault)
    return {
        name: next((part for part in get_args(hint) if part is not type(None)), hint) for name, hint in hints.items()
    }


_TYPES = _types()


@dataclass(slots=True)
class Faults:
    """The faults that wait for a request."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, on: str, mode: str = "", images: int = 1) -> dict[str, Fault]:
        """The faults that befall one request, at most one of a kind; each is one time nearer its end."""
        taken: dict[str, Fault] = {}
        for fault in self.waiting:
            if fault.kind not in taken and _fits(fault, on, mode, images):
                taken[fault.kind] = fault
        for fault in taken.values():
            if fault.times is not None:
                fault.times -= 1
        self.waiting = [fault for fault in self.waiting if fault.times is None or fault.times > 0]
        return taken


def _fits(fault: Fault, on: str, mode: str, images: int) -> bool:
    if fault.on != on or (on == "images" and mode not in KINDS[fault.kind]):
        return False
    return fault.index < images or fault.kind not in ("item_refused", "item_broken_rest")
