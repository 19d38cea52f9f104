"""Validates what a client is given besides requests: the key, addresses and task ids. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.errors import InvalidOption, InvalidRequest
from seedream.providers import key_problem
from seedream.responses.fields import MAX_ID_LENGTH
from seedream.urls import http_url_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.providers import Provider

_MAX_KEY_LENGTH = 4096  # characters


def valid_key(key: str, provider: Provider) -> str:
    """Return the key, stripped. Raises: InvalidRequest, which does not repeat the key."""
    stripped = key.strip()
    if problem := key_problem(stripped, provider):
        raise InvalidRequest(InvalidOption("api_key", "", f"{problem}.", "Change SEEDREAM_API_KEY."))
    if not stripped:
        raise InvalidRequest(InvalidOption("api_key", "", "The API key is missing.", "Set SEEDREAM_API_KEY."))
    if len(stripped) > _MAX_KEY_LENGTH or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        problem = "A key is printable ASCII without spaces."
        raise InvalidRequest(InvalidOption("api_key", "", problem, "Copy SEEDREAM_API_KEY again."))
    return stripped


def valid_url(option: str, url: str) -> str:
    """Return the http(s) address. Raises: InvalidRequest."""
    if problem := http_url_problem(url):
        raise InvalidRequest(InvalidOption(option, url, problem))
    return url


def valid_base_url(url: str) -> str:
    """Return the API's address without trailing slashes. Raises: InvalidRequest."""
    address = valid_url("base_url", url.strip())
    if "?" in address or "#" in address or "@" in address:
        problem = "The API's address can't have a query, a fragment or a password."
        raise InvalidRequest(InvalidOption("base_url", "", problem, "Write it as https://host or https://host/path."))
    return address.rstrip("/")


def valid_task_ids(ids: Iterable[str]) -> list[str]:
    """Return the task ids in order, without repeats. Raises: InvalidRequest."""
    unique = list(dict.fromkeys(ids))
    for task_id in unique:
        if not isinstance(task_id, str) or not 0 < len(task_id) <= MAX_ID_LENGTH or not task_id.isprintable():
            problem = f"A task id has 1 to {MAX_ID_LENGTH} printable characters."
            raise InvalidRequest(InvalidOption("task", str(task_id), problem, "Copy it from the answer."))
    return unique
