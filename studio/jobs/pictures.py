"""Pictures as the studio knows them: a file's name and what is in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture file. `path`: its name in the spool folder; `size`: bytes; sides in pixels, 0 if they are unknown."""

    path: str
    format: str
    width: int
    height: int
    size: int

    @property
    def sides(self) -> tuple[int, int] | None:
        """Width and height; None if the file is too damaged to tell."""
        return (self.width, self.height) if self.width > 0 and self.height > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A ZIP file with pictures. `path`: its name in the spool folder; `size`: bytes."""

    path: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceForm:
    """What a request's reference pictures must be. `formats`: jpeg and png at least; png is enough with `alpha`.

    `alpha`: each with an alpha channel, even if fully opaque. `together`: how many share the request's limit of bytes.
    """

    formats: frozenset[str]
    together: int = 1
    alpha: bool = False


class PictureUnavailable(Exception):  # noqa: N818 - said as it is read: "picture unavailable"
    """A picture that can't be fetched, read or written; the text says why.

    `again`: a retry may help. `soon`: within a minute, as on a disk that was filled just now.
    """

    def __init__(self, why: str, *, again: bool = False, soon: bool = False) -> None:
        super().__init__(why)
        self.again = again
        self.soon = soon


class BadReference(Exception):  # noqa: N818 - said as it is read
    """A reference picture that can't be used; `text` is the sentence that the member reads."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
