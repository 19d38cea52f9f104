"""Fetching from links that came from outside."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from infra.images.addresses import is_public
from infra.images.fetching import HELD_BYTES, MAX_REDIRECTS, Fetcher, FetchError
from tests.infra.images.files import cut_off, endless, file_server, redirect, status

MOST = 1_000_000


@pytest.fixture
async def server():
    async with file_server() as server:
        yield server


@pytest.fixture
async def fetcher():
    async with Fetcher(allow_local=True, backoff=(0, 0, 0), patience=20) as fetcher:
        yield fetcher


@pytest.fixture
async def guarded():
    async with Fetcher(allow_local=False, backoff=(0, 0, 0), patience=20) as fetcher:
        yield fetcher


async def refusal(fetcher: Fetcher, url: str, *, most: int = MOST) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.read(url, most=most)
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to be refused
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2002:a00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_of_private_nets_are_not_public_however_they_are_written(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_dress(address):
    number = int(address)
    dresses = [f"::ffff:{address}", f"64:ff9b::{address}", str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))]
    assert {is_public(dress) for dress in dresses} == {is_public(str(address))}


async def test_a_body_comes_whole(server, fetcher):
    assert await fetcher.read(server.put("a", b"abc" * 10_000), most=MOST) == b"abc" * 10_000


async def test_a_large_body_is_spilled_to_disk(server, fetcher, tmp_path):
    content = bytes(range(256)) * (HELD_BYTES // 256 * 2 + 7)
    spill = tmp_path / "spill"
    spill.write_bytes(b"what an earlier try has left")
    assert await fetcher.read_or_spill(server.put("a", content), most=len(content), spill=spill) == spill
    assert spill.read_bytes() == content


async def test_a_small_body_touches_no_disk(server, fetcher, tmp_path):
    spill = tmp_path / "spill"
    assert await fetcher.read_or_spill(server.put("a", b"abc"), most=MOST, spill=spill) == b"abc"
    assert not spill.exists()


async def test_a_body_that_is_cut_off_while_it_is_spilled_is_fetched_anew(server, fetcher, tmp_path):
    content = bytes(HELD_BYTES * 2)
    url = server.put("a", cut_off(content, HELD_BYTES * 3 // 2), content)
    spill = await fetcher.read_or_spill(url, most=len(content), spill=tmp_path / "spill")
    assert spill.stat().st_size == len(content)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503])
async def test_a_server_in_trouble_is_asked_again(server, fetcher, code):
    assert await fetcher.read(server.put("a", status(code), status(code), b"abc"), most=MOST) == b"abc"
    assert server.asked == ["a"] * 3


@pytest.mark.parametrize("code", [204, 304, 400, 403, 404, 410])
async def test_a_no_is_taken_for_an_answer(server, fetcher, code):
    error = await refusal(fetcher, server.put("a", status(code)))
    assert str(error) == f"the server answered {code}"
    assert not error.again
    assert server.asked == ["a"]


async def test_a_server_that_stays_in_trouble_may_do_better_another_time(server, fetcher):
    error = await refusal(fetcher, server.put("a", status(503)))
    assert error.again
    assert server.asked == ["a"] * 4


async def test_a_body_that_is_cut_off_is_fetched_again(server, fetcher):
    content = b"abc" * 1000
    assert await fetcher.read(server.put("a", cut_off(content, 500), content), most=MOST) == content
    error = await refusal(fetcher, server.put("b", cut_off(content, 500)))
    assert "the connection was lost" in str(error)
    assert error.again


async def test_a_body_that_says_it_is_too_long_is_not_read(server, fetcher):
    error = await refusal(fetcher, server.put("a", bytes(MOST + 1)))
    assert str(error) == "it has 1,000,001 bytes, and the limit is 1,000,000"


async def test_an_endless_body_is_left_at_the_bound(server, fetcher):
    error = await refusal(fetcher, server.put("a", endless))
    assert str(error) == "it has more than 1,000,000 bytes, the limit"
    assert server.asked == ["a"]


async def test_an_endless_body_is_left_at_the_bound_when_it_is_spilled_too(server, fetcher, tmp_path):
    spill = tmp_path / "spill"
    with pytest.raises(FetchError, match="more than"):
        await fetcher.read_or_spill(server.put("a", endless), most=3 * HELD_BYTES, spill=spill)
    assert spill.stat().st_size <= 3 * HELD_BYTES


async def test_a_body_that_never_comes_is_given_up(server):
    gone = asyncio.Event()

    async def silent(_):
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    async with Fetcher(allow_local=True, backoff=(), patience=0.2) as fetcher:
        error = await refusal(fetcher, server.put("a", silent))
    assert str(error) == "it took longer than 0.2 seconds"
    assert error.again


async def test_an_empty_body_is_none(server, fetcher):
    assert str(await refusal(fetcher, server.put("a", b""))) == "it is empty"


async def test_a_server_that_is_not_there_may_come_back(fetcher, unused_tcp_port):
    error = await refusal(fetcher, f"http://127.0.0.1:{unused_tcp_port}/a")
    assert "can't be reached" in str(error)
    assert error.again


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(server, fetcher, code):
    server.put("b", b"abc")
    assert await fetcher.read(server.put("a", redirect("/b", code)), most=MOST) == b"abc"


async def test_what_is_signed_is_asked_for_as_it_is_written(server, fetcher):
    asked = []

    async def signed(request):
        asked.append(request.raw_path)
        return web.Response(body=b"abc")

    await fetcher.read(server.put("a", signed) + "?key=a%2Fb%2bc+d%20e&~=%7E", most=MOST)
    server.put("b", redirect("/a?key=%2F"))
    await fetcher.read(f"{server.base}/b", most=MOST)
    assert asked == ["/a?key=a%2Fb%2bc+d%20e&~=%7E", "/a?key=%2F"]


async def test_redirects_have_an_end(server, fetcher):
    assert "redirects more than 5 times" in str(await refusal(fetcher, server.put("a", redirect("a"))))
    assert len(server.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://10.0.0.1/", "10.0.0.1 is not on the public internet"),
        ("http://[::ffff:169.254.169.254]/latest/meta-data", "is not on the public internet"),
        ("http://167772161/", "it isn't a valid link"),
        ("http://0x0a.1/", "0x0a.1 is not on the public internet"),
        ("file:///etc/passwd", "it isn't an http or https link"),
        ("data:image/png;base64,AAAA", "it isn't an http or https link"),
        ("http://user:password@127.0.0.1/", "it contains a user name or a password"),
        ("http://[", "it isn't a valid link"),
        ("http://host:port/", "it isn't a valid link"),
    ],
)
async def test_a_redirect_is_checked_like_the_first_link(server, fetcher, location, why):
    error = await refusal(fetcher, server.put("a", redirect(location)))
    assert why in str(error)
    assert not error.again


async def test_a_redirect_without_a_goal_is_no_loop(server, fetcher):
    await refusal(fetcher, server.put("a", redirect("")))
    assert len(server.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://files.example/a.png", "it isn't an https link"),
        ("ftp://files.example/a.png", "it isn't an https link"),
        ("a.png", "it isn't an https link"),
        ("https:///a.png", "it isn't an https link"),
        ("https://127.0.0.1/", "127.0.0.1 is not on the public internet"),
        ("https://[::1]/", "::1 is not on the public internet"),
        ("https://[fe80::1%25eth0]/", "is not on the public internet"),
        ("https://user@files.example/", "it contains a user name or a password"),
        ("https://localhost/", "localhost is not on the public internet"),
        ("https://2130706433/", "it isn't a valid link"),
        ("https://0x7f.1/", "0x7f.1 is not on the public internet"),
        ("https://files.example:99999/", "it isn't a valid link"),
        ("https://exa mple/", "it isn't a valid link"),
        ("https://127.0.0.1‥;", "it isn't a valid link"),
    ],
)
async def test_only_public_https_links_are_fetched(guarded, url, why):
    error = await refusal(guarded, url)
    assert why in str(error)
    assert not error.again


async def test_this_machine_is_not_asked_under_its_name(server, guarded):
    await refusal(guarded, server.base.replace("http://127.0.0.1", "https://localhost"))
    assert not server.asked


async def test_a_local_world_goes_by_names_too(server, fetcher):
    url = server.put("a", b"abc").replace("127.0.0.1", "localhost")
    assert await fetcher.read(url, most=MOST) == b"abc"


@given(st.text(max_size=60))
async def test_whatever_stands_for_a_link_is_fetched_or_refused(text):
    async with Fetcher(allow_local=False, backoff=(), patience=5) as fetcher:
        await refusal(fetcher, f"https://127.0.0.1{text}")
        await refusal(fetcher, text)
