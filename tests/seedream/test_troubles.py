"""What went wrong outside, in words."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from seedream.errors import ConnectionNotMade
from seedream.troubles import describe, outside_text

KEY = ConnectionKey("api.example", 443, True, True, None, None, None)
PAGE = "429 Too Many Requests: <!DOCTYPE html>\n<html><head><title>Access\n denied</title></head><body>x</body></html>"


def os_error(number, file=None):
    return OSError(number, os.strerror(number), file)


def certificate(code, why):
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, why
    return aiohttp.ClientConnectorCertificateError(KEY, error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ClientConnectorError(KEY, os_error(errno.ECONNREFUSED)), "the connection is refused"),
        (aiohttp.ClientConnectorError(KEY, os_error(errno.ENETUNREACH)), "no route to the network"),
        (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "x")), "can't be resolved. Check its"),
        (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_AGAIN, "x")), "the DNS server doesn't answer"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(None, "Timeout while contacting DNS servers")), "doesn't answer"),
        (
            aiohttp.ClientProxyConnectionError(KEY, os_error(errno.ECONNREFUSED)),
            "the proxy api.example:443 can't be used",
        ),
        (certificate(19, "self-signed certificate in certificate chain"), "set SSL_CERT_FILE"),
        (certificate(10, "certificate has expired"), "this machine's clock is wrong"),
        (certificate(62, "Hostname mismatch"), "the address belongs to another host"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version number")), "doesn't speak TLS"),
        (aiohttp.ConnectionTimeoutError(), "no answer came in time"),
        (TimeoutError(), "no answer came in time"),
        (aiohttp.ServerDisconnectedError(), "cut before an answer came"),
        (os_error(errno.ECONNRESET), "cut before an answer came"),
        (os_error(errno.ENOSPC, "/data/x"), "the disk is full"),
        (os_error(errno.EROFS, "/data/x"), "read-only"),
        (os_error(errno.EACCES, "/data/x"), "/data/x: Permission denied. Check that the bot's user"),
        (os_error(errno.EADDRINUSE), "the port is in use. Choose another port"),
        (os_error(errno.EMFILE), "too many files open. Raise its limit (ulimit -n"),
        (os_error(errno.ENFILE), "too many files open. Raise its limit (fs.file-max"),
        (os_error(errno.ENOMEM), "the memory is used up. Give"),
        (os_error(errno.ECONNABORTED), "cut before an answer came. A firewall"),
        (os_error(errno.ENETDOWN), "network is down. Check its network interface"),
        (os_error(errno.EHOSTDOWN), "the host is down. Check that it runs"),
        (os_error(errno.EAFNOSUPPORT), "(IPv4 or IPv6). Enable it"),
        (os_error(errno.ENOBUFS), "no room for more network traffic. End programs"),
        (os_error(errno.EACCES), "this machine forbids the connection. Allow it in its firewall"),
        (os_error(errno.EPERM), "this machine forbids the connection. Allow it in its firewall"),
        (aiohttp.ClientConnectorError(KEY, os_error(errno.EPERM)), "forbids the connection. Allow it"),
        (aiohttp.ClientOSError(errno.ECONNRESET, "Connection reset by peer"), "cut before an answer came"),
        (os_error(errno.EIO, "/data/x"), "the disk fails"),
        (os_error(errno.ESTALE, "/data/x"), "mount the drive again"),
        (os_error(errno.ENOTCONN, "/data/x"), "mount the drive again"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 101] Connect"),
            "is refused. Check host",
        ),
    ],
)
def test_a_trouble_has_a_cause_and_a_remedy_in_one_line(error, words):
    wrapped = ConnectionNotMade("It can't be reached.")
    wrapped.__cause__ = error
    for one in (error, wrapped):
        said = describe(one)
        assert words in said
        assert ". " in said
        assert "\n" not in said


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_no_error_of_the_system_is_a_number(number):
    for error in (
        os_error(number),
        os_error(number, "/data/x"),
        aiohttp.ClientConnectorError(KEY, os_error(number)),
        aiohttp.ClientProxyConnectionError(KEY, os_error(number)),
        ValueError(str(os_error(number))),
    ):
        assert "[" not in describe(error).replace("ssl:default [", "")


def test_an_unknown_error_is_one_short_line():
    assert describe(ValueError("one\ntwo " + "x" * 1000)) == f"one two {'x' * 191}…"
    assert describe(ValueError()) == "ValueError"


def test_of_a_web_page_only_the_title_is_quoted():
    assert outside_text(PAGE) == "429 Too Many Requests: a web page “Access denied”"
    assert outside_text("<html><body>no title") == "a web page"
    assert len(outside_text(PAGE * 1000)) <= 200


def test_causes_that_lead_in_a_circle_end():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert describe(one) == "one"
