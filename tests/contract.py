"""Holding the local Discord, and the bot that talks to it, against Discord's own OpenAPI description.

The description is not part of this project: get it from https://github.com/discord/discord-api-spec and name its
file in DISCORD_OPENAPI, or lay it at ../shared/specs/discord-openapi.json. Where it is absent, nothing
is checked, and the last line of a test run says so.

Where the description and the service differ, the service is right. The differences, each mended in `_relaxed`:
- ids in requests may be integers, as every client sends them (answers must have strings);
- `default_member_permissions` may be a string of digits, as the reference has it;
- the code of an error inside a form is a word ("BASE_TYPE_REQUIRED"), not a number;
- a 429 need not carry a `code`;
- a message may refer to the one that it forwards (type 1), as the reference has it;
- there are media channels (type 16), as the reference has it;
- routes that bots use although nothing describes them, in UNDESCRIBED.
A 5xx is not described at all, so its body is not looked at.
What the description does not see (lengths over several fields, required orders, unknown fields, empty messages)
is the business of `sandbox.discord.rules`.
"""

import copy
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any, Protocol, Self

import jsonschema_rs

BESIDE = "../shared/specs/discord-openapi.json"
SHOWN = 160
REQUESTS, ANSWERS = "urn:discord:requests", "urn:discord:answers"
REFUSED, SERVER_ERROR = 400, 500
UNDESCRIBED = {("POST", "/attachments/refresh-urls")}


