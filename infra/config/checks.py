"""What a setting accepts beyond its type. A check returns the value as the bot uses it.

Raises ValueError with the rest of a sentence: what is wrong with “it”, the value, and what to do. `info.data` holds the
settings declared above the checked one, except those that were refused themselves.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from infra.config.shards import parse_shard_ids
from seedream import find_model, sizes
from seedream.capabilities import Size
from seedream.errors import InvalidRequest
from seedream.models import MODELS, presets_of
from seedream.providers import PROVIDERS, find_provider, key_problem
from seedream.proxies import parse_proxy
from studio.quota.prices import parse_prices

if TYPE_CHECKING:
    from seedream.providers import Provider

    IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

MIN_SECRET_KEY_LENGTH = 32
UNLIMITED = "unlimited"
MIN_SECRET_LENGTH = 8  # a shorter one may be any word of the log, where secrets are masked

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# This machine and its neighbours; 169.254.169.254 is where clouds keep a machine's credentials.
_OWN = tuple(map(ipaddress.ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10")))
_SERVER_ID = re.compile(r"[1-9][0-9]{14,18}")  # 64 bits, as in SQL: Discord's ids have at most 19 digits until 2084
_NOT_A_TOKEN = {r"[0-9]{15,20}": "id", r"[0-9a-f]{64}": "public key", r"[\w-]{32}": "client secret"}
_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")


def presets() -> list[str]:
    return presets_of(MODELS.values())


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


UPPER, LOWER = BeforeValidator(_upper), BeforeValidator(_lower)


_THREE_PARTS = re.compile(r"[\w-]+(\.[\w-]+){2}")  # as tokens have them


def bare(value: SecretStr | None) -> SecretStr | None:
    """A token or key without what often gets copied along with it."""
    if value is None:
        return None
    text = value.get_secret_value()
    if text.lower().startswith(("bot ", "bearer ")):
        raise ValueError("it starts with “Bot ” or “Bearer ”; leave that out")
    if text[0] in "\"'" or text[-1] in "\"'":
        raise ValueError("it is in quotes; leave them out")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"it contains a space or another character that no token or key has; copy it again{_escape(text)}"
        )
    if len(text) < MIN_SECRET_LENGTH and not _THREE_PARTS.fullmatch(text):  # masking those spoils no other word
        raise ValueError(f"it has only {len(text)} characters, and no token or key is so short; copy it again")
    return value


def _escape(text: str) -> str:
    r"""Explain control characters: in double quotes, .env has escapes such as \n."""
    return "" if text.isprintable() else r". In .env, write a value with \ in single quotes"


def token(value: SecretStr) -> SecretStr:
    """Discord's developer pages show four things that look alike."""
    text = value.get_secret_value()
    for shape, what in _NOT_A_TOKEN.items():
        if re.fullmatch(shape, text):
            raise ValueError(
                f"it looks like the application's {what}; on the page Bot, press Reset Token and copy that"
            )
    return value


def _provider(info: ValidationInfo) -> Provider | None:
    """None: the provider was refused itself."""
    return PROVIDERS.get(info.data.get("seedream_provider", ""))


def provider_name(value: str) -> str:
    try:
        return find_provider(value).name
    except InvalidRequest as error:
        raise ValueError(error.problems[0].remedy.rstrip(".?")) from None


def api_key(value: SecretStr, info: ValidationInfo) -> SecretStr:
    provider = _provider(info)
    if provider and (problem := key_problem(value.get_secret_value(), provider)):
        raise ValueError(problem)
    return value


