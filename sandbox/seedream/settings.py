"""The settings of the local service."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from sandbox.seedream.errors import Json, invalid
from sandbox.seedream.json_fields import choice, typed
from sandbox.seedream.layers import MOST_LAYERS
from sandbox.seedream.models import MODELS, POLICIES, ExtraModel

LONGEST_PAUSE = 3600.0  # seconds
MOST_LOOKUPS = 1000.0  # a second

T2I, EDIT, FLASH = "doubao-seedream-3.0-t2i", "doubao-seededit-3.0-i2i", "doubao-seedream-5.0-flash"

# The values that a profile sets. Sources of the first, all of AceDataCloud's repositories:
# MCPs b91195b (how an unknown id is refused), SeedreamAPI c9791ab (the withdrawn models), SeedreamDify's
# e2e-results.json (ids and null fields).
PROFILES: dict[str, Json] = {
    "october-2026": {
        "accepted_ids": "current",
        "withdrawn": (T2I, EDIT),
        "unknown_model": "listed",
        "layer_form": "documented",
        "layers": 4,
        "null_fields": True,
        "success_in_errors": False,
        "task_times": True,
    },
    "guide": {
        "accepted_ids": "dated",
        "withdrawn": (FLASH,),
        "unknown_model": "invalid",
        "layer_form": "guide",
        "layers": 3,
        "null_fields": False,
        "success_in_errors": True,
        "task_times": False,
    },
}
# The values that a dialect sets in every profile: ByteDance lists both ids of 5.0 lite.
DIALECTS: dict[str, Json] = {"acedata": {}, "ark": {"accepted_ids": "dated", "unknown_model": "not_found"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """README.md documents each setting. Times are in seconds."""

    profile: str = "october-2026"
    dialect: str = "acedata"
    delay: float = 1.0
    image_interval: float = 0.3
    accepted_ids: str = "current"
    withdrawn: tuple[str, ...] = (T2I, EDIT)
    extra_models: tuple[ExtraModel, ...] = ()
    unknown_model: str = "listed"
    layer_form: str = "documented"
    layers: int = 4
    null_fields: bool = True
    success_in_errors: bool = False
    task_times: bool = True
    task_answer: str = "record"
    task_records: str = "all"
    unknown_task: str = "not_found"
    tell_task_ids: bool = False
    lookups_per_second: float = 0.0
    links_once: bool = False


def changed(settings: ServiceSettings, body: Json) -> ServiceSettings:
    """Return changed settings; a profile or a dialect sets further ones. Raises ApiError."""
    known = {field.name for field in fields(ServiceSettings)}
    if not body.keys() <= known:
        unknown = ", ".join(sorted(body.keys() - known))
        raise invalid(unknown, f"can't be set: the settings are {', '.join(sorted(known))}.")
    changes = {name: _READERS[name](body, name) for name, value in body.items() if value is not None}
    if changes.keys() & {"profile", "dialect"}:
        started = replace(settings, **changes)
        settings = replace(settings, **PROFILES[started.profile] | DIALECTS[started.dialect])
    return replace(settings, **changes)


Reader = Callable[[Json, str], Any]


def _one_of(*allowed: str) -> Reader:
    return lambda body, name: choice(body, name, allowed, "")


def _number(most: float, unit: str) -> Reader:
    def read(body: Json, name: str) -> float:
        number = typed(body, name, float, 0.0)
        if not 0 <= number <= most:
            raise invalid(name, f"is {number}: 0 to {most} {unit} are allowed.")
        return number

    return read


def _flag(body: Json, name: str) -> bool:
    return typed(body, name, bool, False)


def _layers(body: Json, name: str) -> int:
    layers = typed(body, name, int, 0)
    if not 1 <= layers <= MOST_LAYERS:
        raise invalid(name, f"is {layers}: 1 to {MOST_LAYERS} are allowed.")
    return layers


def _withdrawn(body: Json, name: str) -> tuple[str, ...]:
    models = tuple(model.name for model in MODELS)
    if not isinstance(body[name], list | tuple) or not all(model in models for model in body[name]):
        raise invalid(name, f"is a list of {', '.join(models)}.")
    return tuple(body[name])


def _extra_models(body: Json, name: str) -> tuple[ExtraModel, ...]:
    models = {model.name for model in MODELS}
    if not isinstance(body[name], list | tuple) or not all(
        isinstance(model, dict)
        and model.keys() == {"id", "like"}
        and isinstance(model["id"], str)
        and model["like"] in models
        for model in body[name]
    ):
        raise invalid(name, 'is a list of {"id": "a new id", "like": "the name of a model"}.')
    return tuple(ExtraModel(**model) for model in body[name])


_PAUSE = _number(LONGEST_PAUSE, "seconds")
_READERS: dict[str, Reader] = {
    "profile": _one_of(*PROFILES),
    "dialect": _one_of(*DIALECTS),
    "delay": _PAUSE,
    "image_interval": _PAUSE,
    "accepted_ids": _one_of(*POLICIES),
    "withdrawn": _withdrawn,
    "extra_models": _extra_models,
    "unknown_model": _one_of("listed", "invalid", "not_found"),
    "layer_form": _one_of("documented", "guide"),
    "layers": _layers,
    "null_fields": _flag,
    "success_in_errors": _flag,
    "task_times": _flag,
    "task_answer": _one_of("record", "plain", "status"),
    "task_records": _one_of("all", "callback_only", "none"),
    "unknown_task": _one_of("not_found", "bad_request", "empty"),
    "tell_task_ids": _flag,
    "lookups_per_second": _number(MOST_LOOKUPS, "look-ups a second"),
    "links_once": _flag,
}
