"""The settings that a server's admins make, and which of them refuse a request. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from studio.guilds.moderation import blocked_words, tokens
from studio.guilds.time_zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

MOST_NAMED = 250  # models, channels and roles
MOST_WORDS = 500
MOST_BANNED = 5_000
LONGEST_WORD = 100
LONGEST_NAME = 64


class Replies(StrEnum):
    """What a member's reply to a picture does."""

    AT_ONCE = "at_once"  # every reply is an instruction
    ASK_WHEN_UNSURE = "ask_when_unsure"  # a reply that is probably not an instruction gets a button
    ALWAYS_ASK = "always_ask"  # every reply gets the button
    OFF = "off"


class InvalidSettingError(ValueError):
    """A value that a setting can't have.

    problem: pydantic's name for it, such as too_long, string_too_long or value_error. limit: the most that is accepted,
    if that is the problem.
    """

    def __init__(self, setting: str, problem: str, value: object, limit: int | None) -> None:
        super().__init__(f"{setting}: {problem}")
        self.setting = setting
        self.problem = problem
        self.value = value
        self.limit = limit


def _zone_key(name: str) -> str:
    return find_zone(name).key


def _findable(word: str) -> str:
    if not tokens(word):
        raise ValueError("it has no letter, digit or symbol to look for")
    return word


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop words that would match the same; keep the order."""
    kept: dict[tuple[str, ...], str] = {}
    for word in words:
        kept.setdefault(tuple(tokens(word)), word)
    return tuple(kept.values())


Id = Annotated[int, Field(gt=0, lt=1 << 63)]
# Only the containers are lax: JSON has lists, no sets.
Ids = Annotated[frozenset[Id], Field(max_length=MOST_NAMED, strict=False)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORD),
    AfterValidator(_findable),
]


class GuildSettings(BaseModel):
    """A server's settings. Ids are Discord's.

    None stands for the bot's default; an empty set of models, allowed channels or roles allows all.
    watermark_required: members can't switch it off, whatever `watermark` says. language: one of
    Discord's locales; None for each member's own. blocked_words: as admins wrote them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    default_model: Name | None = None
    default_size: Name | None = None
    watermark: bool | None = None
    watermark_required: bool = False
    output_format: Name | None = None
    models: Annotated[frozenset[Name], Field(max_length=MOST_NAMED, strict=False)] = frozenset()
    channels_allowed: Ids = frozenset()
    channels_denied: Ids = frozenset()
    roles_allowed: Ids = frozenset()
    private: bool = False
    age_restricted_only: bool = False
    blocked_words: Annotated[
        tuple[Word, ...], Field(max_length=MOST_WORDS, strict=False), AfterValidator(_distinct)
    ] = ()
    banned: Annotated[frozenset[Id], Field(max_length=MOST_BANNED, strict=False)] = frozenset()
    log_channel: Id | None = None
    time_zone: Annotated[Name, AfterValidator(_zone_key)] = "UTC"
    language: Name | None = None
    replies: Annotated[Replies, Field(strict=False)] = Replies.ASK_WHEN_UNSURE

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def changed(self, **changes: Any) -> Self:
        """Return the settings with changes. Raises: InvalidSettingError; TypeError for an unknown name."""
        if unknown := changes.keys() - type(self).model_fields:
            raise TypeError(f"no settings: {', '.join(sorted(unknown))}")
        try:
            return self.model_validate({**dict(self), **changes})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            limit = first.get("ctx", {}).get("max_length")
            raise InvalidSettingError(str(first["loc"][0]), first["type"], first["input"], limit) from error

    def differences(self, before: GuildSettings) -> dict[str, tuple[Any, Any]]:
        """Return the settings that changed, as name -> (before, now)."""
        return {name: (old, now) for (name, now), (_, old) in zip(self, before, strict=True) if now != old}

    def to_json(self) -> str:
        """Write what differs from the defaults. Equal settings give the same text."""
        values = {name: value for name, value in self if value != type(self).model_fields[name].default}
        return json.dumps(values, default=sorted, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, in this version or another.

        Unknown keys are skipped; missing and invalid ones get their default. Of a list, only invalid items are dropped.
        Raises: ValueError if it is not a JSON object.
        """
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("settings are a JSON object")  # noqa: TRY004 - it is invalid like other bad JSON
        while True:
            try:
                return cls.model_validate(values)
            except ValidationError as error:
                values = _without(values, error)


def _without(values: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Drop invalid items and excess items of lists, and other invalid values."""
    faults = {fault["loc"][:2]: fault for fault in error.errors(include_url=False)}
    kept = {}
    for name, value in values.items():
        fault = faults.get((name,))
        if fault and fault["type"] == "too_long":
            kept[name] = value[: fault["ctx"]["max_length"]]
        elif not fault and isinstance(value, list):
            kept[name] = [item for at, item in enumerate(value) if (name, at) not in faults]
        elif not fault:
            kept[name] = value
    return kept


class AccessRule(StrEnum):
    """Why the settings refuse a request."""

    BANNED = "banned"
    ROLE = "role"
    CHANNEL_DENIED = "channel_denied"
    CHANNEL_NOT_ALLOWED = "channel_not_allowed"
    NOT_AGE_RESTRICTED = "not_age_restricted"
    MODEL = "model"
    BLOCKED_WORD = "blocked_word"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """What a member asks for, and where.

    channels: the channel, and then what it lies in: of a thread its channel, and the category; none where it is of a
    kind that nobody here knows. age_restricted: whether
    Discord shows the channel to adults only. prompt: as it was typed. names: of the files that come with it.
    """

    user_id: int
    role_ids: frozenset[int]
    channels: tuple[int, ...]
    age_restricted: bool
    model: str
    prompt: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRefusal:
    """The rule that refuses a request.

    given: what the rule is about: a channel, a model, or the blocked word as an admin wrote it. allowed: the roles,
    channels or models that are allowed instead, in order.
    """

    rule: AccessRule
    given: int | str | None = None
    allowed: tuple[int | str, ...] = ()


def refusal(settings: GuildSettings, request: AccessRequest) -> SettingsRefusal | None:
    """Return the first rule that refuses: of the member, the channel, the model, the prompt; None if none does."""
    if request.user_id in settings.banned:
        return SettingsRefusal(rule=AccessRule.BANNED)
    if settings.roles_allowed and not settings.roles_allowed & request.role_ids:
        return SettingsRefusal(rule=AccessRule.ROLE, allowed=_ordered(settings.roles_allowed))
    if refused := _channel_refusal(settings, request):
        return refused
    if settings.models and request.model not in settings.models:
        return SettingsRefusal(rule=AccessRule.MODEL, given=request.model, allowed=_ordered(settings.models))
    if word := blocked_words(settings.blocked_words).found_among(request.prompt, *request.names):
        return SettingsRefusal(rule=AccessRule.BLOCKED_WORD, given=word)
    return None


def _channel_refusal(settings: GuildSettings, request: AccessRequest) -> SettingsRefusal | None:
    """Apply the lists of channels. The nearest one that is listed decides, so a channel overrides its category."""
    here = request.channels[0] if request.channels else None
    listed = settings.channels_denied | settings.channels_allowed
    nearest = next((channel for channel in request.channels if channel in listed), None)
    if nearest in settings.channels_denied:
        return SettingsRefusal(
            rule=AccessRule.CHANNEL_DENIED, given=nearest, allowed=_ordered(settings.channels_allowed)
        )
    if settings.channels_allowed and nearest is None:
        allowed = _ordered(settings.channels_allowed)
        return SettingsRefusal(rule=AccessRule.CHANNEL_NOT_ALLOWED, given=here, allowed=allowed)
    if settings.age_restricted_only and not request.age_restricted:
        return SettingsRefusal(rule=AccessRule.NOT_AGE_RESTRICTED, given=here)
    return None


def _ordered(values: AbstractSet[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values))
