"""The bot fetches nothing inside its own network, however an address is written, named or reached."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest
from aiohttp.resolver import ThreadedResolver

from infra.images.fetching import Fetcher, FetchError, GuardedResolver
from tests.infra.images.files import file_server, redirect

PRIVATE_4 = (
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *("192.168.255.255", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3"),  # noqa: S104
    *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
)
PRIVATE_6 = (
    *("::", "::1", "fe80::1", "febf::1", "fc00::1", "fd00::1", "fdff::1", "fec0::1", "ff02::1", "ff05::2"),
    *("2001:db8::1", "100::1", "2001::1", "2001:10::1"),
)


def forms_of(address: str) -> list[str]:
    """Every way to write an IPv4 address that some program reads as that address."""
    whole, parts = int(ipaddress.IPv4Address(address)), [int(part) for part in address.split(".")]
    a, b, c, d = parts
    high = f"{whole >> 16:x}:{whole & 0xFFFF:x}"
    return [
        *(address, f"{address}.", str(whole), hex(whole), f"0{whole:o}"),
        *(".".join(map(hex, parts)), ".".join(f"0{part:o}" for part in parts), f"{a}.{b}.{c * 256 + d}"),
        *(f"{a}.{(b << 16) + (c << 8) + d}", f"{a:03}.{b:03}.{c:03}.{d:03}"),
        *(f"[::ffff:{address}]", f"[::ffff:{high}]", f"[64:ff9b::{address}]", f"[64:ff9b::{high}]"),
        *(f"[2002:{high}::1]", f"[0:0:0:0:0:ffff:{address}]", f"[::ffff:0:{address}]"),
    ]


HOSTS = [form for address in PRIVATE_4 for form in forms_of(address)] + [f"[{one}]" for one in PRIVATE_6]
HOSTS += [
    "[fe80::1%25eth0]",
    "[::1%25lo]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "::1",
]


@pytest.fixture
async def tried(monkeypatch):
    """The addresses that anybody in this process tries to connect to."""
    loop, tried = asyncio.get_running_loop(), []

    async def refuse(_socket, address):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "sock_connect", refuse)
    return tried


async def refusal(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.read(url, most=1000)
    return caught.value


async def test_no_private_address_is_tried_in_any_of_its_forms(tried):
    assert len(HOSTS) >= 431
    async with Fetcher(allow_local=False, backoff=(), patience=20.0) as fetcher:
        for start in range(0, len(HOSTS), 50):
            await asyncio.gather(*(refusal(fetcher, f"https://{host}/a.png") for host in HOSTS[start : start + 50]))
    assert tried == []


def answers(*addresses: str):
    """A name server's answers, one after the other, then the last again and again."""
    left = list(addresses)

    async def resolve(_self, host, port=0, family=socket.AF_INET):
        address = left.pop(0) if len(left) > 1 else left[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [{"hostname": host, "host": address, "port": port, "family": kind, "proto": 0, "flags": 0}]

    return resolve


@pytest.mark.parametrize("address", [*PRIVATE_4, *PRIVATE_6, "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"])
async def test_a_name_that_leads_to_a_private_address_is_not_tried(tried, monkeypatch, address):
    monkeypatch.setattr(ThreadedResolver, "resolve", answers(address))
    async with Fetcher(allow_local=False, backoff=()) as fetcher:
        assert "is not on the public internet" in str(await refusal(fetcher, "https://files.example/a.png"))
    assert tried == []


async def test_a_name_that_changes_its_address_after_it_was_checked_is_connected_to_where_it_was_checked(
    tried, monkeypatch
):
    monkeypatch.setattr(ThreadedResolver, "resolve", answers("93.184.216.34", "127.0.0.1", "10.0.0.1"))
    async with Fetcher(allow_local=False, backoff=(0, 0, 0)) as fetcher:
        await refusal(fetcher, "https://files.example/a.png")
    assert {address[0] for address in tried} == {"93.184.216.34"}


async def test_of_several_addresses_only_the_public_ones_are_left():
    class Several(ThreadedResolver):
        async def resolve(self, host, port=0, family=socket.AF_INET):
            found = [await answers(one)(self, host, port, family) for one in ("10.0.0.1", "93.184.216.34", "::1")]
            return [address for one in found for address in one]

    resolver = GuardedResolver(allow_local=False)
    resolver._resolver = Several()
    assert [one["host"] for one in await resolver.resolve("files.example")] == ["93.184.216.34"]


@pytest.mark.parametrize("host", ["10.0.0.1", "[::ffff:169.254.169.254]", "[fd00::1]", "192.168.1.1", "0x0a.0.0.1"])
async def test_no_redirect_leads_to_a_private_address(host):
    async with file_server() as server, Fetcher(allow_local=True, backoff=()) as fetcher:
        error = await refusal(fetcher, server.put("a", redirect(f"http://{host}/")))
        assert not error.again
        assert server.asked == ["a"]
