"""Validates what a client is given besides requests: the key, addresses and task ids. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.errors import InvalidRequest, Refusal
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
        raise InvalidRequest(Refusal("api_key", "", problem, "change SEEDREAM_API_KEY"))
    if not stripped:
        raise InvalidRequest(Refusal("api_key", "", "the service asks for a key", "set SEEDREAM_API_KEY"))
    if len(stripped) > _MAX_KEY_LENGTH or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        allowed = "a key is printable ASCII without spaces"
        raise InvalidRequest(Refusal("api_key", "", allowed, "copy SEEDREAM_API_KEY again"))
    return stripped


def valid_url(option: str, url: str) -> str:
    """Return the http(s) address. Raises: InvalidRequest."""
    if problem := http_url_problem(url):
        raise InvalidRequest(Refusal(option, url, problem, "give such an address"))
    return url


def valid_base_url(url: str) -> str:
    """Return the API's address without trailing slashes. Raises: InvalidRequest."""
    address = valid_url("base_url", url.strip())
    if "?" in address or "#" in address or "@" in address:
        allowed = "the API's address has no query, fragment or password"
        raise InvalidRequest(Refusal("base_url", "", allowed, "give it as https://host, or https://host/path"))
    return address.rstrip("/")


def valid_task_ids(ids: Iterable[str]) -> list[str]:
    """Return the task ids in order, without repeats. Raises: InvalidRequest."""
    unique = list(dict.fromkeys(ids))
    for task_id in unique:
        if not isinstance(task_id, str) or not 0 < len(task_id) <= MAX_ID_LENGTH or not task_id.isprintable():
            allowed = f"a task id is 1 to {MAX_ID_LENGTH} printable characters"
            raise InvalidRequest(Refusal("task", str(task_id), allowed, "copy it from the answer that named it"))
    return unique
