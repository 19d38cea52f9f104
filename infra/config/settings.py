"""The settings: what an operator may set, what each takes, and how a wrong value is described."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from infra.config.shards import MOST_SHARDS, parse_shard_ids
from seedream import find_model, sizes
from seedream.capabilities import MAX_PRICE, Size
from seedream.errors import InvalidRequest
from seedream.models import DEFAULT_MODEL, MODELS, presets_of
from seedream.providers import DEFAULT_PROVIDER, PROVIDERS, Provider, consoles, find_provider, key_problem
from studio.quota.limits import MOST_AMOUNT, Ceilings
from studio.quota.prices import parse_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ADDRESSES = {
    "public_url": "https",
    "seedream_base_url": "https",
    "discord_api_url": "https",
    "discord_gateway_url": "wss",
    "discord_cdn_url": "https",
}
SECRET = {"discord_token", "seedream_api_key", "secret_key"}
_SHORTEST_KEY = 32
_ID = re.compile(r"[1-9][0-9]{14,18}")  # of 64 bits, as SQL has them: Discord's will be of 19 digits until 2084
_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
WEB_PORT = 8080  # where callbacks are listened for when WEB_PORT says nothing
_POSTGRESQL = "postgresql+asyncpg"
# As they are written, also by hosts that hand out addresses, and as SQLAlchemy has to be told.
_DATABASES = {
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_PASSWORD = re.compile(r"(password=)[^&\s]*", re.IGNORECASE)
_SHOWN = 80  # characters of a wrong value


def _presets() -> list[str]:
    return presets_of(MODELS.values())


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _field(default: Any, purpose: str, **limits: Any) -> Any:
    return Field(default, description=purpose, **limits)


class Settings(BaseModel):
    """What an operator sets. A field's description says what it is for and what it takes, to operators too."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    discord_token: SecretStr = _field(
        ..., "The bot's token, from https://discord.com/developers/applications, page Bot"
    )
    seedream_provider: str = _field(
        DEFAULT_PROVIDER.name,
        f"Who answers the API's requests: {', '.join(f'{one.name} ({one.label})' for one in PROVIDERS.values())}",
    )
    seedream_api_key: SecretStr = _field(..., f"The provider's API key: {consoles()}")
    models_file: Path | None = _field(
        None, "A TOML file that adds models or changes them; seedream/models.toml explains its keys"
    )
    default_model: str = _field(DEFAULT_MODEL, f"The model when a member names none: {', '.join(MODELS)}")
    default_size: str = _field(
        "2K",
        f"The size when a member names none: {', '.join(_presets())}, or width x height such as 2048x2048",
    )
    watermark: bool = _field(False, "Mark pictures as made by AI unless a member says otherwise: true or false")
    max_in_flight: int = _field(8, "Requests to the API at once: a whole number from 1 to 1000", ge=1, le=1000)
    image_input: Annotated[Literal["base64", "url"], BeforeValidator(_lower)] = _field(
        "base64", "How reference pictures are sent: base64, or url (links, which not every service can reach)"
    )
    database_url: str = _field(
        "sqlite+aiosqlite:///data/bot.db",
        "Where jobs are kept: sqlite+aiosqlite:///, then a file, or postgresql://user:password@host/database",
    )
    shards: Annotated[Literal["auto"] | None, BeforeValidator(_lower)] = _field(
        None, "For one process with many servers: auto, to serve as many shards as Discord asks for"
    )
    shard_count: int | None = _field(
        None,
        f"How many shards all processes have together: a whole number from 1 to {MOST_SHARDS}",
        ge=1,
        le=MOST_SHARDS,
    )
    shard_ids: tuple[int, ...] | None = _field(
        None,
        "Which of them this process serves: numbers below SHARD_COUNT, such as 0,1,2 or 0-3; all where it is empty",
    )
    grace: float = _field(25.0, "Seconds that running jobs get at shutdown: 0 to 600", ge=0, le=600)
    job_max_age: float = _field(
        6 * 3600.0, "Seconds after which a job that has not ended is given up: 60 to 86400", ge=60, le=86400
    )
    model_prices: str = _field(
        "",
        f"What pictures cost, in whole credits from 0 to {MAX_PRICE}, with commas between prices: 5.0-pro=1 (a "
        "picture), 5.0-pro>2600000=2 (with more pixels), 5.0-pro:reference=1 (added for each reference after the "
        "first), 5.0-pro:layer=1 (a layer); a price that is not set is that of MODELS_FILE, or 1 a picture",
    )
    operator_daily_limit: int | None = _field(
        None,
        "Credits that the whole bot may use in a day (UTC), in all servers together: a whole number from 0; "
        "without it, no limit",
        ge=0,
        le=MOST_AMOUNT,
    )
    servers_allowed: str = _field(
        "", "The ids of the servers that the bot works in, with commas between them; without any, in all"
    )
    personal_use: bool = _field(
        True,
        "Whether the bot works in direct messages and where members have installed it for themselves: true or false",
    )
    personal_daily_limit: int | None = _field(
        None,
        "Credits that each member may use there in a day (UTC): a whole number from 0; without it, no limit",
        ge=0,
        le=MOST_AMOUNT,
    )
    retention_days: int = _field(
        90,
        "Days after which what members asked for is forgotten, prompts and all: 1 to 3650, or 0 to keep it for ever",
        ge=0,
        le=3650,
    )
    operator_server: int | None = _field(
        None,
        "The id of your own Discord server, which alone gets /operator; where it is empty, that is in direct messages",
        gt=0,
        lt=1 << 63,
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = _field(
        "INFO", "What is logged: DEBUG, INFO, WARNING or ERROR, and what is graver"
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_lower)] = _field(
        "text", "How it is logged: text, or json for one object a line"
    )
    allow_local_urls: bool = _field(
        False, "For a local world: http, ws and pictures from this machine are allowed: true or false"
    )
    public_url: str = _field(
        "",
        "The public address of this bot's web server, https://: the SeeDream service then posts results to it, and no "
        "connection waits for them",
    )
    secret_key: SecretStr | None = _field(
        None,
        f"Signs the addresses that results are posted to, and is needed with PUBLIC_URL: {_SHORTEST_KEY} "
        "characters or more, the same in every process; make one with: openssl rand -hex 32",
        validate_default=True,
    )
    web_host: str = _field("127.0.0.1", "Where the web server listens: an IP address or a name of this machine")
    web_port: int | None = _field(
        None,
        f"The web server's port, for callbacks, /healthz, /readyz and /metrics: 1 to 65535, or 0 for a free one; "
        f"{WEB_PORT} with PUBLIC_URL, and without both there is no web server",
        ge=0,
        le=65535,
    )
    seedream_base_url: str = _field(
        "", "The API's address, https://, in place of the provider's: for a reseller of the same service"
    )
    delivery: Annotated[Literal["auto", "stream", "poll", "callback", "plain"], BeforeValidator(_lower)] = _field(
        "auto",
        "How pictures come from the API: stream, poll, callback (with PUBLIC_URL) or plain; auto takes what the "
        "provider is known to offer",
    )
    discord_api_url: str = _field(
        "https://discord.com/api/v10", "Discord's REST address, https://; large bots put a proxy here"
    )
    discord_gateway_url: str = _field(
        "wss://gateway.discord.gg", "Discord's gateway address, wss://; large bots put a proxy here"
    )
    discord_cdn_url: str = _field(
        "https://cdn.discordapp.com", "Where Discord has stickers and emoji, https://; for a mirror of it"
    )

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    def came_from(self, sources: Mapping[str, str]) -> None:
        """Where each was set, for `describe`."""
        self._sources.update(sources)

    @property
    def database_file(self) -> Path | None:
        """The database's file, if it is one."""
        url = make_url(self.database_url)
        in_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
        return Path(url.database) if in_file and url.database else None

    @property
    def data_dir(self) -> Path:
        """The folder of the database, where pictures in work lie too."""
        return self.database_file.parent if self.database_file else Path("data")

    @property
    def ceilings(self) -> Ceilings:
        """What the operator allows."""
        servers = frozenset(map(int, self.servers_allowed.split(",")) if self.servers_allowed else ())
        return Ceilings(
            daily=self.operator_daily_limit,
            servers=servers or None,
            personal=self.personal_use,
            personal_daily=self.personal_daily_limit,
            prices=parse_prices(self.model_prices),
        )

    @property
    def provider(self) -> Provider:
        return PROVIDERS[self.seedream_provider]

    @property
    def api_address(self) -> str:
        """The API's base URL."""
        return self.provider.address(self.seedream_base_url)

    @property
    def secrets(self) -> list[SecretStr]:
        """All that must never be seen."""
        return [value for name, value in self if name in SECRET and value is not None]

    @property
    def listens_at(self) -> int | None:
        """The web server's port; None where there is none."""
        return WEB_PORT if self.web_port is None and self.public_url else self.web_port

    def describe(self) -> list[tuple[str, str, str]]:
        """(name, value, where it is from) of every setting; of a secret, only that it is set."""
        return [
            (
                name.upper(),
                shown(value) if name not in SECRET or value is None else "set",
                self._sources.get(name, "default"),
            )
            for name, value in self
        ]

    @field_validator(*SECRET)
    @classmethod
    def _is_bare(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value()
        if text.lower().startswith(("bot ", "bearer ")):
            raise ValueError("it begins with “Bot ” or “Bearer ”; leave that out")
        if text[0] in "\"'" or text[-1] in "\"'":
            raise ValueError("it stands in quotes; leave them out")
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("it holds a space or another character that none has; copy it again")
        return value

    @field_validator("seedream_provider")
    @classmethod
    def _is_a_provider(cls, value: str) -> str:
        try:
            return find_provider(value).name
        except InvalidRequest as error:
            raise ValueError(error.problems[0].remedy.rstrip(".?")) from None

    @field_validator("seedream_api_key")
    @classmethod
    def _is_for_images(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        provider = PROVIDERS.get(info.data.get("seedream_provider", ""))
        if provider and (problem := key_problem(value.get_secret_value(), provider)):
            raise ValueError(problem)
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("public_url"):
            raise ValueError("it is needed with PUBLIC_URL")
        if value is not None and len(value) < _SHORTEST_KEY:
            raise ValueError(f"it has {len(value)} characters")
        return value

    @field_validator("web_host")
    @classmethod
    def _is_a_host(cls, value: str) -> str:
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            if _HOST_NAME.fullmatch(value):
                return value
            raise ValueError("it is neither; the port is WEB_PORT") from None

    @field_validator("default_model")
    @classmethod
    def _is_a_model(cls, value: str) -> str:
        try:
            return find_model(value).name
        except InvalidRequest:
            raise ValueError("no such model") from None

    @field_validator("default_size")
    @classmethod
    def _is_a_size(cls, value: str) -> str:
        if value.upper() in _presets():
            return value.upper()
        size = str(Size.parse(value))
        if all(any(sizes.size_problems(model, size, None)) for model in MODELS.values()):
            raise ValueError("no model makes that")
        return size

    @field_validator("model_prices")
    @classmethod
    def _are_prices(cls, value: str) -> str:
        parse_prices(value)
        return value

    @field_validator("servers_allowed")
    @classmethod
    def _are_servers(cls, value: str) -> str:
        ids = [part.strip() for part in value.split(",")]
        wrong = [part for part in ids if not _ID.fullmatch(part)]
        if wrong:
            how = "switch Developer Mode on in Discord, and choose Copy Server ID in a server's menu"
            raise ValueError(f"“{wrong[0][:40]}” is no id of a server; {how}")
        return ",".join(ids)

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):  # a port that is no number is a ValueError
            raise ValueError("it is no database address") from None
        driver = _DATABASES.get(url.drivername)
        if driver is None:
            raise ValueError(f"it names {url.drivername}, and only {' and '.join(_DATABASES)} are supported")
        if driver == _POSTGRESQL and not url.database:
            raise ValueError("it names no database")
        if any(_PASSWORD.match(f"{name}=") for name in url.query):
            raise ValueError("a password stands after the “?”; write it before the host")
        return value if driver == url.drivername else url.set(drivername=driver).render_as_string(hide_password=False)

    @field_validator("shard_count")
    @classmethod
    def _is_the_only_count(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("shards"):
            raise ValueError("SHARDS=auto has Discord choose the count; set one of the two")
        return value

    @field_validator("shard_ids", mode="before")
    @classmethod
    def _are_shards(cls, value: str, info: ValidationInfo) -> tuple[int, ...]:
        if info.data.get("shards"):
            raise ValueError("SHARDS=auto serves every shard in this process; set SHARD_COUNT in its place")
        ids = parse_shard_ids(value)
        if "shard_count" not in info.data:  # it was refused itself
            return ids
        if (count := info.data["shard_count"]) is None:
            raise ValueError("SHARD_COUNT is missing, which every process has to know")
        if max(ids) >= count:
            raise ValueError(f"there is no shard {max(ids)} where SHARD_COUNT is {count}")
        if len(ids) < count and info.data.get("database_url", "").startswith("sqlite"):
            raise ValueError(
                "the processes of the other shards need the same database, and SQLite's is for one; "
                "set DATABASE_URL to a PostgreSQL"
            )
        return ids

    @field_validator(*_ADDRESSES)
    @classmethod
    def _is_an_address(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)  # raises ValueError itself
        secure = _ADDRESSES[info.field_name or ""]
        local = info.data.get("allow_local_urls", True) and parts.hostname in _LOOPBACK
        if parts.scheme not in {secure, secure[:-1] if local else secure}:
            plain = f"; {secure[:-1]}:// is for this machine alone, with ALLOW_LOCAL_URLS=true"
            raise ValueError(f"it must begin with {secure}://{plain}")
        if not parts.hostname or parts.port == 0 or any(character.isspace() for character in value):
            raise ValueError("it names no host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("it holds more than scheme, host, port and path")
        # The gateway's path is its whole path: a proxy under /shards/ is not the one under /shards.
        return value if info.field_name == "discord_gateway_url" else value.rstrip("/")

    @field_validator("delivery")
    @classmethod
    def _is_offered(cls, value: str, info: ValidationInfo) -> str:
        provider = PROVIDERS.get(info.data.get("seedream_provider", ""))
        if provider is None:  # it was refused itself
            return value
        if value == "callback" and not provider.callbacks:
            raise ValueError(f"{provider.label} posts no results")
        if value == "callback" and not info.data.get("public_url"):
            raise ValueError("it needs PUBLIC_URL")
        if value == "poll" and provider.tasks_path is None:
            raise ValueError(f"{provider.label} has no tasks to look up")
        return value


NAMES = tuple(name.upper() for name in Settings.model_fields)


def shown(value: object) -> str:
    """A value as a person reads it; of an address, not the password in it."""
    match value:
        case None:
            return ""
        case bool():
            text = str(value).lower()
        case float():
            text = f"{value:g}"
        case tuple():
            text = ",".join(map(str, value))
        case _:
            text = str(value)
    head, separator, host = text.rpartition("@")
    if separator and "://" in head:
        text = f"{head.split('://', 1)[0]}://…@{host}"
    text = _PASSWORD.sub(r"\1…", text)
    line = in_one_line(text[:_SHOWN])
    return line if len(text) <= _SHOWN else f"{line}…"


def in_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
