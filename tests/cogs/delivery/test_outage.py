"""What is sent to Discord while it turns everything away: nothing."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from cogs.delivery.attempts import attempt
from cogs.delivery.outage import Outage, TurnedAwayError
from studio.jobs.errors import DeliveryDelayedError


class Service:
    """Answers with `answer`, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = {"status": 429, "text": "<html>1015</html>", "content_type": "text/html"}
        self.headers = {"Retry-After": "3600"}

    async def __call__(self, _request):
        self.asked += 1
        return web.Response(**self.answer, headers=self.headers)


@pytest.fixture
async def service():
    made = Service()
    server = web.Server(made)
    runner = web.ServerRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def now():
    return [1000.0]


@pytest.fixture
async def outage(now):
    return Outage(lambda: now[0])


@pytest.fixture
async def session(outage):
    async with aiohttp.ClientSession(trace_configs=[outage.watch(aiohttp.TraceConfig())]) as session:
        yield session


async def test_after_a_ban_nothing_is_sent_until_it_is_over(service, session, outage, now, caplog):
    await session.get(service.url)
    for _ in range(3):
        with pytest.raises(TurnedAwayError):
            await session.get(service.url)
        with pytest.raises(DeliveryDelayedError):
            async with attempt():
                await session.get(service.url)
        with pytest.raises(TurnedAwayError):
            await session.ws_connect(service.url)
    assert service.asked == 1
    now[0] += 3602
    assert not outage.seconds
    await session.get(service.url)
    assert service.asked == 2
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


async def test_answers_that_come_together_are_one_ban_and_one_line(service, session, caplog):
    await asyncio.gather(*(session.get(service.url) for _ in range(5)), return_exceptions=True)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("header", ["soon", "", "-5", "nan"])
async def test_a_ban_without_an_end_has_one_all_the_same(service, session, outage, header):
    service.headers = {"Retry-After": header}
    await session.get(service.url)
    assert 0 < outage.seconds <= 301


async def test_a_rate_limit_of_discords_own_is_no_ban(service, session, outage):
    service.answer = {"status": 429, "text": '{"retry_after": 1}', "content_type": "application/json"}
    await session.get(service.url)
    assert not outage.seconds
