"""Records the service's answers as they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import aiohttp

MAX_BYTES = 4 * 2**20  # of one answer; an answer with links has a few kilobytes
_OK = range(200, 300)


@dataclass(slots=True, weakref_slot=True)
class Recording:
    """One answer. name: the call, which its file is named after."""

    name: str
    status: int
    content_type: str
    body: bytearray = field(default_factory=bytearray)

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, whatever its content type: then it isn't the API that has answered."""
        return self.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or self.content_type == "text/html"


class Recorder:
    """Records every answer of a client. call_name: the name for the next answers."""

    def __init__(self) -> None:
        self.call_name = "answer"
        self.recordings: list[Recording] = []
        self._open: WeakKeyDictionary[aiohttp.ClientResponse, Recording] = WeakKeyDictionary()

    def __call__(self, response: aiohttp.ClientResponse, chunk: bytes) -> None:
        if response.method != "POST":  # a picture that is downloaded
            return
        if response not in self._open:
            name = self.call_name if response.status in _OK else f"error_{self.call_name}"
            self._open[response] = Recording(name, response.status, response.content_type)
            self.recordings.append(self._open[response])
        body = self._open[response].body
        body += chunk[: MAX_BYTES - len(body)]

    @property
    def last(self) -> Recording | None:
        """The last answer, if there is one."""
        return self.recordings[-1] if self.recordings else None

    def rename_last(self, name: str) -> None:
        """Rename the last successful answer; drop it if there is one of that name already."""
        if not self.last or self.last.status not in _OK:
            return
        if any(recording.name == name for recording in self.recordings):
            self.recordings.pop()
        else:
            self.last.name = name

    def add_posted(self, name: str, body: bytes) -> None:
        """Record what the service has posted."""
        self.recordings.append(Recording(name, _OK.start, "application/json", bytearray(body[:MAX_BYTES])))
