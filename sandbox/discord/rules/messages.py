"""A message that a bot sends or edits. Source: Discord, "Message Resource" and "Receiving and Responding".

Stricter than Discord in one thing: a flag that may not be set is refused, where Discord drops it in silence.
A bot that sets one believes in something that will not happen (an ephemeral message in a channel is public).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sandbox.discord.rules.components import check_components
from sandbox.discord.rules.embeds import check_embeds
from sandbox.discord.rules.filenames import cleansed
from sandbox.discord.rules.node import Node
from sandbox.discord.rules.polls import check_poll
from sandbox.discord.rules.problems import (
    EMPTY_MESSAGE,
    TOO_LARGE,
    TOO_MANY_ATTACHMENTS,
    Path,
    Problem,
    Problems,
    invalid_form,
    not_an_object,
)

Kind = Literal["create", "edit", "webhook", "callback", "defer", "update"]
"""What a message is for.

"create" and "webhook" (also a follow-up) make one, "edit" changes one; the others are the `data` of an
interaction callback: a new message (type 4), a deferred one (5), an update (7).
"""

CALLBACKS = ("callback", "defer", "update")
EDITS = ("edit", "update")

SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, VOICE, V2 = 4, 64, 4096, 8192, 32768
CREATE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | VOICE | V2
SETTABLE_FLAGS = {
    "create": CREATE_FLAGS,
    "edit": SUPPRESS_EMBEDS | V2,
    "update": SUPPRESS_EMBEDS | V2,
    "webhook": CREATE_FLAGS | EPHEMERAL,
    "callback": CREATE_FLAGS | EPHEMERAL,
    "defer": EPHEMERAL,
}
LARGEST_FLAGS = 2**53

LONGEST_CONTENT = 2000
MOST_ATTACHMENTS = 10
LONGEST_FILE_TEXT = 1024
MOST_MENTIONS = 100
MOST_STICKERS = 3
LONGEST_NONCE = 25
INT64 = 2**63
REPLY, FORWARD = 0, 1
LONGEST_USERNAME = 80
LEGACY_FIELDS = {"content": "content", "embeds": "embeds", "sticker_ids": "sticker_items", "poll": "poll"}


def check_message(
    payload: object,
    *,
    files: Mapping[int, str],
    kind: Kind,
    existing: Mapping[str, Any] | None = None,
    unlisted: bool = False,
) -> Problems | None:
    """Check a new message, or a message as it would be after an edit.

    `payload` is the JSON body (for a callback, its `data`), `files` maps n of each uploaded `files[n]` to its
    name, and `existing` is the message object under edit, with every file that it holds in `attachments`.
    `unlisted`: whether an edit's components may show an upload that `attachments` does not list.
    """
    path: Path = ("data",) if kind in CALLBACKS else ()
    problems: list[Problem] = []
    if payload is None and kind in ("defer", "update"):
        return None
    if not isinstance(payload, dict):
        missing = Problem(path, "BASE_TYPE_REQUIRED", "This field is required")
        return invalid_form([missing if payload is None else not_an_object(path)])
    before = existing or {}
    node = Node(payload, path, problems)
    flags = _check_flags(node, kind, before)
    listed = _check_attachments(node, files, kind, before)
    held = {**files, **listed} if _takes_all(node, kind) else listed
    shown = listed if existing is not None and not unlisted else held
    _check_fields(node, kind)
    check_components(node, Counter(cleansed(name) for name in shown.values() if name), v2=bool(flags & V2))
    after = _after(payload, before if kind in EDITS else {})
    if flags & V2:
        _check_legacy(node, after)
    if refused := invalid_form(problems):
        return refused
    if len(held) > MOST_ATTACHMENTS:
        message = f"Maximum number of attachments in a message reached ({MOST_ATTACHMENTS})"
        return Problems(TOO_MANY_ATTACHMENTS, message)
    elsewhere = kind == "defer" or (kind in EDITS and existing is None) or (kind == "create" and _is_forward(payload))
    return None if elsewhere else _check_empty(after, attached=bool(held), v2=bool(flags & V2))


def check_sizes(sizes: Iterable[int], limit: int) -> Problems | None:
    """Check the sizes of uploaded files, in bytes, against the place's upload limit."""
    if any(size > limit for size in sizes):
        return Problems(TOO_LARGE, "Request entity too large", status=413)
    return None


def _check_fields(node: Node, kind: Kind) -> None:
    node.text("content", 0, LONGEST_CONTENT)
    node.boolean("tts")
    check_embeds(node)
    check_poll(node)
    _check_mentions(node)
    node.snowflakes("sticker_ids", MOST_STICKERS)
    if kind == "webhook":
        node.text("username", 1, LONGEST_USERNAME)
        node.url("avatar_url")
    if kind == "create":
        node.boolean("enforce_nonce")
        _check_nonce(node)
        _check_reference(node)


