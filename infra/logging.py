"""Logging: one line per event, as text or JSON, without secrets.

The finished line is redacted, so that it doesn't matter whether a secret came in the message, its arguments, a
traceback or an exception's text. Only values of MIN_SECRET_LENGTH characters or more are masked wherever they stand.
Fields of a record (`extra`) that are among FIELDS say what a line is about; a task that works on a job has them set.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING

import aiohttp

from infra.config.checks import MIN_SECRET_LENGTH
from seedream.troubles import describe, outside_text
from studio.errors import UnavailableError
from studio.jobs.job_log import current_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"
FIELDS = ("job", "guild", "member", "state", "reason", "model", "images", "credits", "seconds", "path", "left")
_NAMED = {"job": "job", "guild": "server", "member": "member"}  # in text, where the line itself doesn't say it

_OURS = {"assembly", "bot", "check", "cogs", "infra", "seedream", "studio"}
_NETWORK = (aiohttp.ClientError, TimeoutError, ConnectionError, socket.gaierror, ssl.SSLError)

# Secrets recognised by their shape. The first group stays.
_SHAPES = (
    re.compile(r"(?i)(\b(?:Bot|Bearer)\s+)[\w.~+/=-]{8,}"),  # credentials in headers
    re.compile(r"(?i)(\bauthorization[\"']?\s*[:=,]\s*b?[\"']?(?:Basic|Digest|Negotiate)\s+)[\w.~+/=-]+"),
    re.compile(r"((?:/webhooks/|/interactions/)\d+/)[\w.~%=-]{8,}"),  # tokens of interactions and webhooks in paths
    re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+(?=@)", re.IGNORECASE),  # user and password of an address
    re.compile(r"((?:password|secret|signature)=)[^&\s\"'<>]+", re.IGNORECASE),  # parameters of an address
    re.compile(r"(/callbacks/[\w-]+/)[\w-]{8,}"),  # signatures of callbacks
    re.compile(r"""((?:["']|\b)(?:token|authorization)["']?\s*[:=]\s*["'])[^"']+""", re.IGNORECASE),  # payloads
    re.compile(r"(\b)aW50ZXJhY3Rpb246[\w=-]+"),  # Discord's interaction tokens start like this
    re.compile(r"(\b)[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,}"),  # any bot's token
)

# Libraries that only log warnings, except at DEBUG.
_QUIET = ("discord", "alembic", "asyncio", "PIL")
# This one logs whole rows at DEBUG, prompts included.
_ALWAYS_QUIET = ("aiosqlite",)


def _in_short(argument: object) -> object:
    """Return an exception of a library's as one short line; anything else as it is."""
    if not isinstance(argument, Exception) or type(argument).__module__.partition(".")[0] in _OURS:
        return argument
    return describe(argument) if isinstance(argument, _NETWORK) else outside_text(str(argument))


def _is_expected(record: logging.LogRecord, error: BaseException) -> bool:
    """Return whether the database can't be used, or a library reports a trouble of the network with a traceback."""
    if isinstance(error, UnavailableError):
        return True
    if record.name == "asyncio":
        return isinstance(error, ssl.SSLError)
    is_discords = type(error).__module__ == "discord.errors" or isinstance(error, _NETWORK)
    return record.name.startswith("discord.") and is_discords


def visible(text: str) -> str:
    """Escape what isn't printable, except line breaks: it could move a terminal's cursor, or turn a line around."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


class RedactingFormatter(logging.Formatter):
    """Formats a record as a line and redacts its secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        secrets = (secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH)
        known = sorted(map(re.escape, secrets), key=len, reverse=True)
        self._known = re.compile("|".join(known)) if known else None

    def redact(self, text: str) -> str:
        if self._known:
            text = self._known.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\g<1>{REDACTED}", text)
        return text

    def message(self, record: logging.LogRecord) -> str:
        """The message. What libraries say in it is one short line, and so is an expected trouble that they report."""
        args = tuple(map(_in_short, record.args)) if isinstance(record.args, tuple) else record.args
        text = str(record.msg) % args if args else str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        if error and _is_expected(record, error):
            why = "the database is unavailable: " if isinstance(error, UnavailableError) else ""
            text = f"{text}: {why}{describe(error)}"
        return visible(self.redact(text))

    def details(self, record: logging.LogRecord) -> str:
        """The traceback and the stack, if there are any and they say more than the message."""
        error = record.exc_info[1] if record.exc_info else None
        exception = ""
        if record.exc_info and error and not _is_expected(record, error):
            exception = self.formatException(record.exc_info)
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        return visible(self.redact("\n".join(part for part in (exception, stack) if part)))


class TextFormatter(RedactingFormatter):
    """`2026-11-24 08:13:00 INFO     studio.jobs.service      message`, with further lines indented."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        message = self.message(record)
        head = f"{when} {record.levelname:<8} {record.name:<24} {message}{_unnamed(record, message)}"
        # Indented, a line of a member's text can't pass for a log line.
        return "\n    ".join("\n".join(filter(None, (head, self.details(record)))).splitlines())


class JsonFormatter(RedactingFormatter):
    """One object per line: time (UTC), level, logger, message, the record's FIELDS, exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, object] = {
            "time": f"{when}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        entry |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if details := self.details(record):
            entry["exception"] = details
        return json.dumps(entry, ensure_ascii=False)


def _unnamed(record: logging.LogRecord, message: str) -> str:
    """Name the job, server and member of a line that doesn't do so itself."""
    values = ((label, getattr(record, name, None)) for name, label in _NAMED.items())
    named = [f"{label} {value}" for label, value in values if value is not None and str(value) not in message]
    return f" [{', '.join(named)}]" if named else ""


def _with_job(record: logging.LogRecord) -> bool:
    """Set the fields of the job that the current task works on."""
    for name, value in current_fields().items():
        if not hasattr(record, name):
            setattr(record, name, value)
    return True


def configure_logging(level: str, form: str, *, secrets: Iterable[str]) -> None:
    """Log to stderr, from `level` on. `form`: text or json. `secrets` are redacted."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_with_job)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in (*_QUIET, *_ALWAYS_QUIET):
        loud = level == "DEBUG" and name not in _ALWAYS_QUIET
        logging.getLogger(name).setLevel(logging.NOTSET if loud else logging.WARNING)
