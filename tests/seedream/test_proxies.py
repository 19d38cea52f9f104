"""Which proxy a connection goes through, and connections through real ones."""

from __future__ import annotations

import pytest
from aiohttp import encode_basic_auth
from yarl import URL

from seedream import ImageRequest, SeeDreamClient
from seedream.errors import ConnectionNotMade
from seedream.proxies import Proxies, parse_proxy, proxies_from, with_file
from seedream.troubles import describe
from tests.seedream.raw_server import RawServer, reply
from tests.support.proxies import HttpProxy

ONE, OTHER = "http://one.example:3128", "http://other.example:8080"
ANSWER = b'{"success": true, "task_id": "t", "data": [{"image_url": "https://files.example/a.png"}]}'


def through(url, environ, setting=""):
    proxy = proxies_from(environ, setting).for_url(URL(url))
    return proxy and str(proxy.url).rstrip("/")


@pytest.mark.parametrize(
    ("environ", "https", "http"),
    [
        ({}, None, None),
        ({"HTTPS_PROXY": ONE}, ONE, None),
        ({"https_proxy": ONE, "HTTPS_PROXY": OTHER, "http_proxy": OTHER}, ONE, OTHER),
        ({"https_proxy": "", "HTTPS_PROXY": ONE}, None, None),
        ({"ALL_PROXY": ONE, "HTTP_PROXY": OTHER}, ONE, OTHER),
        ({"HTTPS_PROXY": "one.example:3128"}, ONE, None),
        ({"HTTPS_PROXY": OTHER, "HTTP_PROXY": OTHER, "NO_PROXY": "*"}, None, None),
        ({"HTTPS_PROXY": ONE, "ALL_PROXY": "socks5://127.0.0.1:1080", "HTTP_PROXY": OTHER}, ONE, OTHER),
        ({"https_proxy": ONE, "all_proxy": "socks5h://127.0.0.1:1080"}, ONE, None),
        ({"HTTPS_PROXY": OTHER, "NO_PROXY": "localhost, *"}, None, None),
        ({"HTTPS_PROXY": OTHER, "NO_PROXY": "localhost *"}, None, None),
    ],
)
def test_a_scheme_has_its_proxy_and_websockets_have_the_same(environ, https, http):
    assert (through("https://a.example/", environ), through("wss://a.example/", environ)) == (https, https)
    assert (through("http://a.example/", environ), through("ws://a.example/", environ)) == (http, http)


def test_the_setting_wins_and_its_exceptions_hold():
    environ = {"HTTPS_PROXY": OTHER, "NO_PROXY": "api.example"}
    assert through("https://a.example/", environ, ONE) == ONE
    assert through("https://api.example/", environ, ONE) is None


@pytest.mark.parametrize(
    ("exception", "url", "direct"),
    [
        ("api.example", "https://api.example/", True),
        ("example", "https://api.example/", True),
        (".api.example", "https://v1.api.example/", True),
        ("*.api.example", "https://v1.api.example/", True),
        ("pi.example", "https://api.example/", False),
        ("x, API.example ,y", "https://api.example/", True),
        ("api.example:443", "https://api.example/", True),
        ("api.example:8443", "https://api.example/", False),
        ("10.0.0.0/8", "https://10.9.8.7/", True),
        ("10.0.0.0/8", "https://api.example/", False),
        ("::1", "https://[::1]:9/", True),
        ("[::1]:9", "https://[::1]:9/", True),
        ("fd00::/8", "https://[fd00::1]/", True),
        (",", "https://api.example/", False),
        ("localhost 10.0.0.0/8  api.example", "https://api.example/", True),
        ("localhost;api.example", "https://api.example/", True),
        ("https://api.example", "https://api.example/", True),
        ("https://api.example:8443/v1", "https://api.example/", False),
        ("x,https://API.example/v1/", "https://api.example/", True),
        ("https://10.0.0.0/8", "https://10.0.0.0/", True),
        ("10.*", "https://10.9.8.7/", True),
        ("10.*", "https://api.example/", False),
        ("192.168.*.*;<local>", "https://192.168.7.1/", True),
        ("'localhost,api.example'", "https://api.example/", True),
    ],
)
def test_an_exception_is_a_domain_a_port_an_address_or_a_network(exception, url, direct):
    assert (through(url, {"HTTPS_PROXY": ONE, "NO_PROXY": exception}) is None) is direct


