"""A bare bot, by HTTP alone, and the member whom it answers."""

from __future__ import annotations

import io
import json

import aiohttp

COMMAND = {
    "name": "paint",
    "description": "Paint",
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True},
        {"type": 11, "name": "reference", "description": "A picture"},
        {"type": 3, "name": "size", "description": "How large", "autocomplete": True},
    ],
}


class Ear:
    """A gateway connection."""

    def __init__(self, socket):
        self.socket = socket

    async def event(self, *names):
        """The data of the next event of one of these names."""
        while True:
            payload = await self.socket.receive_json(timeout=5)
            if payload["t"] in names:
                return payload["d"]

    async def closed_with(self):
        while (await self.socket.receive(timeout=5)).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
            pass
        return self.socket.close_code


class Bot:
    """What a bot does, and what a member does for it to answer."""

    def __init__(self, discord, http):
        self.discord = discord
        self.http = http

    async def call(self, method, path, *, files=None, token=None, **options):
        """Status and JSON."""
        headers = {"Authorization": f"Bot {token or self.discord.token}"}
        if files is not None:
            form = aiohttp.FormData()
            form.add_field("payload_json", json.dumps(options.pop("json")))
            for number, (name, data) in enumerate(files):
                form.add_field(
                    f"files[{number}]", io.BytesIO(data), filename=name, content_type="application/octet-stream"
                )
            options["data"] = form
        async with self.http.request(method, self.discord.api_url + path, headers=headers, **options) as answer:
            assert answer.status == 204 or answer.headers["Content-Type"] == "application/json"
            return answer.status, await answer.json() if answer.status != 204 else None

    async def control(self, path, **body):
        async with self.http.post(f"{self.discord.url}/control/{path}", json=body) as answer:
            return await answer.json()

    async def discord_setting(self, **settings):
        async with self.http.patch(f"{self.discord.url}/control/settings", json=settings) as answer:
            assert answer.status == 200, await answer.text()

    async def look(self, path, **query):
        async with self.http.get(f"{self.discord.url}/control/{path}", params=query) as answer:
            return await answer.json()

    async def asked(self, channel="general", user="ada", **options):
        """An interaction, as the bot would be told of it."""
        given = {"prompt": "a fox"} | options
        await self.control("command", user=user, channel=channel, name="paint", options=given)
        return list(self.discord.state.interactions.values())[-1]

    async def made(self, path, **body):
        """What a control call has made; it is not refused."""
        found = await self.control(path, **body)
        assert "error" not in found, found
        return found

    async def hears(self, *, intents=1 | 1 << 9 | 1 << 12, **identity):
        """A gateway client that has identified, and reads on."""
        socket = await self.http.ws_connect(self.discord.gateway_url)
        data = {"token": self.discord.token, "intents": intents, "properties": {}} | identity
        await socket.send_json({"op": 2, "d": data})
        return Ear(socket)

    async def respond(self, interaction, body, *, query="?with_response=1", **options):
        path = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
        return await self.call("POST", path, json=body, **options)

    async def webhook(self, method, interaction, message="@original", **options):
        return await self.call(method, f"/webhooks/{self.id}/{interaction.token}/messages/{message}", **options)

    @property
    def id(self):
        return self.discord.state.world.application_id

    def channel(self, name):
        return self.discord.state.world.channel(name)["id"]
