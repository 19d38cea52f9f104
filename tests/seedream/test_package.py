"""The package as others meet it."""

from __future__ import annotations

import asyncio
import textwrap

import seedream
from seedream import SeeDreamClient
from tests.seedream.conftest import KEY
from tests.seedream.raw_server import RawServer, reply
from tests.seedream.samples import sample


def test_everything_that_is_promised_is_there():
    assert [name for name in seedream.__all__ if not hasattr(seedream, name)] == []


async def test_the_example_in_the_docstring_runs(capsys):
    example = textwrap.dedent(seedream.__doc__.split("\n\n", 1)[1].split("`ImageRequest` checks")[0])
    async with RawServer(reply(200, sample("stream.ndjson"))) as server:
        example = example.replace('api_key="..."', f'api_key="{KEY}", base_url="{server.url}"')
        await asyncio.to_thread(exec, example, {})
        assert server.received[0].json["size"] == "2848x1600"
    assert capsys.readouterr().out == "0 https://ark.example/0.jpeg\n2 None\n"


def test_a_client_that_was_never_used_needs_no_closing_and_no_loop():
    assert repr(SeeDreamClient(api_key=KEY)) == "<SeeDreamClient https://api.xhuoapi.ai/v1>"