class Exchange(Protocol):
    """One request to the local Discord and its answer: `on_exchange` is called with one after each.

    `path` is as asked for, with or without `/api/v10` and the query. Bodies are decoded JSON, None where there was
    none; a multipart body is its JSON part, or a mapping of its fields with the JSON part under "payload_json".
    """

    @property
    def method(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def request_body(self) -> Any: ...
    @property
    def status(self) -> int: ...
    @property
    def response_body(self) -> Any: ...


def find() -> tuple[Path | None, str]:
    """Find the OpenAPI document: its path, or None with the reason why there is none.

    Raises FileNotFoundError when DISCORD_OPENAPI names a file that is not there.
    """
    if named := os.environ.get("DISCORD_OPENAPI"):
        path = Path(named)
        if not path.is_file():
            raise FileNotFoundError(f"DISCORD_OPENAPI is {named!r}, which is no file: correct it, or unset it")
        return path, f"named by DISCORD_OPENAPI: {path}"
    path = Path(__file__).resolve().parents[1] / BESIDE
    if path.is_file():
        return path, f"found beside the project: {path}"
    return None, f"Discord's OpenAPI document is absent: set DISCORD_OPENAPI to its file, or lay it at {BESIDE}"


class Contract:
    """Discord's OpenAPI document as a judge of exchanges; validators are compiled when first needed and kept."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        resources = [(REQUESTS, _relaxed(document)), (ANSWERS, _relaxed(document, ids=False))]
        self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        self._validator = cache(self._compile)
        templates = sorted(document["paths"], key=lambda path: [part.startswith("{") for part in path.split("/")])
        self._templates = [(_pattern(template), template) for template in templates]

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(json.loads(path.read_bytes()))

    def check(self, exchange: Exchange) -> list[str]:
        """Answer every way in which the exchange breaks the contract, one sentence each.

        A refused request is not looked at: it may be wrong, that is what it was refused for.
        """
        asked = exchange.method, exchange.path
        if (exchange.method, exchange.route) in UNDESCRIBED:
            return []
        found = self.check_request(*asked, exchange.request_body) if exchange.status < REFUSED else []
        found += self.check_answer(*asked, exchange.status, exchange.response_body)
        return list(dict.fromkeys(found))

    def check_request(self, method: str, path: str, body: Any) -> list[str]:
        """Check a request's body; a multipart one is given as its fields, of which `payload_json` counts."""
        at, operation = self._operation(method, path)
        if operation is None:
            return [f"{at}: Discord has no such route"]
        return [f"{at} {fault}" for fault in self._request_faults(operation, _json_part(body))]

    def check_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Check an answer's status and body."""
        at, operation = self._operation(method, path)
        if operation is None:
            return [f"{at}: Discord has no such route"]
        return [f"{at} {fault}" for fault in self._answer_faults(operation, status, body)]

    def check_object(self, name: str, value: object) -> list[str]:
        """Check a value that Discord sends against the schema of that name."""
        pointer = _pointer("components", "schemas", name)
        return [f"{name}{fault}" for fault in self._faults(ANSWERS + pointer, value)]

    def check_event(self, name: str, data: Any) -> list[str]:
        """Check the parts of a gateway event that the description has a schema for (it has none for events)."""
        found = []
        for steps, schema in EVENTS.get(name, ()):
            for pointer, part in _parts(data, steps.split("/") if steps else []):
                found += [f"{name} {pointer}: {fault}" for fault in self.check_object(schema, part)]
        return found

    def _operation(self, method: str, path: str) -> tuple[str, tuple[str, ...] | None]:
        """Find the operation: its name for a sentence, and the steps to it in the document (None if there is none)."""
        path = re.sub(r"^/api(/v\d+)?(?=/)", "", path.partition("?")[0])
        template = next((template for pattern, template in self._templates if pattern.fullmatch(path)), None)
        if template is None or method.lower() not in self._document["paths"][template]:
            return f"{method.upper()} {path}", None
        return f"{method.upper()} {template}", ("paths", template, method.lower())

    def _request_faults(self, operation: tuple[str, ...], body: Any) -> Iterator[str]:
        described = self._at(operation).get("requestBody")
        if described is None:
            if body:
                yield f"request: takes no body, was given {_shown(body)}"
        elif body is None:
            if described.get("required"):
                yield "request: needs a body, has none"
        else:
            content = described["content"]
            kind = "application/json" if "application/json" in content else next(iter(content))
            pointer = _pointer(*operation, "requestBody", "content", kind, "schema")
            yield from (f"request{fault}" for fault in self._faults(REQUESTS + pointer, body))

    def _answer_faults(self, operation: tuple[str, ...], status: int, body: Any) -> Iterator[str]:
        described = self._at(operation)["responses"]
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in described), None)
        if status >= SERVER_ERROR:
            return
        if key is None:
            yield f"answer: {status} is not among the answers described: {', '.join(described)}"
            return
        where = (*operation, "responses", key)
        if "$ref" in described[key]:
            where = tuple(described[key]["$ref"].removeprefix("#/").split("/"))
        if "application/json" in self._at(where).get("content", {}):
            pointer = _pointer(*where, "content", "application/json", "schema")
            yield from (f"answer {status}{fault}" for fault in self._faults(ANSWERS + pointer, body))
        elif body:
            yield f"answer {status}: has no body, was given {_shown(body)}"

    def _at(self, steps: tuple[str, ...]) -> dict[str, Any]:
        return reduce(getitem, steps, self._document)

    def _compile(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": pointer}, registry=self._registry, validate_formats=True, ignore_unknown_formats=True
        )

    def _faults(self, pointer: str, value: object) -> Iterator[str]:
        for error in self._validator(pointer).iter_errors(value):
            for leaf in _leaves(error):
                at = "".join(f"/{step}" for step in leaf.instance_path)
                yield f" at {at or '/'}: {_shorten(leaf.message)} (given {_shown(leaf.instance)})"


