"""How the local service behaves when nothing goes wrong."""

from dataclasses import dataclass, fields, replace

from sandbox.seedream.errors import Json, bad_request
from sandbox.seedream.fields import choice, typed

LONGEST_PAUSE = 3600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Pauses are in seconds. `accepted_ids` dated | short | both; `task_answer` record | plain."""

    delay: float = 1.0
    image_interval: float = 0.3
    accepted_ids: str = "dated"
    task_answer: str = "record"


def changed(settings: Settings, body: Json) -> Settings:
    """The settings with those of the body in their place. Raises ApiError."""
    known = {field.name for field in fields(Settings)}
    if not body.keys() <= known:
        raise bad_request(f"{', '.join(sorted(body.keys() - known))}: the settings are {', '.join(sorted(known))}.")
    return replace(
        settings,
        delay=_pause(body, "delay", settings.delay),
        image_interval=_pause(body, "image_interval", settings.image_interval),
        accepted_ids=choice(body, "accepted_ids", ("dated", "short", "both"), settings.accepted_ids),
        task_answer=choice(body, "task_answer", ("record", "plain"), settings.task_answer),
    )


def _pause(body: Json, name: str, now: float) -> float:
    seconds = typed(body, name, float, now)
    if not 0 <= seconds <= LONGEST_PAUSE:
        raise bad_request(f"{name} is {seconds}: 0 to {LONGEST_PAUSE} seconds are allowed.")
    return seconds
