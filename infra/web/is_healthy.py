"""Asks the bot's web server whether it is healthy, for the image's HEALTHCHECK. Needs nothing but Python itself."""

from __future__ import annotations

import os
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_SECONDS = 4.0
_OWN = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses to compare with


def health_address(environ: Mapping[str, str]) -> str | None:
    """Return the address to ask, by the bot's settings; None if it has no web server, or one at a free port."""
    host, port, public = (environ.get(name, "").strip() for name in ("WEB_HOST", "WEB_PORT", "PUBLIC_URL"))
    port = port or ("8080" if public else "0")
    host = _OWN.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz" if port.strip("0") else None


def main() -> None:
    """Raise an exception, so that the process fails, unless the answer is a good one."""
    if address := health_address(os.environ):  # otherwise, that the process runs is all there is to know
        without_proxies = urllib.request.ProxyHandler({})
        urllib.request.build_opener(without_proxies).open(address, timeout=ANSWER_SECONDS)


if __name__ == "__main__":
    main()
