"""What the bot needs of its machine, each in one line."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.ports import free_port


async def test_a_port_that_is_free_and_one_that_is_not(place):
    place.settings["WEB_PORT"] = str(free_port())
    assert (await place.check()).rows["web server"].state == "ok"
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        place.settings["WEB_PORT"] = str(server.sockets[0].getsockname()[1])
        found = await place.check()
    assert found.failed() == ["web server"]
    assert "the port is in use. Choose another port" in found.rows["web server"].detail


@pytest.mark.parametrize(
    ("address", "failed", "said"),
    [
        ("https://10.0.0.5", True, "10.0.0.5 isn't public, so the service can't reach it"),
        ("https://nowhere.invalid", True, "the host name can't be resolved"),
        ("https://8.8.8.8", False, "no trusted certificate for an address such as 8.8.8.8. Use a name"),
    ],
)
async def test_a_public_address_that_is_none(place, address, failed, said):
    place.settings |= {"PUBLIC_URL": address, "SECRET_KEY": "k" * 32, "WEB_PORT": str(free_port())}
    found = await place.check()
    assert found.failed() == (["callbacks"] if failed else [])
    assert said in found.rows["callbacks"].detail
