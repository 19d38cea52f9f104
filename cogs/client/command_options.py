"""Fits commands to the offered models before they are registered. Pure.

An option whose description names a capability, such as "{seed} only", exists only while an offered model has that
capability. The placeholder becomes the names of those models.
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
    """Return the commands' payloads for these models."""
    offered = tuple(models)
    able = {name: OneOf(model.label for model in offered if getattr(model, name)) for name in _capabilities(offered)}
    return [_fitted(command, able) for command in commands]


def _capabilities(models: tuple[Model, ...]) -> list[str]:
    return [name for name in CAPABILITIES if any(getattr(model, name) for model in models)]


def _fitted(command: Mapping[str, Any], able: Mapping[str, str]) -> dict[str, Any]:
    changed = dict(command)
    if _DESCRIPTION in command:
        changed[_DESCRIPTION] = _filled(command[_DESCRIPTION], able)
    if texts := command.get(_LOCALIZED):
        changed[_LOCALIZED] = {locale: _filled(text, able) for locale, text in texts.items()}
    if options := command.get(_OPTIONS):
        kept = [option for option in options if _placeholders(option.get(_DESCRIPTION, "")) <= able.keys()]
        changed[_OPTIONS] = [_fitted(option, able) for option in kept]
    return changed


def _placeholders(description: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(description) if name}


def _filled(text: str, able: Mapping[str, str]) -> str:
    filled = text.format_map(able)
    return filled if len(filled) <= _LONGEST else f"{filled[: _LONGEST - 1]}…"
