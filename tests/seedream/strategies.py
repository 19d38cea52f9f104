"""Requests that are valid, as hypothesis draws them; JSON of any kind."""

from __future__ import annotations

import base64
import struct
import zlib

from hypothesis import strategies as st

from seedream import MODELS, RATIOS, ImageRequest, Model, Size
from seedream.sizes import nearest


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# One grey pixel.
PNG = b"".join((
    b"\x89PNG\r\n\x1a\n",
    _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
    _chunk(b"IDAT", zlib.compress(b"\0\x80")),
    _chunk(b"IEND", b""),
))  # fmt: skip
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(40))
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
JPEG_URL = f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"

prompts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda text: any("a" <= character <= "z" or character.isdigit() for character in text)  # some letters are blank
)
links = st.sampled_from(["https://files.example/a.png", "http://10.0.0.1:8080/b?c=d", PNG_URL, JPEG_URL])


def sizes(model: Model) -> st.SearchStrategy[dict]:
    exact = st.builds(Size, st.integers(0, 9000), st.integers(0, 9000)).map(
        lambda size: {"size": str(nearest(model, size))}
    )
    presets = st.sampled_from([None, *model.presets, *(["adaptive"] if model.adaptive else [])])
    shaped = [None] if not model.presets else [preset for preset in model.presets if preset in model.sizes]
    by_ratio = st.builds(
        lambda size, ratio: {"size": size, "ratio": ratio}, st.sampled_from(shaped), st.sampled_from(RATIOS)
    )
    return st.one_of(exact, presets.map(lambda size: {"size": size}), by_ratio)


@st.composite
def valid_requests(draw) -> ImageRequest:
    model = draw(st.sampled_from(list(MODELS.values())))
    images = draw(st.lists(links, min_size=model.references.low, max_size=model.references.high))
    most = 15 - len(images) if model.group else 1
    streamed = model.stream and draw(st.booleans())
    fields = {
        "prompt": draw(prompts),
        "model": draw(st.sampled_from([model.name, *model.wire_ids])),
        "images": tuple(images),
        "group": draw(st.sampled_from([None, *range(1, most + 1)])),
        "stream": streamed,
        "watermark": draw(st.booleans()),
        "response_format": draw(st.sampled_from(["url", "b64_json"])),
        "output_format": draw(st.sampled_from([None, *model.output_formats])),
        "web_search": model.web_search and draw(st.booleans()),
        "optimize_prompt": draw(st.sampled_from([None, *model.optimize_prompt])),
        "run_async": not streamed and draw(st.booleans()),
        "callback_url": draw(st.sampled_from([None] if streamed else [None, "https://bot.example/callbacks/1"])),
        **draw(sizes(model)),
    }
    if model.seed:
        fields["seed"] = draw(st.none() | st.integers(-1, 2**31 - 1))
    if model.guidance:
        fields["guidance_scale"] = draw(st.none() | st.floats(1, 10))
    if model.layers and images:
        layers = {"images": (PNG_URL,), "layer_decomposition": True, "ratio": None}
        layered = [layers | {"size": size} for size in (None, "auto", *model.presets)]
        cut_out = {"images": (PNG_URL,), "background": "transparent", "output_format": "png"}
        fields |= draw(st.sampled_from([{}, cut_out, *layered]))
    return ImageRequest(**fields)


names = st.sampled_from(
    [
        "success",
        "data",
        "error",
        "code",
        "message",
        "task_id",
        "trace_id",
        "id",
        "ids",
        "items",
        "response",
        "request",
        "created_at",
        "finished_at",
        "elapsed",
        "state",
        "status",
        "index",
        "image_url",
        "url",
        "b64_json",
        "size",
        "type",
        "image_index",
        "usage",
        "generated_images",
        "tool_usage",
        "web_search",
        "z_index",
        "bounding_box",
        "absolute",
        "normalized",
        "description",
        "name",
        "prompt",
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            10**400,
            "https://files.example/a.png",
            "2048x2048",
            "////",
            "not base64!",
            "\ud800",
            "image_generation.partial_succeeded",
            "image_generation.partial_failed",
            "image_generation.completed",
            "failed",
            "processing",
            "succeeded",
            "error",
        ]
    )
)
any_json = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=25
)