def secret_key(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    if value is None and info.data.get("public_url"):
        raise ValueError("PUBLIC_URL needs it")
    if value is not None and len(value) < MIN_SECRET_KEY_LENGTH:
        raise ValueError(f"it has only {len(value)} characters")
    return value


def host(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        if _HOST_NAME.fullmatch(value):
            return value
        raise ValueError("it is neither an IP address nor a host name; a port belongs in WEB_PORT") from None


def model_name(value: str) -> str:
    try:
        return find_model(value).name
    except InvalidRequest:
        raise ValueError("there is no such model") from None


def image_size(value: str) -> str:
    if value.upper() in presets():
        return value.upper()
    size = str(Size.parse(value))
    if all(any(sizes.size_problems(model, size, None)) for model in MODELS.values()):
        raise ValueError("no model makes that size")
    return size


def prices(value: str) -> str:
    parse_prices(value)
    return value


def unlimited(value: object) -> object:
    """None for the word that stands for no limit."""
    return None if isinstance(value, str) and value.lower() == UNLIMITED else value


def server_ids(value: str) -> str:
    ids = [part.strip() for part in value.split(",")]
    if wrong := [part for part in ids if not _SERVER_ID.fullmatch(part)]:
        how = "to copy one, turn on Developer Mode in Discord and choose Copy Server ID in the server's menu"
        raise ValueError(f"“{wrong[0][:40]}” is not a server id; {how}")
    return ",".join(ids)


def shard_count(value: int, info: ValidationInfo) -> int:
    if info.data.get("shards"):
        raise ValueError("with SHARDS=auto, Discord chooses the count; set only one of the two")
    return value


def shard_ids(value: str, info: ValidationInfo) -> tuple[int, ...]:
    if info.data.get("shards"):
        raise ValueError("with SHARDS=auto, this process serves every shard; set SHARD_COUNT instead")
    ids = parse_shard_ids(value)
    if "shard_count" not in info.data:  # it was refused itself
        return ids
    if (count := info.data["shard_count"]) is None:
        raise ValueError("SHARD_COUNT is missing; set it to the same number in every process")
    if max(ids) >= count:
        raise ValueError(f"there is no shard {max(ids)} when SHARD_COUNT is {count}")
    if len(ids) < count and info.data.get("database_url", "").startswith("sqlite"):
        raise ValueError(
            "the other shards need further processes, and SQLite serves only one; "
            "set DATABASE_URL to a PostgreSQL database"
        )
    return ids


def address(scheme: str, *, keep_slash: bool = False) -> Any:
    """Accepts `scheme`://host:port/path; its unencrypted form for this machine, with ALLOW_LOCAL_URLS.

    `keep_slash`: keep a slash at the end, where the path is used as it is.
    """
    plain = scheme.removesuffix("s")

    def check(value: str, info: ValidationInfo) -> str:
        try:
            parts, port = urlsplit(value), urlsplit(value).port
        except ValueError:  # its text would quote the address
            raise ValueError("it is not an address: the host must be a name or an IP, the port a number") from None
        local = info.data.get("allow_local_urls", True) and parts.hostname in _LOOPBACK
        if parts.scheme not in {scheme, plain if local else scheme}:
            hint = f"{plain}:// is only for this machine, with ALLOW_LOCAL_URLS=true"
            raise ValueError(f"it must start with {scheme}://; {hint}")
        if not parts.hostname or port == 0 or any(character.isspace() for character in value):
            raise ValueError("it has no host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("it may only have a scheme, a host, a port and a path")
        return value if keep_slash else value.rstrip("/")

    return AfterValidator(check)


def proxy(value: str) -> str:
    parse_proxy(value, "PROXY_URL")
    return value


def networks(value: str) -> tuple[IPNetwork, ...]:
    found = tuple(_network(part.strip()) for part in value.split(","))
    if never := next(
        (its for its in found if any(its.overlaps(own) for own in _OWN if own.version == its.version)), None
    ):
        raise ValueError(f"{never} contains addresses of this machine, which no link may lead to")
    return found


def _network(text: str) -> IPNetwork:
    try:
        return ipaddress.ip_network(text, strict=False)  # Clash writes 198.18.0.1/16
    except ValueError:
        raise ValueError(f"“{text[:40]}” is not a network; write it as 198.18.0.0/15") from None


def delivery(value: str, info: ValidationInfo) -> str:
    provider = _provider(info)
    if provider is None:
        return value
    if value == "callback" and not provider.callbacks:
        raise ValueError(f"{provider.label} doesn't support callbacks")
    if value == "callback" and not info.data.get("public_url"):
        raise ValueError("it needs PUBLIC_URL")
    if value == "poll" and provider.tasks_path is None:
        raise ValueError(f"{provider.label} has no tasks to poll")
    return value
