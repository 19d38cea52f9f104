"""Reads request bodies and uploads, stores files, and serves them as the CDN does."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import mimetypes
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from PIL import Image, UnidentifiedImageError

from sandbox.discord import errors
from sandbox.discord.rules.filenames import cleansed
from sandbox.discord.state import STATE
from sandbox.discord.world import made_at, snowflake

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

FOLDER, EPHEMERAL_FOLDER = "attachments", "ephemeral-attachments"
MOST_HELD_BYTES = 512 * 2**20
_FILE_FIELD = re.compile(r"files\[(\d{1,2})\]")
_CDN_KEY = secrets.token_bytes(16)
_ORIENTATION, _ROTATED = 0x0112, {5, 6, 7, 8}  # Source: EXIF 2.3, "Orientation"
# What Discord shows as images. Sources: API reference, "Image Formats"; api-docs #8103 (AVIF is decoded on upload) and
# #7738; of AVIF, large ones aren't (discord/lilliput #224). HEIC, TIFF, BMP, SVG and camera raw files are downloads.
_SHOWN = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
Image.init()  # so that these can be named
_VIDEO_SIDES = {"width": 640, "height": 360}  # of every video: their content is not read
_KEPT_FIELDS = ("description", "duration_secs", "waveform")


@dataclass(frozen=True)
class Upload:
    name: str
    data: bytes


async def read_body(request: web.Request, most: int, whole: int) -> tuple[Any, dict[int, Upload]]:
    """Read the JSON of a request and its files by number. Raises: DiscordError.

    `most` limits the bytes of a file, `whole` those of all files.
    """
    if not request.can_read_body:
        return None, {}
    if request.content_type == "application/x-www-form-urlencoded":
        return _fields(dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))), {}
    if not request.content_type.startswith("multipart/"):
        text = await request.read()
        return (_json(text) if text else None), {}
    if request.content_length is not None and request.content_length > whole:
        raise errors.too_large()
    try:
        return await _parts(request, most, whole)
    except (ValueError, HttpProcessingError):  # no boundary, or parts without a header
        raise errors.bad_form() from None


async def _parts(request: web.Request, most: int, whole: int) -> tuple[Any, dict[int, Upload]]:
    fields: dict[str, str] = {}
    files: dict[int, Upload] = {}
    left = whole
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        match = _FILE_FIELD.fullmatch(part.name or "")
        if part.name == "payload_json" or (match is None and part.filename is None):
            fields[part.name or ""] = data.decode(errors="replace")
        else:
            number = int(match[1]) if match else len(files)
            left -= len(data)
            if len(data) > most or left < 0:
                raise errors.too_large()
            files[number] = Upload(part.filename or "unknown", data)
    return _fields(fields), files


def _fields(fields: dict[str, str]) -> Any:
    """Return the JSON in a form's payload_json, or the fields themselves."""
    return _json(fields["payload_json"]) if "payload_json" in fields else fields


def _json(data: bytes | str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise errors.bad_json() from None


def attach(state: State, channel_id: str, upload: Upload, described: Json, *, ephemeral: bool = False) -> Json:
    """Store a file and describe it as an attachment.

    Its type comes from its name alone (source: api-docs #6785), missing if that has no known ending. Its sides
    are there if Discord shows it as an image or a video (sources: api-docs #2214; kord #317, videos have them and
    TIFF and SVG don't). An ephemeral one expires (source: Discord API reference, "Attachment Structure", note).
    """
    identity = snowflake()
    name = cleansed(str(described.get("filename") or upload.name))
    path = f"{EPHEMERAL_FOLDER if ephemeral else FOLDER}/{channel_id}/{identity}/{name}"
    state.files[path] = upload.data
    _enforce_limit(state)
    attachment: Json = {
        "id": identity, "filename": name, "size": len(upload.data), "url": signed(state, path),
        "proxy_url": signed(state, path),
    }  # fmt: skip
    kind = content_type(name)
    if kind:
        attachment["content_type"] = kind
    if kind and kind.startswith("image/"):
        attachment |= sides(upload.data)
    if kind and kind.startswith("video/"):
        attachment |= _VIDEO_SIDES
    attachment |= {key: described[key] for key in _KEPT_FIELDS if described.get(key)}
    return attachment | ({"ephemeral": True} if ephemeral else {})


def content_type(name: str) -> str | None:
    return mimetypes.guess_type(name, strict=False)[0]


def sides(data: bytes) -> Json:
    """Return an image's width and height as displayed, after rotation; nothing of a format that isn't shown."""
    try:
        with Image.open(io.BytesIO(data), formats=_SHOWN) as image:
            rotated = image.format == "JPEG" and image.getexif().get(_ORIENTATION) in _ROTATED
            width, height = reversed(image.size) if rotated else image.size
            return {"width": width, "height": height}
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {}


def _enforce_limit(state: State) -> None:
    held = sum(map(len, state.files.values()))
    while held > MOST_HELD_BYTES:
        held -= len(state.files.pop(next(iter(state.files))))


_LINKS = {"url", "proxy_url", "icon_url", "proxy_icon_url"}


def renewed(state: State, part: Any, key: str = "") -> Any:
    """Sign all CDN links in a part of a message again. Source: api-docs #5294."""
    if isinstance(part, dict):
        return {name: renewed(state, value, name) for name, value in part.items()}
    if isinstance(part, list):
        return [renewed(state, item) for item in part]
    if key in _LINKS and isinstance(part, str) and (path := path_of(state, part)):
        return signed(state, path)
    return part


def path_of(state: State, url: str) -> str:
    """Return the path of a CDN link, or an empty string for another link."""
    path = url.partition("?")[0].removeprefix(f"{state.cdn_url}/")
    return path if path.startswith((f"{FOLDER}/", f"{EPHEMERAL_FOLDER}/")) else ""


def signed(state: State, path: str) -> str:
    issued = int(time.time())
    until = f"{issued + int(state.settings.link_life):x}"
    return f"{state.cdn_url}/{path}?ex={until}&is={issued:x}&hm={_signature(path, until)}&"


def _signature(path: str, until: str) -> str:
    return hmac.new(_CDN_KEY, f"{path}:{until}".encode(), hashlib.sha256).hexdigest()


async def serve(request: web.Request) -> web.Response:
    """Serve `/attachments/{channel}/{id}/{name}?ex=&is=&hm=`: 404 if the file or link has expired or is forged."""
    state = request.app[STATE]
    path, until = request.path.lstrip("/"), request.query.get("ex", "")
    genuine = hmac.compare_digest(_signature(path, until).encode(), request.query.get("hm", "").encode())
    data = state.files.get(path)
    if not genuine or data is None or int(until, 16) < time.time() or _is_expired(state, request):
        return web.Response(status=404, text="This content is no longer available.")
    kind = content_type(path) or "application/octet-stream"
    # Downloaded rather than opened, so that a browser never runs an uploaded file as this server's page.
    shown = kind.startswith(("image/", "video/", "audio/")) and kind != "image/svg+xml"
    headers = {"X-Content-Type-Options": "nosniff"} | ({} if shown else {"Content-Disposition": "attachment"})
    part = request.http_range
    status = 200 if part == slice(None, None, 1) else 206
    return web.Response(body=data[part], status=status, content_type=kind, headers=headers)


def _is_expired(state: State, request: web.Request) -> bool:
    """Tell whether an ephemeral file has expired."""
    if not request.path.startswith(f"/{EPHEMERAL_FOLDER}/"):
        return False
    return time.time() - made_at(request.match_info["id"]) >= state.settings.ephemeral_life
