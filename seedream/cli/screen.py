"""Writes to stdout and stderr, whatever becomes of them: images are saved also where nothing can be printed.

A line is never an error: characters that a stream can't hold are written as escapes, a closed stream is left alone, and
a reader who has stopped reading (a full pipe, a terminal after Ctrl-S) is waited for only at the end.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFAULT_COLUMNS = 80


class Screen:
    """The program's output on stdout, messages on stderr, and a status line that is redrawn below both on a terminal.

    As a context manager it writes what is still waiting when it closes.
    """

    def __init__(self, out: TextIO | None, err: TextIO | None) -> None:
        """Either is None if it was closed before the program started."""
        self._out = _Stream(out)
        self._err = _Stream(err)
        self._status_length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._erase_status()
        if self.has_status:  # the output may go to the same terminal
            self._err.finish()
        self._out.finish()
        if self.problem is not None:
            self.say(f"The output could not be written: {self.problem}.")
        self._err.finish()

    @property
    def encoding(self) -> str:
        """The encoding of stdout."""
        return self._out.encoding

    @property
    def problem(self) -> str | None:
        """Why a part of the output is lost, unless its reader didn't want it (a pipe to `head`)."""
        return self._out.problem

    @property
    def has_status(self) -> bool:
        return self._err.is_terminal

    def output(self, text: str) -> None:
        """Write a line to stdout."""
        self._erase_status()
        self._out.write(f"{text}\n")

    def say(self, text: str) -> None:
        """Write a line to stderr."""
        self._erase_status()
        self._err.write(f"{text}\n")

    def show_status(self, text: str) -> None:
        """Replace the status line, cut to the terminal's width: it could not be erased if it were wrapped."""
        line = text[: self._err.columns - 1]
        if self._err.write_now(f"\r{line.ljust(self._status_length)}"):
            self._status_length = len(line)

    def _erase_status(self) -> None:
        if self._status_length:
            self._err.write(f"\r{' ' * self._status_length}\r")
            self._status_length = 0


class _Stream:
    """A text stream that never raises. problem: why a text was lost; None also if the reader closed its pipe."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = None if stream is None or stream.closed else stream
        self._waiting = ""
        self.problem: str | None = None
        if isinstance(self._stream, io.TextIOWrapper):
            self._stream.reconfigure(errors=_ERRORS)

    @property
    def encoding(self) -> str:
        return (self._stream and self._stream.encoding) or "utf-8"

    @property
    def is_terminal(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    @property
    def columns(self) -> int:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                return os.get_terminal_size(self._stream.fileno()).columns or _DEFAULT_COLUMNS
        return _DEFAULT_COLUMNS

    def write(self, text: str) -> None:
        """Write the text now if that is possible without waiting, or else as soon as it is."""
        self._waiting += text
        if self._is_ready():
            self.finish()

    def write_now(self, text: str) -> bool:
        """Write the text if that is possible without waiting, or else never. Returns whether it was written."""
        if self._waiting or not self._is_ready():
            return False
        self.write(text)
        return True

    def finish(self) -> None:
        """Write what is waiting, and wait for its reader."""
        text, self._waiting = self._waiting, ""
        stream = self._stream
        if not text or stream is None:
            return
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:
            self._abandon(stream)
        except (OSError, ValueError) as error:
            self.problem = getattr(error, "strerror", None) or str(error)
            self._abandon(stream)
        except KeyboardInterrupt:
            self._abandon(stream)
            raise

    def _is_ready(self) -> bool:
        try:
            return self._stream is None or bool(select.select([], [self._stream], [], 0)[1])
        except (OSError, ValueError):  # no descriptor that `select` knows, as on Windows
            return True

    def _abandon(self, stream: TextIO) -> None:
        """Send what is still buffered, which Python writes when it exits, and everything later to nowhere."""
        self._stream = None
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write undecodable bytes of a file's name as they were, and other characters as escapes such as \\u8d64."""
    handler: Callable[[UnicodeError], tuple[str | bytes, int]] = codecs.lookup_error("surrogateescape")
    try:
        return handler(error)
    except UnicodeError:
        return codecs.backslashreplace_errors(error)


_ERRORS = "seedream.escape"
codecs.register_error(_ERRORS, _escape)
