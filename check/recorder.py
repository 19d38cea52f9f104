"""The service's answers as they came over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import aiohttp

MOST_BYTES = 4 * 2**20  # of one answer: links take a few kilobytes
_OK = range(200, 300)


@dataclass(slots=True, weakref_slot=True)
class Recording:
    """One answer. name: what was asked, as a file is named after it."""

    name: str
    status: int
    content_type: str
    body: bytearray = field(default_factory=bytearray)

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, whatever it says it is: something else than the API has answered."""
        return self.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or self.content_type == "text/html"


class Recorder:
    """Keeps every answer of a client. `asking`: what is asked now."""

    def __init__(self) -> None:
        self.asking = "answer"
        self.recordings: list[Recording] = []
        self._open: WeakKeyDictionary[aiohttp.ClientResponse, Recording] = WeakKeyDictionary()

    def __call__(self, response: aiohttp.ClientResponse, piece: bytes) -> None:
        if response.method != "POST":  # a picture that is fetched
            return
        if response not in self._open:
            name = self.asking if response.status in _OK else f"error_{self.asking}"
            self._open[response] = Recording(name, response.status, response.content_type)
            self.recordings.append(self._open[response])
        body = self._open[response].body
        body += piece[: MOST_BYTES - len(body)]

    @property
    def last(self) -> Recording | None:
        return self.recordings[-1] if self.recordings else None

    def keep_last_as(self, name: str) -> None:
        """Call the last good answer so, if none is called so yet; else it is one of many alike, and is dropped."""
        if not self.last or self.last.status not in _OK:
            return
        if any(one.name == name for one in self.recordings):
            self.recordings.pop()
        else:
            self.last.name = name

    def posted(self, name: str, body: bytes) -> None:
        """Keep what was posted to us."""
        self.recordings.append(Recording(name, _OK.start, "application/json", bytearray(body[:MOST_BYTES])))
