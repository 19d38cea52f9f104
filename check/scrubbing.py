"""Takes out of the service's answers what is nobody's business, and leaves what they say. Pure.

What is known to say something is kept by its name; of what is not known, only its kind. Ids are replaced by names that
stay the same in all answers, links by others without host and signature, pictures by a tiny one.
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
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # addresses of mail
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"  # and of machines
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=\w*\d)[A-Za-z0-9_]{20,}\b"  # ids of all kinds; those of models are shorter between their dashes
    r"|\b\d{9,}\b",
    re.IGNORECASE,
)
_TITLE = re.compile(rb"<title[^>]{0,100}>([^<]{0,200})</title", re.IGNORECASE)
_LONGEST_TEXT = 2000
_LONGEST_UNREADABLE = 200
_DEEPEST = 40
_SOMETHING = "text"


class Scrubber:
    """`secrets`: what must not be seen wherever it stands. One scrubber is for all answers that belong together."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def body(self, body: bytes) -> tuple[str, bytes]:
        """How a file with it ends, and the body scrubbed. It may be anything."""
        start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] == b"<":
            return "html", self._page(body)
        try:
            return "json", _written(self._value("", parse_json(body), _DEEPEST)) + b"\n"
        except UnreadableAnswer:
            form = "ndjson" if start[:1] in b"{[" else "sse"
            return (form if start else "txt"), b"".join(map(self._line, body.splitlines(keepends=True)))

    def text(self, text: str) -> str:
        """Words from outside."""
        for secret in self._secrets:
            text = text.replace(secret, "[key]")
        text = _DATA.sub(lambda found: f"data:image/{found[1]};base64,{_tiny(found[1])}", text)
        text = _LINK.sub(lambda found: self._link(found[0]), text[:_LONGEST_TEXT])
        for known, name in self._names.items():
            if len(known) >= 8:  # noqa: PLR2004 - shorter ones may be words
                text = text.replace(known, name)
        return _PERSONAL.sub(lambda found: self._named("id", found[0]), text)

    def _line(self, line: bytes) -> bytes:
        """Of a stream: an object, or a field of an event."""
        content = line.rstrip(b"\r\n")
        end = line[len(content) :]
        field, data = (b"data: ", content[5:]) if content.startswith(b"data:") else (b"", content)
        try:
            return field + _written(self._value("", parse_json(data), _DEEPEST)) + end
        except UnreadableAnswer:
            return self.text(content.decode(errors="replace"))[:_LONGEST_UNREADABLE].encode() + end

    def _page(self, body: bytes) -> bytes:
        found = _TITLE.search(body[:65536])
        title = self.text(found[1].decode(errors="replace")) if found else ""
        return f"<html><head><title>{title}</title></head><body></body></html>\n".encode()

    def _value(self, name: str, value: Any, depth: int) -> Any:
        match value:
            case dict() if depth:
                return {self.text(str(key)): self._value(str(key), one, depth - 1) for key, one in value.items()}
            case list() if depth:
                return [self._value(name, one, depth - 1) for one in value]
            case str():
                return self._string(name, value)
            case bool() | None:
                return value
            case int() | float():
                return self._number(name, value)
        return None  # nested deeper than any answer is

    def _number(self, name: str, value: float) -> float | str:
        if name in _IDS:
            return self._named(_IDS[name], str(value))
        return value if name in _NUMBERS else 0

    def _string(self, name: str, value: str) -> str:
        if name in _IDS:
            return self._named(_IDS[name], value) if value else value
        if name == "b64_json":
            return _tiny(_kind(value))
        if name in _LINKS:
            return self._link(value) if _LINK.fullmatch(value) else self.text(value)
        if name in _TIMES and _TIME.fullmatch(value):
            return value
        if name in _TEXTS or _DATA.fullmatch(value):
            return self.text(value)
        return _SOMETHING if value else value

    def _link(self, link: str) -> str:
        try:
            tail = urlsplit(link).path.rpartition("/")[2].rpartition(".")
        except ValueError:
            tail = ("", "", "")
        kind = tail[2] if tail[0] and re.fullmatch(r"[a-z]{2,5}", tail[2]) else ""
        return f"https://pictures.example/{self._named('link', link)}{f'.{kind}' if kind else ''}"

    def _named(self, kind: str, value: str) -> str:
        """The same name for the same value, wherever it stands."""
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[value] = f"{kind}-{self._counts[kind]}"
        return self._names[value]


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _kind(content: str) -> str:
    return "png" if content.startswith("iVBOR") else "jpeg"


def _tiny(kind: str) -> str:
    """One pixel, as base64."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG" if kind.lower() == "png" else "JPEG")
    return base64.b64encode(file.getvalue()).decode()
