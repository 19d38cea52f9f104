"""Cutting out and taking apart: the real bot, over real sockets."""

from __future__ import annotations

import json

from tests.support.pictures import jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))
MODEL = "doubao-seedream-5.0-pro"


async def test_layers_of_a_result_come_in_one_message_with_a_zip(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    pressed = await world.ben.pressed(first, "Layers")
    result = await pressed.result()
    print(result.text, result.alt_texts, result.labels, result.data["attachments"])
    cut = await (await world.ben.pressed(first, "Cut out")).result()
    print(cut.text, cut.alt_texts, cut.labels, cut.data["attachments"])
    print(json.dumps((await world.requests())[1:], indent=1)[:3000])
    details = await world.ben.press(result, "Details")
    print(details.text)
    assert 0
