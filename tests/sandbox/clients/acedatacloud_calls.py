"""Calls of the SeeDream API with its provider's own SDK; prints what came of each as a line of JSON."""

import json
import os

from acedatacloud import AceDataCloud, APIError

MODEL = "doubao-seedream-4-0-250828"

client = AceDataCloud(os.environ["SEEDREAM_KEY"], base_url=os.environ["SEEDREAM_URL"], max_retries=1)
stranger = AceDataCloud("no such key", base_url=os.environ["SEEDREAM_URL"], max_retries=0)


def told(name, value):
    print(json.dumps({name: value}), flush=True)


def refused(call):
    try:
        call()
    except APIError as error:
        return [type(error).__name__, error.code]


def generate(by=client, **given):
    return by.seedream.generate(**{"model": MODEL, "prompt": "a fox", "size": "1K"} | given)


told("waited", generate(wait=True, poll_interval=0.05).urls())
told("at once", generate(async_=False).urls())
group = {"sequential_image_generation": "auto", "sequential_image_generation_options": {"max_images": 3}}
told("group", generate(**group, wait=True, poll_interval=0.05).urls())
told("edit", generate(image=generate(async_=False).urls()[0], async_=False).urls())
told("opaque", generate(model="doubao-seedream-5-0-pro-260628", background="opaque", async_=False).urls())
later = generate()
told("running", later.done)
told("looked up", client.tasks.wait(later.id, service="seedream", poll_interval=0.05)["id"] == later.id)
events = {"model": MODEL, "prompt": "a fox", "size": "1K", "stream": True}
stream = client._transport.request_stream("POST", "/seedream/images", json=events)
told("streamed", [json.loads(one)["type"] for one in stream])
told("wrong model", refused(lambda: generate(model="none")))
told("wrong size", refused(lambda: generate(size="9K")))
told("wrong key", refused(lambda: generate(by=stranger)))
told("unknown task", refused(lambda: client.tasks.get("none", service="seedream")))
