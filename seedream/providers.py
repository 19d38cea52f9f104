"""The providers of the SeeDream API, and how they differ.

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

from seedream.errors import InvalidOption, InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream.capabilities import Model

_VENDOR = "doubao-"
MANAGEMENT_KEY = "platform-"
_HTTPS_PORT = 443


class Dialect(StrEnum):
    """The form of requests and answers: paths, the format of streams, whether there are tasks."""

    ACEDATA = "acedata"
    ARK = "ark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider.

    console: the web page for keys and balances. short_names: whether it may accept "doubao-seedream-4.5".
    vendor_prefix: whether its ids begin with "doubao-"; the other form is tried next. callbacks: whether it posts
    results. tasks: whether it documents looking up SeeDream tasks without a callback; None if that isn't known.
    management_keys: whether keys that begin with "platform-" are only for its management API.
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
        """The path for looking up tasks; None if there are none."""
        return "/seedream/tasks" if self.dialect is Dialect.ACEDATA else None

    @property
    def stream_type(self) -> str:
        return "application/x-ndjson" if self.dialect is Dialect.ACEDATA else "text/event-stream"

    def wire_ids(self, model: Model) -> tuple[str, ...]:
        """Return the ids that this provider may use for a model, the likeliest first."""
        dated = model.wire_ids
        if not self.vendor_prefix:
            dated = (*(wire_id.removeprefix(_VENDOR) for wire_id in dated), *dated)
        elif self.dialect is Dialect.ARK:
            dated = (*dated, *(wire_id.removeprefix(_VENDOR) for wire_id in dated))
        return tuple(dict.fromkeys((*dated, model.name) if self.short_names else dated))

    def address(self, given: str = "") -> str:
        """Return the base URL: `given`, or this provider's own. The provider's bare host stands for its base URL."""
        address = given.strip().rstrip("/") or self.base_url
        return self.base_url if _is_bare_host(address, urlsplit(self.base_url).hostname) else address


def _is_bare_host(address: str, host: str | None) -> bool:
    """Return whether the address is that host over HTTPS, without a path."""
    try:
        parts = urlsplit(address)
        port = parts.port or _HTTPS_PORT
    except ValueError:  # an invalid port: the validation of the address reports it
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

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {provider.name: provider for provider in (_XHUOAPI, _ACEDATA, _ARK, _MODELARK)}
)
DEFAULT_PROVIDER = _XHUOAPI


def find_provider(name: str) -> Provider:
    """Return the provider of that name. Raises: InvalidRequest."""
    key = name.strip().casefold()
    if key in PROVIDERS:
        return PROVIDERS[key]
    near = difflib.get_close_matches(key[:40], PROVIDERS, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Choose one of {', '.join(PROVIDERS)}."
    raise InvalidRequest(InvalidOption("provider", name, "There is no such provider.", remedy))


def consoles() -> str:
    """Return where each provider's keys are made, as part of a sentence."""
    return ", ".join(f"{provider.name}'s at {provider.console}" for provider in PROVIDERS.values())


def key_problem(key: str, provider: Provider) -> str | None:
    """Return why this provider never accepts a key for images, as a sentence; None if it might."""
    if provider.management_keys and key.strip().startswith(MANAGEMENT_KEY):
        return (
            f"Keys that begin with “{MANAGEMENT_KEY}” are for the management API. "
            f"Use the SeeDream service's own token from {provider.console}"
        )
    return None