# Where a gateway event holds what the HTTP API also sends; "*" is every value of a list or an object.
EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "READY": (("user", "UserResponse"),),
    "MESSAGE_CREATE": (("", "MessageResponse"),),
    "MESSAGE_UPDATE": (("", "MessageResponse"),),
    "INTERACTION_CREATE": (
        ("message", "MessageResponse"),
        ("user", "UserResponse"),
        ("member", "GuildMemberResponse"),
        ("data/resolved/users/*", "UserResponse"),
        ("data/resolved/messages/*", "MessageResponse"),
        ("data/resolved/attachments/*", "MessageAttachmentResponse"),
        ("data/resolved/roles/*", "GuildRoleResponse"),
    ),
    "GUILD_CREATE": (
        ("roles/*", "GuildRoleResponse"),
        ("members/*", "GuildMemberResponse"),
        ("emojis/*", "EmojiResponse"),
        ("channels/*", "GuildChannelResponse"),
        ("threads/*", "ThreadResponse"),
    ),
    "THREAD_CREATE": (("", "ThreadResponse"),),
    "THREAD_UPDATE": (("", "ThreadResponse"),),
    "THREAD_LIST_SYNC": (("threads/*", "ThreadResponse"), ("members/*", "ThreadMemberResponse")),
    "THREAD_MEMBERS_UPDATE": (("added_members/*", "ThreadMemberResponse"),),
    "MESSAGE_REACTION_ADD": (("member", "GuildMemberResponse"),),
    "GUILD_MEMBERS_CHUNK": (("members/*", "GuildMemberResponse"),),
    "GUILD_MEMBER_ADD": (("", "GuildMemberResponse"),),
    "CHANNEL_CREATE": (("", "GuildChannelResponse"),),
    "CHANNEL_UPDATE": (("", "GuildChannelResponse"),),
}


def _relaxed(document: dict[str, Any], *, ids: bool = True) -> dict[str, Any]:
    """Copy the document with the differences between it and the service mended (see the module's docstring)."""
    relaxed = copy.deepcopy(document)
    schemas = relaxed["components"]["schemas"]
    digits = {"type": "string", "pattern": "^[0-9]+$"}
    if ids:
        schemas["SnowflakeType"] = {"anyOf": [digits, {"type": "integer", "minimum": 0}]}
    for name in ("ApplicationCommandCreateRequest", "ApplicationCommandUpdateRequest"):
        properties = schemas[name]["properties"]
        permissions = properties["default_member_permissions"]
        properties["default_member_permissions"] = {"anyOf": [digits, permissions]}
    word = {"code": {"type": "string"}, "message": {"type": "string"}}
    inner = {"type": "object", "properties": word, "required": ["code", "message"]}
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = inner
    schemas["MessageReferenceType"] = {"type": "integer", "enum": [0, 1]}
    if "GuildChannelResponse" in schemas:
        schemas["GuildChannelResponse"]["properties"]["type"]["enum"].append(16)
        schemas["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": 16})
    limited = schemas["RatelimitedResponse"]
    limited["allOf"][0] = {**schemas["Error"], "required": ["message"]}
    return relaxed


def _json_part(body: Any) -> Any:
    """Take the JSON out of a multipart body's fields; any other body is itself."""
    if not isinstance(body, Mapping) or "payload_json" not in body:
        return body
    part = body["payload_json"]
    return json.loads(part) if isinstance(part, (str, bytes)) else part


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


def _pointer(*steps: str) -> str:
    """Write a JSON pointer as the fragment of a URI."""
    escaped = (step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps)
    return "#/" + "/".join(escaped)


def _parts(value: Any, steps: list[str], at: str = "") -> Iterator[tuple[str, Any]]:
    """Walk to every part that the steps lead to; what is absent is passed over."""
    if not steps:
        yield at or "/", value
    elif steps[0] == "*":
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, part in pairs:
            yield from _parts(part, steps[1:], f"{at}/{key}")
    elif isinstance(value, Mapping) and value.get(steps[0]) is not None:
        yield from _parts(value[steps[0]], steps[1:], f"{at}/{steps[0]}")


def _leaves(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Follow a failed union into the branch that was meant: its `type` fits, it is no null, it misses by least."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield error
        return
    here, tag = error.instance_path, [*error.instance_path, "type"]

    def misses(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, bool, int]:
        paths = [inner.instance_path for inner in branch]
        other = here in paths and any(inner.kind.name == "type" for inner in branch if inner.instance_path == here)
        return tag in paths, other, len(paths)

    for inner in min(branches, key=misses):
        yield from _leaves(inner)


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _shown(value: object) -> str:
    return _shorten(json.dumps(value, default=repr, ensure_ascii=False))
