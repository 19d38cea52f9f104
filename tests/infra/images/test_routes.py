"""How links are reached: by names that a resolver makes up, and through proxies."""

from __future__ import annotations

import ipaddress

import pytest

from infra.images.addresses import GuardedResolver, NotAllowedError
from infra.images.fetching import Fetcher, FetchError, Route
from seedream.proxies import proxies_from
from tests.infra.images.files import file_server
from tests.support.proxies import HttpProxy

MOST = 1_000_000
FAKE = (ipaddress.ip_network("198.18.0.0/15"), ipaddress.ip_network("fc00::/18"))


class Resolver(GuardedResolver):
    """Answers every name with one address, as Clash does."""

    def __init__(self, address, **options):
        super().__init__(**options)
        self._address = address
        self._resolver = self

    async def resolve(self, host, port=0, family=0):
        return [{"hostname": host, "host": self._address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def guarded(self, host):
        return await GuardedResolver.resolve(self, host)


@pytest.mark.parametrize("address", ["198.18.0.9", "198.19.255.254", "fc00::9", "::ffff:198.18.0.9"])
async def test_addresses_of_a_trusted_network_are_taken_from_the_resolver_and_from_no_link(address):
    resolver = Resolver(address, allow_local=False, trusted=FAKE)
    [answer] = await resolver.guarded("files.example")
    assert answer["host"] == address
    assert not resolver.allows(address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("198.18.0.9", "files.example resolves to 198.18.0.9, a fake address"),
        ("fc00::9", "Set TRUST_RESOLVER=fc00::/18 if connections work through it"),
        ("192.168.1.1", "a private address: a DNS server on your network gives a wrong answer, or a login page"),
        ("127.0.0.1", "which can't be the service"),
        ("64:ff9b::a00:1", "a private address"),
    ],
)
async def test_a_resolver_that_lies_is_named(address, said):
    with pytest.raises(NotAllowedError) as caught:
        await Resolver(address, allow_local=False).guarded("files.example")
    assert said in caught.value.cause


@pytest.mark.parametrize("address", ["64:ff9b::808:808", "8.8.8.8"])
async def test_a_public_address_behind_nat64_is_public(address):
    assert await Resolver(address, allow_local=False).guarded("files.example")


def fetcher(proxy, *, allow_local=True, **environ):
    route = Route(proxies_from({"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url, **environ}))
    return Fetcher(allow_local=allow_local, backoff=(), patience=20, route=route)


async def test_files_are_fetched_through_the_proxy_also_those_that_only_it_can_resolve():
    async with file_server() as server, HttpProxy() as proxy, fetcher(proxy) as fetching:
        url = server.put("a", b"abc").replace("127.0.0.1", "files.invalid")
        proxy.places["files.invalid"] = ("127.0.0.1", int(server.base.rpartition(":")[2]))
        assert await fetching.read(url, most=MOST) == b"abc"
    assert proxy.seen == [f"GET {url}"]


async def test_an_excepted_host_is_fetched_from_directly():
    async with file_server() as server, HttpProxy() as proxy, fetcher(proxy, NO_PROXY="127.0.0.0/8") as fetching:
        assert await fetching.read(server.put("a", b"abc"), most=MOST) == b"abc"
    assert proxy.seen == []


@pytest.mark.parametrize(
    "link", ["https://127.0.0.1/a", "https://10.0.0.1/a", "https://localhost/a", "https://[::1]/a"]
)
async def test_behind_a_proxy_private_addresses_are_refused_all_the_same(link):
    async with HttpProxy() as proxy, fetcher(proxy, allow_local=False) as fetching:
        with pytest.raises(FetchError, match="not on the public internet"):
            await fetching.read(link, most=MOST)
    assert proxy.seen == []


async def test_a_proxy_that_fails_is_the_cause_that_the_operator_reads():
    async with HttpProxy() as proxy, fetcher(proxy, allow_local=False) as fetching:
        proxy.refuse = 407
        with pytest.raises(FetchError) as caught:
            await fetching.read("https://files.invalid/a", most=MOST)
    assert caught.value.cause.startswith("files.invalid: the proxy wants a user name and a password")