def _check_flags(node: Node, kind: Kind, before: Mapping[str, Any]) -> int:
    """Check the flags and return those in force afterwards: on an edit, V2 stays whatever is sent."""
    old = before.get("flags") or 0
    flags = node.integer("flags", 0, LARGEST_FLAGS)
    if flags is None:
        return old
    settable = SETTABLE_FLAGS[kind] | old
    if flags & ~settable:
        allowed = tuple(1 << bit for bit in range(settable.bit_length()) if settable >> bit & 1)
        node.fail("BASE_TYPE_CHOICES", f"Value must be a combination of {allowed}.", "flags")
    if old & V2 and not flags & V2:
        message = "The IS_COMPONENTS_V2 flag cannot be removed from a message"
        node.fail("MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", message, "flags")
    return flags | old & V2


def _check_attachments(
    node: Node, files: Mapping[int, str], kind: Kind, before: Mapping[str, Any]
) -> dict[int, str | None]:
    """Check `attachments` against uploads and kept files; return the names of those that it lists.

    A kept file that is listed without its name has none: `attachment://` does not find it. An edit that lists nothing
    and uploads nothing keeps everything.
    """
    kept = {int(a["id"]): str(a["filename"]) for a in before.get("attachments", ())} if kind in EDITS else {}
    names: dict[int, str | None] = {}
    if not node.has("attachments") and not files:
        names.update(kept)
    for attachment in node.children("attachments", 0, MOST_ATTACHMENTS):
        filename = attachment.text("filename", 1, LONGEST_FILE_TEXT)
        attachment.text("description", 0, LONGEST_FILE_TEXT)
        attachment.text("title", 0, LONGEST_FILE_TEXT)
        attachment.boolean("is_spoiler")
        number = attachment.snowflake("id", required=True)
        if number is None:
            continue
        if number in files:
            names[number] = filename or files[number]
        elif number in kept:
            names[number] = kept[number] if filename else None
        else:
            attachment.fail("ATTACHMENT_NOT_FOUND", "Attachment data not found")
    return names


def _takes_all(node: Node, kind: Kind) -> bool:
    """Tell whether uploads that are not listed are taken as well: of an edit that lists, only those that it lists.

    Source: Discord API reference, "Editing Message Attachments"; api-docs #5170.
    """
    return kind not in EDITS or not node.has("attachments")


def _after(payload: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the payload over the message under edit: what is not sent stays, null clears."""
    keys = {**LEGACY_FIELDS, "components": "components"}
    return {sent: payload[sent] if sent in payload else before.get(stored) for sent, stored in keys.items()}


def _check_legacy(node: Node, after: dict[str, Any]) -> None:
    """Check that a V2 message is left with none of the fields that its components replace."""
    for key in LEGACY_FIELDS:
        if after[key]:
            message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            node.fail("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message, key)


def _check_empty(after: dict[str, Any], *, attached: bool, v2: bool) -> Problems | None:
    """Check that something is left to show; in a V2 message attachments show only through its components."""
    shown = [after["components"]]
    if not v2:
        shown += [
            attached,
            (after["content"] or "").strip(),
            after["embeds"],
            after["sticker_ids"],
            after["poll"],
        ]
    return None if any(shown) else Problems(EMPTY_MESSAGE, "Cannot send an empty message")


def _is_forward(payload: dict[str, Any]) -> bool:
    reference = payload.get("message_reference")
    return isinstance(reference, dict) and reference.get("type") == FORWARD


def _check_mentions(node: Node) -> None:
    """Check `allowed_mentions`: a kind is either parsed or listed, not both."""
    mentions = node.child("allowed_mentions")
    if mentions is None:
        return
    mentions.boolean("replied_user")
    parsed = mentions.members("parse", ("users", "roles", "everyone"))
    for key in ("users", "roles"):
        if mentions.snowflakes(key, MOST_MENTIONS) and key in parsed:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            mentions.fail("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_nonce(node: Node) -> None:
    nonce = node.value.get("nonce")
    if isinstance(nonce, str):
        if len(nonce) > LONGEST_NONCE:
            message = f"Must be {LONGEST_NONCE} or fewer characters long."
            node.fail("NONCE_TYPE_TOO_LONG", message, "nonce")
    elif isinstance(nonce, int) and not isinstance(nonce, bool):
        if not -INT64 <= nonce < INT64:
            message = f"Must be between {-INT64} and {INT64 - 1}."
            node.fail("NONCE_TYPE_OUT_OF_BOUNDS", message, "nonce")
    elif nonce is not None:
        node.fail("NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer.", "nonce")


def _check_reference(node: Node) -> None:
    """Check what the message replies to or forwards."""
    reference = node.child("message_reference")
    if reference is None:
        return
    kind = reference.choice("type", (REPLY, FORWARD))
    reference.snowflake("message_id", required=True)
    reference.snowflake("channel_id", required=kind == FORWARD)
    reference.snowflake("guild_id")
    reference.boolean("fail_if_not_exists")
