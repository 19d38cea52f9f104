"""Who offers SeeDream over HTTP, and what is known to differ from one to the next.

Sources: XHuoAPI's guide and general pages; Ace Data Cloud's documents and integrations; ByteDance's reference for
Volcengine Ark and BytePlus ModelArk.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seedream.errors import InvalidRequest, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream.capabilities import Model

_VENDOR = "doubao-"
MANAGEMENT_KEY = "platform-"
_HTTPS_PORT = 443


class Dialect(StrEnum):
    """How requests and answers are written: paths, the form of streams, whether there are tasks."""

    ACEDATA = "acedata"
    ARK = "ark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """console: where keys are made, and balances topped up. short_names: whether it may take "doubao-seedream-4.5".

    vendor_prefix: whether its ids begin with "doubao-"; the other form is tried next. callbacks: whether it posts
    results. tasks: whether it documents SeeDream tasks that are looked up without a callback; None is not known.
    management_keys: whether keys that begin with "platform-" are for its management API alone.
    """

    name: str
    label: str
    base_url: str
    console: str
    dialect: Dialect = Dialect.ACEDATA
    short_names: bool = True
    vendor_prefix: bool = True
    callbacks: bool = True
    tasks: bool | None = None
    management_keys: bool = False

    @property
    def images_path(self) -> str:
        return "/seedream/images" if self.dialect is Dialect.ACEDATA else "/images/generations"

    @property
    def tasks_path(self) -> str | None:
        """None: there are no tasks to look up."""
        return "/seedream/tasks" if self.dialect is Dialect.ACEDATA else None

    @property
    def stream_type(self) -> str:
        return "application/x-ndjson" if self.dialect is Dialect.ACEDATA else "text/event-stream"

    def wire_ids(self, model: Model) -> tuple[str, ...]:
        """What it may call a model, the likeliest first."""
        dated = model.wire_ids
        if not self.vendor_prefix:
            dated = (*(one.removeprefix(_VENDOR) for one in dated), *dated)
        elif self.dialect is Dialect.ARK:
            dated = (*dated, *(one.removeprefix(_VENDOR) for one in dated))
        return tuple(dict.fromkeys((*dated, model.name) if self.short_names else dated))

    def address(self, given: str = "") -> str:
        """The base URL to use where `given` overrides this provider's: its own host needs no path to be complete."""
        address = given.strip().rstrip("/") or self.base_url
        return self.base_url if _is_bare_host(address, urlsplit(self.base_url).hostname) else address


def _is_bare_host(address: str, host: str | None) -> bool:
    """Whether it is that host over HTTPS, and no more."""
    try:
        parts = urlsplit(address)
        port = parts.port or _HTTPS_PORT
    except ValueError:  # a port that is none: whoever checks addresses says so
        return False
    return (parts.scheme, parts.hostname, port, parts.path) == ("https", host, _HTTPS_PORT, "")


_XHUOAPI = Provider(
    name="xhuoapi",
    label="XHuoAPI",
    base_url="https://api.xhuoapi.ai/v1",
    console="https://platform.xhuoapi.ai",
    # Some services of this gateway keep records of tasks only for requests with a callback.
    tasks=None,
    management_keys=True,
)
_ACEDATA = Provider(
    name="acedata",
    label="Ace Data Cloud",
    base_url="https://api.acedata.cloud",
    console="https://platform.acedata.cloud",
    tasks=True,
    management_keys=True,
)
_ARK = Provider(
    name="ark",
    label="Volcengine Ark",
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    console="https://console.volcengine.com/ark",
    dialect=Dialect.ARK,
    short_names=False,
    callbacks=False,
    tasks=False,
)
_MODELARK = Provider(
    name="modelark",
    label="BytePlus ModelArk",
    base_url="https://ark.ap-southeast.bytepluses.com/api/v3",
    console="https://console.byteplus.com/ark",
    dialect=Dialect.ARK,
    short_names=False,
    vendor_prefix=False,
    callbacks=False,
    tasks=False,
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({one.name: one for one in (_XHUOAPI, _ACEDATA, _ARK, _MODELARK)})
DEFAULT_PROVIDER = _XHUOAPI


def find_provider(name: str) -> Provider:
    """The provider of that name. Raises: InvalidRequest."""
    key = name.strip().casefold()
    if key in PROVIDERS:
        return PROVIDERS[key]
    near = difflib.get_close_matches(key[:40], PROVIDERS, n=1)
    remedy = f"did you mean {near[0]}" if near else f"choose one of {', '.join(PROVIDERS)}"
    raise InvalidRequest(Refusal("provider", name, "there is no such provider", remedy))


def consoles() -> str:
    """Where each provider's keys are made, for a sentence."""
    return ", ".join(f"{one.name}'s at {one.console}" for one in PROVIDERS.values())


def key_problem(key: str, provider: Provider) -> str | None:
    """What is wrong with a key that this provider never takes for images; None if nothing can be said."""
    if provider.management_keys and key.strip().startswith(MANAGEMENT_KEY):
        return (
            f"it begins with “{MANAGEMENT_KEY}”: such a key is for the management API; "
            f"take the SeeDream service's own token from {provider.console}"
        )
    return None
