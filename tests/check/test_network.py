"""What stands between this machine and a service, each in one line."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from check.network import Host, network_results
from check.results import CheckResult, CheckStatus
from tests.support.proxies import HttpProxy

CERTIFICATE = Path(__file__).with_name("another.example.pem")
API = Host(name="api.xhuoapi.ai", own=False)
OWN = Host(name="proxy.lan", own=True)


def judged(host, *addresses, allow_local=False):
    (row,) = network_results({host: addresses}, allow_local=allow_local)
    return row


def test_a_public_address_is_all_right():
    assert judged(API, "104.21.5.9") == CheckResult("network", CheckStatus.OK, "api.xhuoapi.ai is 104.21.5.9")


@pytest.mark.parametrize("address", ["198.18.0.7", "198.19.255.1", "0.0.0.7", "127.0.0.1", "::1", "::"])
@pytest.mark.parametrize("host", [API, OWN])
def test_an_address_of_no_service_is_a_resolver_that_lies(host, address):
    row = judged(host, address)
    assert row.status is CheckStatus.FAILED
    assert f"resolves to {address}" in row.detail
    assert "VPN" in row.detail


@pytest.mark.parametrize("address", ["10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd00::1", "fe80::1%eth0"])
def test_a_private_address_is_the_operators_own_only_where_they_chose_the_host(address):
    assert judged(API, address).status is CheckStatus.FAILED
    assert judged(OWN, address) == CheckResult(
        "network", CheckStatus.NOTE, f"proxy.lan resolves to {address}, on your own network"
    )


def test_in_a_local_world_this_machine_is_allowed():
    assert judged(API, "127.0.0.1", allow_local=True).status is CheckStatus.OK


def test_every_service_that_is_not_found_has_a_result():
    nowhere = OSError("no such name")
    rows = list(network_results({API: nowhere, OWN: ["10.0.0.1"]}, allow_local=False))
    assert [row.status for row in rows] == [CheckStatus.FAILED, CheckStatus.NOTE]


@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_any_addresses_give_one_row_in_one_line(addresses, own, allow_local):
    row = judged(Host(name="host.example", own=own), *addresses, allow_local=allow_local)
    assert "\n" not in row.detail


async def test_names_that_lead_to_this_machine_are_told_where_that_is_not_allowed(place):
    place.settings |= {"ALLOW_LOCAL_URLS": "false", "DISCORD_GATEWAY_URL": "wss://localhost"}
    place.settings |= {"DISCORD_CDN_URL": "https://localhost"}
    place.settings |= {"SEEDREAM_BASE_URL": "https://localhost:9", "DISCORD_API_URL": "https://localhost:9/api"}
    found = await place.check()
    assert found.failed() == ["network", "discord", "seedream"]
    assert "localhost resolves to" in found.rows["network"].detail


async def test_a_name_that_is_not_found_is_told(place):
    place.settings["SEEDREAM_BASE_URL"] = "https://nowhere.invalid"
    found = await place.check()
    assert found.failed() == ["network", "seedream"]
    assert "nowhere.invalid: the host name can't be resolved" in found.rows["network"].detail
    assert "the host name can't be resolved" in found.rows["seedream"].detail


@asynccontextmanager
async def another_host():
    """A server whose certificate is for another.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("trusted", "why"),
    [("environment", "Hostname mismatch"), (".env", "Hostname mismatch"), ("nowhere", "self-signed certificate")],
)
async def test_a_certificate_that_is_not_the_services_is_told(place, trusted, why):
    async with another_host() as address:
        place.settings["SEEDREAM_BASE_URL"] = address
        if trusted == "environment":
            place.settings["SSL_CERT_FILE"] = str(CERTIFICATE)
        if trusted == ".env":
            (place.folder / ".env").write_text(f"SSL_CERT_FILE={CERTIFICATE}\n")
        found = await place.run()
    assert found.failed() == ["seedream"]
    assert f"the certificate isn't the service's ({why}" in found.rows["seedream"].detail


async def test_a_port_that_speaks_no_tls_is_told(place):
    def greet(_, writer):
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        place.settings["SEEDREAM_BASE_URL"] = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        found = await place.check()
    assert "doesn't speak TLS" in found.rows["seedream"].detail


async def test_a_proxy_that_works_is_named_without_its_password(place):
    async with HttpProxy() as proxy:
        place.settings["PROXY_URL"] = proxy.url.replace("//", "//me:sesame@")
        found = await place.check()
    assert found.code == 0
    assert found.rows["proxy"].detail == f"http://…@127.0.0.1:{proxy.port} (PROXY_URL) connects to 127.0.0.1"
    assert "sesame" not in found.output
    assert proxy.passed("/api/v10/users/@me")
    assert proxy.passed("/seedream/tasks")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_proxy_that_does_not_run_is_the_culprit_and_named(place, variable):
    place.settings[variable] = "http://127.0.0.1:9"
    found = await place.check()
    assert found.failed() == ["proxy", "discord", "seedream"]
    for row in ("proxy", "discord", "seedream"):
        assert "the proxy 127.0.0.1:9 can't be used: the connection is refused" in found.rows[row].detail
    assert variable.upper() in found.rows["proxy"].detail


async def test_a_proxy_that_wants_a_password_is_told(place):
    async with HttpProxy(login="Basic eDp5") as proxy:
        place.settings["HTTP_PROXY"] = proxy.url
        found = await place.check()
    assert "the proxy wants a user name and a password" in found.rows["proxy"].detail


async def test_a_proxy_with_exceptions_for_everything_is_noted(place):
    place.settings |= {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    found = await place.check()
    assert (found.code, found.rows["proxy"].state) == (0, "note")


def test_a_fake_address_is_fine_if_it_is_trusted():
    trusted = [ip_network("198.18.0.0/15")]
    (row,) = network_results({API: ["198.18.0.7"]}, allow_local=False, trusted=trusted)
    assert row.status is CheckStatus.OK
    assert "TRUST_RESOLVER=198.18.0.0/15" in judged(API, "198.18.0.7").detail
