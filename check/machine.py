"""Checks what the bot needs of its own machine: a port, and a public address that leads to it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from check.network import RESOLVE_SECONDS
from check.results import CheckResult
from infra.images.addresses import is_public
from seedream.troubles import describe

if TYPE_CHECKING:
    from infra.config.settings import Settings

ANSWER_SECONDS = 2.0


async def check_machine(settings: Settings) -> list[CheckResult]:
    """Report on the web server's port and public address, if there are any."""
    results = []
    if settings.listens_at:
        results.append(await _port(settings.web_host, settings.listens_at))
    if settings.public_url:
        results.append(await _public_address(settings))
    return results


async def _port(host: str, port: int) -> CheckResult:
    """Report whether the web server could listen. A bot that runs already is no problem."""
    where = f"{host}, port {port}"
    try:
        server = await asyncio.start_server(lambda _, writer: writer.close(), host, port)
    except OSError as error:
        if await _is_a_bot(host, port):
            return CheckResult.ok("web server", f"{where}: a bot is running there")
        return CheckResult.failed("web server", f"WEB_HOST, WEB_PORT: can't listen at {where}: {describe(error)}")
    server.close()
    await server.wait_closed()
    return CheckResult.ok("web server", f"{where} is free")


async def _is_a_bot(host: str, port: int) -> bool:
    try:
        own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - an address to compare with
        url = f"http://[{own}]:{port}/healthz" if ":" in own else f"http://{own}:{port}/healthz"
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return answer.headers.get("Server") == "seedream"
    except (aiohttp.ClientError, OSError):
        return False


async def _public_address(settings: Settings) -> CheckResult:
    """Report whether PUBLIC_URL leads to a public address. Whether it leads here, only a callback can show."""
    host = urlsplit(settings.public_url).hostname or ""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return CheckResult.failed("callbacks", f"PUBLIC_URL: {host}: {describe(error)}")
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    local = settings.allow_local_urls and all(
        ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in addresses
    )
    if any(map(is_public, addresses)) and _is_address(host):
        return CheckResult.note(
            "callbacks",
            f"PUBLIC_URL: Caddy and most others get no trusted certificate for an address such as {host}. Use a name; "
            "--spend tests whether results arrive",
        )
    if local or any(map(is_public, addresses)):
        return CheckResult.ok("callbacks", f"{host} is {addresses[0]}; --spend tests whether results arrive there")
    found_out = "isn't public" if _is_address(host) else f"resolves to {addresses[0]}, which isn't public"
    return CheckResult.failed(
        "callbacks",
        f"PUBLIC_URL: {host} {found_out}, so the service can't reach it. Use a public name, or "
        "leave PUBLIC_URL empty: results are then fetched",
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
