"""Logging: one line an event, as text or JSON, with every secret taken out."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"

# What is secret by its shape: credentials in headers, and the tokens of interactions and webhooks in paths.
_SHAPES = (
    re.compile(r"(?i)\b(Bot|Bearer)\s+[\w.~+/=-]{8,}"),
    re.compile(r"(?<=/webhooks/)(\d+)/[\w.~-]{16,}"),
    re.compile(r"(?<=/interactions/)(\d+)/[\w.~-]{16,}"),
)


class _Redacting(logging.Formatter):
    """Takes secrets out of a whole line, its traceback included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        known = sorted((re.escape(secret) for secret in secrets if secret), key=len, reverse=True)
        self._known = re.compile("|".join(known)) if known else None

    def redact(self, text: str) -> str:
        if self._known:
            text = self._known.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(lambda match: f"{match[1]} {REDACTED}", text)
        return text


class TextFormatter(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        line = f"{when} {record.levelname:<8}{record.name}: {record.getMessage()}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return self.redact(line)


class JsonFormatter(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        entry = {"time": when, "level": record.levelname, "logger": record.name}
        entry["message"] = self.redact(record.getMessage())
        if record.exc_info:
            entry["exception"] = self.redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def configure_logging(level: str, form: str, *, secrets: Iterable[str]) -> None:
    """Log to stderr. `form` is text or json. discord.py tells of itself only when something is wrong, or in DEBUG."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if level != "DEBUG":
        logging.getLogger("discord").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
