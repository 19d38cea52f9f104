"""Presses buttons, chooses in selects, and submits modals as a member.

Source: Discord, "Component Reference", and the API reference, "Modal Submit Data Structure".
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.discord import interactions, messages
from sandbox.discord.client_refusals import ClientRefusal, a_list, an_object, require_file_type
from sandbox.discord.rendering import walk
from sandbox.discord.resolved import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.state import Interaction, State
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json, Stored

BUTTON, STRING_SELECT, TEXT_INPUT = 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SELECTS = {STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT}
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 19, 21, 22, 23
LONGEST_INPUT = 4000


def press(state: State, user: Json, stored: Stored, named: str, values: Any = None) -> Interaction:
    """Press a button or choose in a select, by its custom id or label. Raises: ClientRefusal."""
    component = next(
        (
            shown
            for shown in walk(stored.data["components"])
            if named in {shown.get("custom_id"), shown.get("label")} and not shown.get("disabled")
        ),
        None,
    )
    if component is None or stored.seen_by not in {None, user["id"]}:
        raise ClientRefusal(f"{user['username']} can't see a button {named} there.")
    channel = state.world.channels[stored.data["channel_id"]]
    resolved = Resolved(state, user, channel)
    data: Json = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
    if component["type"] != BUTTON:
        data["values"] = _chosen(component, a_list("values", values), resolved, required=True)
        data |= {"resolved": resolved.data} if resolved.data else {}
    return interactions.begin(state, interactions.COMPONENT, user, channel, data, message=messages.seen(state, stored))


def submit(
    state: State, user: Json, modal: Interaction, fields: Any, files: dict[str, list[Upload]] | None = None
) -> Interaction:
    """Submit a modal that an interaction opened; `fields` and `files` are by custom id. Raises: ClientRefusal."""
    if not modal.answer or modal.answer["type"] != interactions.SHOW_MODAL:
        raise ClientRefusal("No modal is open.")
    shown, numbers, values = modal.answer["data"], count(1), an_object("fields", fields)
    channel = state.world.channels[modal.channel_id]
    resolved = Resolved(state, user, channel)
    components = [_filled(child, "", values, files or {}, numbers, resolved) for child in shown["components"]]
    data: Json = {"custom_id": shown["custom_id"], "components": components}
    data |= {"resolved": resolved.data} if resolved.data else {}
    pressed = state.world.find_message((modal.data.get("message") or {}).get("id", ""))
    extra = {"message": messages.seen(state, pressed)} if pressed else {}
    return interactions.begin(state, interactions.MODAL, user, channel, data, opened_by=modal, **extra)


def _filled(
    component: Json,
    label: str,
    fields: Json,
    files: dict[str, list[Upload]],
    numbers: Iterator[int],
    resolved: Resolved,
) -> Json:
    filled: Json = {"type": component["type"], "id": component.get("id") or next(numbers)}
    label = component.get("label") or label
    if inner := component.get("component"):
        return filled | {"component": _filled(inner, label, fields, files, numbers, resolved)}
    if "components" in component:
        inside = [_filled(child, label, fields, files, numbers, resolved) for child in component["components"]]
        return filled | {"components": inside}
    if "custom_id" not in component:
        return filled
    key = component["custom_id"]
    answer = _answer(component, label, fields.get(key), files.get(key, []), resolved)
    return filled | {"custom_id": key} | answer


def _answer(component: Json, label: str, value: Any, uploads: list[Upload], resolved: Resolved) -> Json:
    """Return the value of a field. Raises: ClientRefusal with the field's label."""
    try:
        match component["type"]:
            case 4:
                return {"value": _text(component, value)}
            case 19:
                _check_count(component, len(uploads), required=component.get("required", True))
                for upload in uploads:
                    require_file_type(component, upload)
                return {"values": [resolved.attachment(upload) for upload in uploads]}
            case 21:
                values = _chosen(component, [] if value is None else [value], resolved, required=False)
                _check_count(component, len(values), required=component.get("required", True))
                return {"value": values[0] if values else None}
            case 23:
                return {"value": bool(component.get("default")) if value is None else value is True}
            case _:
                chosen = _defaults(component) if value is None else a_list("values", value)
                return {"values": _chosen(component, chosen, resolved, required=component.get("required", True))}
    except ClientRefusal as refusal:
        raise ClientRefusal(f"{label}: {refusal}") from None


def _text(component: Json, value: Any) -> str:
    text = component.get("value") or "" if value is None else value
    if not isinstance(text, str):
        raise ClientRefusal(f"{text!r} isn't text.")
    least, most = component.get("min_length") or 0, component.get("max_length") or LONGEST_INPUT
    if not text and not component.get("required", True):
        return text
    if not max(least, 1) <= len(text) <= most:
        raise ClientRefusal(f"It takes {max(least, 1)} to {most} characters; this has {len(text)}.")
    return text


def _defaults(component: Json) -> list[Any]:
    return [option["value"] for option in component.get("options", []) if option.get("default")] or [
        value["id"] for value in component.get("default_values", [])
    ]


def _chosen(component: Json, values: list[Any], resolved: Resolved, *, required: bool) -> list[str]:
    _check_count(component, len(values), required=required)
    match component["type"]:
        case 5:
            return [resolved.user(name) for name in values]
        case 6:
            return [resolved.role(name) for name in values]
        case 7:
            return [resolved.mentionable(name) for name in values]
        case 8:
            return [resolved.channel(name, component.get("channel_types")) for name in values]
        case _:
            offered = {option["value"] for option in component["options"]}
            if unknown := [value for value in values if value not in offered]:
                raise ClientRefusal(f"There is no choice {unknown[0]!r}.")
            return values


def _check_count(component: Json, number: int, *, required: bool) -> None:
    """Raise ClientRefusal if too few or too many are chosen; an optional field may be empty."""
    least = component.get("min_values", 1) if required else min(number, component.get("min_values") or 0)
    if number == 0 and not required:
        return
    most = component.get("max_values") or max(1, least)
    if component["type"] == CHECKBOX_GROUP and component.get("max_values") is None:
        most = len(component["options"])
    if not least <= number <= most:
        raise ClientRefusal(f"It takes {least} to {most} choices; {number} were given.")
