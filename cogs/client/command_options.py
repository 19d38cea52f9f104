"""Commands as they are registered: without the options that no model takes, and with the models named that do. Pure.

An option whose description names a capability of models, such as "{seed} only", is there only while one has it.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from cogs.i18n.locale import CAPABILITIES
from seedream.phrases import OneOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from seedream import Model

_LONGEST = 100  # Discord's limit of a description
_OPTIONS, _DESCRIPTION, _LOCALIZED = "options", "description", "description_localizations"


def fitted(commands: Iterable[Mapping[str, Any]], models: Iterable[Model]) -> list[dict[str, Any]]:
    """The commands' payloads for these models."""
    offered = tuple(models)
    able = {one: OneOf(model.label for model in offered if getattr(model, one)) for one in _had(offered)}
    return [_fitted(command, able) for command in commands]


def _had(models: tuple[Model, ...]) -> list[str]:
    return [one for one in CAPABILITIES if any(getattr(model, one) for model in models)]


def _fitted(command: Mapping[str, Any], able: Mapping[str, str]) -> dict[str, Any]:
    changed = dict(command)
    if _DESCRIPTION in command:
        changed[_DESCRIPTION] = _filled(command[_DESCRIPTION], able)
    if texts := command.get(_LOCALIZED):
        changed[_LOCALIZED] = {locale: _filled(text, able) for locale, text in texts.items()}
    if options := command.get(_OPTIONS):
        kept = [one for one in options if _named(one.get(_DESCRIPTION, "")) <= able.keys()]
        changed[_OPTIONS] = [_fitted(one, able) for one in kept]
    return changed


def _named(description: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(description) if name}


def _filled(text: str, able: Mapping[str, str]) -> str:
    filled = text.format_map(able)
    return filled if len(filled) <= _LONGEST else f"{filled[: _LONGEST - 1]}…"
