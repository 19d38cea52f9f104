"""Removes private data from the service's answers. Pure.

Known fields keep their values; of unknown fields only the type is left. Ids are replaced by names that are the same in
all answers, links by others without host and signature, pictures by a tiny one.
"""

from __future__ import annotations

import base64
import io
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image

from seedream.errors import UnreadableAnswer
from seedream.json_parsing import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_IDS = {"id": "task", "task_id": "task", "trace_id": "trace", "request_id": "trace"}
_LINKS = {"url", "image_url", "callback_url"}
_TEXTS = {
    *("code", "message", "param", "type", "object", "action", "error", "detail"),
    *("model", "prompt", "size", "output_format", "response_format", "status", "state"),
    *("sequential_image_generation", "background", "mode"),
}
_TIMES = {"created", "created_at", "started_at", "finished_at", "updated_at", "elapsed"}
_NUMBERS = {
    *_TIMES,
    *("image_index", "index", "z_index", "count", "generated_images", "input_images", "output_tokens", "total_tokens"),
    *("max_images", "web_search", "seed", "guidance_scale", "code"),
}
_TIME = re.compile(r"[\d\-T:.+Z ]{1,40}")
_LINK = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_DATA = re.compile(r"data:image/(\w+);base64,[A-Za-z0-9+/=\s]*")
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # mail addresses
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"  # IP addresses
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=\w*\d)[A-Za-z0-9_]{20,}\b"  # ids of all kinds; the parts of model ids are shorter
    r"|\b\d{9,}\b",
    re.IGNORECASE,
)
_TITLE = re.compile(rb"<title[^>]{0,100}>([^<]{0,200})</title", re.IGNORECASE)
_MAX_TEXT = 2000  # characters
_MAX_UNREADABLE = 200  # characters of a line that isn't JSON
_MAX_DEPTH = 40
_PLACEHOLDER = "text"  # replaces the text of unknown fields


class Scrubber:
    """Scrubs all answers of one run, so that ids get the same names in all of them. secrets: are removed everywhere."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._aliases: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def body(self, body: bytes) -> tuple[str, bytes]:
        """Return the file extension for a body, and the scrubbed body. The body may be anything."""
        start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] == b"<":
            return "html", self._page(body)
        try:
            return "json", _dump(self._value("", parse_json(body), _MAX_DEPTH)) + b"\n"
        except UnreadableAnswer:
            extension = "ndjson" if start[:1] in b"{[" else "sse"
            return (extension if start else "txt"), b"".join(map(self._line, body.splitlines(keepends=True)))

    def text(self, text: str) -> str:
        """Scrub text."""
        for secret in self._secrets:
            text = text.replace(secret, "[key]")
        text = _DATA.sub(lambda match: f"data:image/{match[1]};base64,{_tiny_image(match[1])}", text)
        text = _LINK.sub(lambda match: self._link(match[0]), text[:_MAX_TEXT])
        for value, alias in self._aliases.items():
            if len(value) >= 8:  # noqa: PLR2004 - shorter ones may be words
                text = text.replace(value, alias)
        return _PERSONAL.sub(lambda match: self._alias("id", match[0]), text)

    def _line(self, line: bytes) -> bytes:
        """Scrub a line of a stream: an object, or a field of an event."""
        content = line.rstrip(b"\r\n")
        end = line[len(content) :]
        field, data = (b"data: ", content[5:]) if content.startswith(b"data:") else (b"", content)
        try:
            return field + _dump(self._value("", parse_json(data), _MAX_DEPTH)) + end
        except UnreadableAnswer:
            return self.text(content.decode(errors="replace"))[:_MAX_UNREADABLE].encode() + end

    def _page(self, body: bytes) -> bytes:
        found = _TITLE.search(body[:65536])
        title = self.text(found[1].decode(errors="replace")) if found else ""
        return f"<html><head><title>{title}</title></head><body></body></html>\n".encode()

    def _value(self, name: str, value: Any, depth: int) -> Any:
        match value:
            case dict() if depth:
                return {self.text(str(key)): self._value(str(key), item, depth - 1) for key, item in value.items()}
            case list() if depth:
                return [self._value(name, item, depth - 1) for item in value]
            case str():
                return self._string(name, value)
            case bool() | None:
                return value
            case int() | float():
                return self._number(name, value)
        return None  # nested too deep

    def _number(self, name: str, value: float) -> float | str:
        if name in _IDS:
            return self._alias(_IDS[name], str(value))
        return value if name in _NUMBERS else 0

    def _string(self, name: str, value: str) -> str:
        if name in _IDS:
            return self._alias(_IDS[name], value) if value else value
        if name == "b64_json":
            return _tiny_image(_image_format(value))
        if name in _LINKS:
            return self._link(value) if _LINK.fullmatch(value) else self.text(value)
        if name in _TIMES and _TIME.fullmatch(value):
            return value
        if name in _TEXTS or _DATA.fullmatch(value):
            return self.text(value)
        return _PLACEHOLDER if value else value

    def _link(self, link: str) -> str:
        try:
            tail = urlsplit(link).path.rpartition("/")[2].rpartition(".")
        except ValueError:
            tail = ("", "", "")
        kind = tail[2] if tail[0] and re.fullmatch(r"[a-z]{2,5}", tail[2]) else ""
        return f"https://pictures.example/{self._alias('link', link)}{f'.{kind}' if kind else ''}"

    def _alias(self, kind: str, value: str) -> str:
        """Return the alias of a value, the same one every time."""
        if value not in self._aliases:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._aliases[value] = f"{kind}-{self._counts[kind]}"
        return self._aliases[value]


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _image_format(content: str) -> str:
    return "png" if content.startswith("iVBOR") else "jpeg"


def _tiny_image(kind: str) -> str:
    """Return an image of one pixel as base64."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG" if kind.lower() == "png" else "JPEG")
    return base64.b64encode(file.getvalue()).decode()