def test_a_password_is_sent_and_never_shown():
    proxy = parse_proxy("http://us%40er:p%C3%A4ss%20word@one.example:3128", "PROXY_URL")
    assert proxy.headers == {"Proxy-Authorization": encode_basic_auth("us@er", "päss word", "utf-8")}
    assert str(proxy) == "http://…@one.example:3128"
    assert "word" not in repr(proxy)
    assert "user" not in str(proxy.url)
    alone = parse_proxy("http://:sesame@one.example:3128", "PROXY_URL")
    assert alone.headers == {"Proxy-Authorization": encode_basic_auth("", "sesame", "utf-8")}
    assert Proxies({"https": proxy}).secrets == {"päss word", "p%C3%A4ss%20word"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("socks5://127.0.0.1:1080", "SOCKS"),
        ("socks5h://127.0.0.1:1080", "SOCKS"),
        ("ftp://one.example", "http://host:port"),
        ("http://user:sesame/@one.example:1", "http://user:password@host:port"),
        ("http://one.example:99999", "not an address"),
        (r"http://DOM\user:sesame@one.example:1", "%5C for"),
        (r"DOM\user:sesame@one.example:1", "percent-encoded"),
        ("http://user:ses#sesame@one.example:1", "%23 for #"),
        ("http://user:1#sesame@one.example:1", "%23 for #"),
        ("http://user:ses/sesame@one.example:1", "%2F for /"),
        ("http://user:1/sesame@one.example:1", "%2F for /"),
        ("http://user:ses?sesame@one.example:1", r"%3F for \?"),
        ("http://user:1?sesame@one.example:1", r"%3F for \?"),
        ("DIRECT", "it is a word"),
        ("none", "it is a word"),
        ("http://off", "it is a word"),
        ("1", "it is a word"),
        ("PROXY one.example:8080", "http://host:port"),
        ("$HTTP_PROXY", "http://host:port"),
        ("<none>", "http://host:port"),
        ("-", "http://host:port"),
        ("http://wpad/proxy.pac", "a PAC file"),
        ("http://wpad.example/wpad.dat", "a PAC file"),
        ("http:/one.example:3128", "http://host:port"),
        ("https//one.example:3128", "http://host:port"),
        ("http:one.example:3128", "http://host:port"),
        ("http://http://one.example:3128", "http://host:port"),
        ("http://one.example:3128/path", "more than a host and a port"),
    ],
)
def test_what_is_no_http_proxy_is_refused_in_words_without_its_password(text, why):
    with pytest.raises(ValueError, match=why) as caught:
        proxies_from({"https_proxy": text})
    assert str(caught.value).startswith(("HTTPS_PROXY: it ", "HTTPS_PROXY: there is more"))
    assert "sesame" not in str(caught.value)


def test_socks_for_all_is_ignored_with_a_note_once_https_has_a_proxy_and_refused_without():
    socks = {"all_proxy": "socks5://me:sesame@127.0.0.1:1080"}
    assert proxies_from(socks | {"https_proxy": ONE}).notes == (
        "ALL_PROXY is ignored: it is a SOCKS proxy, and HTTPS_PROXY names a proxy that can be used.",
    )
    for environ in (socks, socks | {"http_proxy": ONE}):
        with pytest.raises(ValueError, match="ALL_PROXY: it is a SOCKS proxy"):
            proxies_from(environ)
    assert not proxies_from(socks, ONE).notes


@pytest.mark.parametrize(
    "address", ["one.example", "me@one.example", "http://me:p@ss:%25@one.example:1/", "[::1]:3128"]
)
def test_what_can_be_read_in_one_way_alone_is_a_proxy(address):
    assert parse_proxy(address, "PROXY_URL").url.port


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
@pytest.mark.parametrize("outer", ["https_proxy", "HTTPS_PROXY"])
def test_the_environment_wins_over_a_file_in_whatever_case(name, outer):
    merged = with_file({outer: ONE}, {name: OTHER, "no_proxy": "api.example"})
    assert through("https://a.example/", merged) == ONE
    assert through("https://api.example/", merged) is None


async def make(proxies, address):
    async with SeeDreamClient(api_key="k" * 8, base_url=address, proxies=proxies, retries=0) as client:
        return await client.generate(ImageRequest(prompt="a fox"))


async def test_the_client_goes_through_its_proxy_with_user_and_password():
    login = encode_basic_auth("me", "pässword", "utf-8")
    async with RawServer(reply(200, ANSWER)) as service, HttpProxy(login=login) as proxy:
        url = proxy.url.replace("//", "//me:p%C3%A4ssword@")
        assert (await make(proxies_from({}, url), service.url)).images
    assert proxy.passed(f"POST {service.url}/")


async def test_an_excepted_host_is_reached_directly():
    async with RawServer(reply(200, ANSWER)) as service, HttpProxy() as proxy:
        assert (await make(proxies_from({"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}), service.url)).images
    assert proxy.seen == []


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            407,
            "the proxy wants a user name and a password, or rejects those that it gets (407). Put them",
        ),
        (403, "the proxy refuses to connect to api.example (403 Forbidden). Allow the host there"),
        (502, "the proxy can't reach api.example (502)"),
    ],
)
async def test_a_proxy_that_refuses_is_named_and_nothing_was_sent(refusal, said):
    async with HttpProxy() as proxy:
        proxy.refuse = refusal
        with pytest.raises(ConnectionNotMade) as caught:
            await make(proxies_from({}, proxy.url), "https://api.example")
    assert describe(caught.value).startswith(said)
    assert proxy.seen == ["CONNECT api.example:443"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9", "the proxy 127.0.0.1:9 can't be used: the connection is refused"),
        (
            "http://nowhere.invalid:3128",
            "the proxy nowhere.invalid:3128 can't be used: the host name can't be resolved",
        ),
    ],
)
async def test_a_proxy_that_is_not_there_is_named(address, said):
    with pytest.raises(ConnectionNotMade) as caught:
        await make(proxies_from({}, address), "https://api.example")
    assert describe(caught.value).startswith(said)
