"""The floor: a bare discord.py + aiohttp script that makes the same calls as the bot, and nothing else.

It checks nothing, keeps nothing and survives nothing. What the bot takes beyond it is the price of that.
"""

from __future__ import annotations

import asyncio
import io
import json
import os

import aiohttp
import discord
import uvloop
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
IMAGES = os.environ["SEEDREAM_BASE_URL"] + "/seedream/images"
HEADERS = {
    "authorization": f"Bearer {os.environ['SEEDREAM_API_KEY']}",
    "accept": "application/x-ndjson",
}


class Floor(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None, guild_ready_timeout=0.5)
        self.tree = app_commands.CommandTree(self)
        self.gate = asyncio.Semaphore(int(os.environ["MAX_IN_FLIGHT"]))

    async def setup_hook(self) -> None:
        self.images = aiohttp.ClientSession(headers=HEADERS)
        self.tree.command(name="imagine", description="Make pictures")(imagine)
        await self.tree.sync()

    async def generate(self, prompt: str, model: str, size: str) -> bytes:
        body = {"model": model, "prompt": prompt, "size": size, "stream": True, "watermark": False}
        async with self.gate, self.images.post(IMAGES, json=body) as answer:
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "image_generation.partial_succeeded":
                    link = event.get("url") or event["image_url"]
        async with self.images.get(link) as file:
            return await file.read()


def drawn(text: str, *items: ui.Item) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(text), *items))
    view.stop()
    return view


async def imagine(interaction: discord.Interaction, prompt: str, model: str, size: str) -> None:
    await interaction.response.send_message(view=drawn(prompt))
    picture = await interaction.client.generate(prompt, "doubao-seedream-4-0-250828", size)
    gallery = ui.MediaGallery(discord.MediaGalleryItem("attachment://picture.jpeg", description=prompt))
    await interaction.edit_original_response(
        view=drawn(prompt, gallery), attachments=[discord.File(io.BytesIO(picture), "picture.jpeg")]
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the bot's loop
        runner.run(Floor().start(os.environ["DISCORD_TOKEN"]))
