"""Settings, from the environment and from .env; every problem is told at once, each in one plain line."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from seedream import find_model
from seedream.errors import InvalidRequest
from seedream.models import MODELS, Size

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEAR = 0.8  # how alike an unknown name must be to one of ours to be taken for a slip
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PRESETS = sorted({preset for model in MODELS.values() for preset in model.presets})

# Where to get what has no default.
_WHERE = {
    "DISCORD_TOKEN": "copy it from https://discord.com/developers/applications, page Bot",
    "SEEDREAM_API_KEY": "make one at https://platform.acedata.cloud",
}


class ConfigurationError(Exception):
    """Settings that the bot can't run with; `problems` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseModel):
    """What an operator sets. Times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    discord_token: SecretStr
    seedream_api_key: SecretStr
    seedream_base_url: str = "https://api.acedata.cloud"
    discord_api_url: str = "https://discord.com/api/v10"
    discord_gateway_url: str = "wss://gateway.discord.gg"
    database_url: str = "sqlite+aiosqlite:///data/bot.db"
    default_model: str = "doubao-seedream-5.0-lite"
    default_size: str = "2K"
    watermark: bool = False
    max_in_flight: Annotated[int, Field(ge=1, le=1000)] = 8
    image_input: Literal["base64", "url"] = "base64"
    grace: Annotated[float, Field(ge=0, le=600)] = 25
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["text", "json"] = "text"
    allow_local_urls: bool = False

    @property
    def data_dir(self) -> Path:
        """The folder of the database, where pictures in work lie too."""
        file = make_url(self.database_url).database
        return Path(file).parent if file and file != ":memory:" else Path("data")

    @field_validator("discord_token", "seedream_api_key")
    @classmethod
    def _is_bare(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text != text.strip() or any(c.isspace() for c in text) or text[0] in "\"'":
            raise ValueError('put the bare value there: no spaces, no quotes, no "Bot " or "Bearer " before it')
        if not text.isascii():
            raise ValueError("it holds characters that no token has; copy it again")
        return value

    @field_validator("default_model")
    @classmethod
    def _is_a_model(cls, value: str) -> str:
        try:
            return find_model(value).name
        except InvalidRequest:
            raise ValueError(f"“{value}” is no model; choose one of {', '.join(MODELS)}") from None

    @field_validator("default_size")
    @classmethod
    def _is_a_size(cls, value: str) -> str:
        if value.upper() in _PRESETS:
            return value.upper()
        try:
            return str(Size.parse(value))
        except ValueError:
            raise ValueError(f"“{value}” is no size; choose one of {', '.join(_PRESETS)}, or 2048x2048") from None

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            driver = "unreadable"
        if driver != "sqlite+aiosqlite":
            raise ValueError("it must begin with sqlite+aiosqlite:///, then the file, as in the default")
        return value

    @model_validator(mode="after")
    def _has_safe_addresses(self) -> Settings:
        for name, scheme in (
            ("seedream_base_url", "https"),
            ("discord_api_url", "https"),
            ("discord_gateway_url", "wss"),
        ):
            parts = urlsplit(getattr(self, name))
            local = self.allow_local_urls and parts.hostname in _LOOPBACK and parts.scheme in {"http", "ws"}
            if not parts.hostname or (parts.scheme != scheme and not local):
                raise ValueError(
                    f"{name.upper()}: “{getattr(self, name)}” must begin with {scheme}:// "
                    "(http:// and ws:// are for this machine alone, with ALLOW_LOCAL_URLS=true)"
                )
        return self


NAMES = tuple(name.upper() for name in Settings.model_fields)


def load_settings(env_file: Path | None = Path(".env"), environ: Mapping[str, str] | None = None) -> Settings:
    """The settings; the environment wins over the file. Raises: ConfigurationError with every problem."""
    environ = os.environ if environ is None else environ
    from_file = dotenv_values(env_file, encoding="utf-8-sig") if env_file and env_file.is_file() else {}
    problems = [_unknown(name, str(env_file)) for name in from_file if name.upper() not in NAMES]
    problems += [_unknown(name, "the environment") for name in environ if _is_a_slip(name)]
    given = {**from_file, **environ}
    values = {name.lower(): value.strip() for name in NAMES if (value := given.get(name)) and value.strip()}
    try:
        settings = Settings(**values)  # type: ignore[arg-type]  # pydantic reads strings
    except ValidationError as error:
        problems += [_sentence(one) for one in error.errors()]
        raise ConfigurationError(tuple(problems)) from None
    if problems:
        raise ConfigurationError(tuple(problems))
    return settings


def _nearest(name: str) -> str | None:
    return next(iter(difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=_NEAR)), None)


def _is_a_slip(name: str) -> bool:
    """A name of the environment that is nearly one of ours; all others there are none of our business."""
    return name.upper() not in NAMES and name.isupper() and _nearest(name) is not None


def _unknown(name: str, where: str) -> str:
    nearest = _nearest(name)
    hint = f"did you mean {nearest}?" if nearest else f"the settings are {', '.join(NAMES)}."
    return f"{name}: there is no such setting (in {where}); {hint}"


def _sentence(error: Any) -> str:
    name = str(error["loc"][0]).upper() if error["loc"] else ""
    if error["type"] == "missing":
        return f"{name}: it is missing; {_WHERE[name]}, and put it into .env or the environment."
    message = error["msg"].removeprefix("Value error, ")
    return f"{name}: {message}." if name else f"{message}."
