"""Faults that are injected into matching requests."""

from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

from sandbox.seedream.errors import Json, LocalApiError, bad_request
from sandbox.seedream.json_fields import choice, typed
from sandbox.seedream.known_errors import INTERNAL, KNOWN_ERRORS, MODERATED

ALL_MODES = frozenset({"plain", "stream", "async", "callback"})
LATER = frozenset({"async", "callback"})
ANSWERED = ALL_MODES - {"stream"}
STATUSES = (200, 599)
LARGEST_NUMBER = 10_000
MOST_MADE = 200  # images of a "more" fault

# The kinds, and the request modes that each applies to.
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
    "other_size": ALL_MODES,
    "out_of_order": ALL_MODES,
    "more": ALL_MODES,
    "one_index": frozenset({"stream"}),
    "swollen": ANSWERED,
    "deep": ANSWERED,
    "bomb": ANSWERED,
    "rewrite": ANSWERED,
    "object_data": ANSWERED,
    "idle_cut": frozenset({"plain", "stream"}),
    "stream_cut": frozenset({"stream"}),
    "stream_error": frozenset({"stream"}),
    "unending": frozenset({"stream"}),
    "stuck": LATER,
    "callback_lost": frozenset({"callback"}),
    "callback_late": frozenset({"callback"}),
    "callback_twice": frozenset({"callback"}),
    "callback_early": frozenset({"callback"}),
}
# Kinds that also apply to POST /seedream/tasks.
OF_TASKS = frozenset({"error", "hang", "bad_json", "rewrite", "swollen", "deep", "bomb"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault. `times` None never runs out; README.md documents the other fields for each kind."""

    kind: str
    times: int | None = 1
    on: str = "images"
    status: int = 500
    code: str = INTERNAL
    message: str = ""
    retry_after: float | None = None
    body: str = "json"
    after: int = 1
    index: int = 0
    images: int = 1
    seconds: float = 3.0
    billed: bool = False
    width: int = 1000
    height: int = 600
    told: bool = True
    patch: Json = field(default_factory=dict)
    replace: bool = False

    @property
    def error(self) -> LocalApiError:
        """The error in the response."""
        return LocalApiError(self.status, self.code, self.message)


def fault_of(body: Json) -> Fault:
    """Parse a fault of the control API. Raises ApiError."""
    if not body.keys() <= _TYPES.keys():
        unknown = ", ".join(sorted(body.keys() - _TYPES.keys()))
        raise bad_request(f"{unknown}: a fault has {', '.join(_TYPES)}.")
    kind = choice(body, "kind", tuple(KINDS), "")
    choice(body, "body", ("json", "html", "string"), "json")
    on = choice(body, "on", ("images", "tasks"), "images")
    if on == "tasks" and kind not in OF_TASKS:
        raise bad_request(f"on is tasks: {', '.join(sorted(OF_TASKS))} apply to it.")
    values: Json = {name: typed(body, name, _TYPES[name], None) for name in body}
    kept = {name: value for name, value in values.items() if value is not None or name == "times"}
    _check_numbers(kept)
    return Fault(**_error_of(kept) | kept)


def _check_numbers(values: Json) -> None:
    if any(isinstance(value, int | float) and not 0 <= value <= LARGEST_NUMBER for value in values.values()):
        raise bad_request(f"a fault's numbers are not negative, and at most {LARGEST_NUMBER}.")
    if values.get("images", 0) > MOST_MADE or 0 in (values.get("width"), values.get("height")):
        raise bad_request(f"a fault makes at most {MOST_MADE} images, of at least one pixel.")
    if not STATUSES[0] <= values.get("status", 500) <= STATUSES[1]:
        raise bad_request(f"status is {values['status']}: {STATUSES[0]} to {STATUSES[1]} are allowed.")


def _error_of(fault: Json) -> Json:
    """Return status and message of a known code."""
    code = fault.get("code", MODERATED if fault["kind"] == "item_refused" else INTERNAL)
    status, message = KNOWN_ERRORS.get(code, KNOWN_ERRORS[INTERNAL])
    return {"code": code, "status": status, "message": message}


def _types() -> dict[str, type]:
    return {name: _plain_type(hint) for name, hint in get_type_hints(Fault).items()}


def _plain_type(hint: Any) -> type:
    """Simplify a type hint: `dict[...]` to dict, `X | None` to X."""
    if get_origin(hint) is dict:
        return dict
    parts: tuple[type, ...] = get_args(hint) or (hint,)
    return next(part for part in parts if part is not type(None))


_TYPES = _types()


@dataclass(slots=True)
class Faults:
    """The faults that have not been used up."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, on: str, mode: str = "", images: int = 1) -> dict[str, Fault]:
        """Return the faults of one request, at most one of each kind, and count them down."""
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
