"""Why a server's settings refuse a request, in words: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.ui.texts import escaped
from seedream import MODELS
from seedream.phrases import OneOf
from studio.guild_settings import LONGEST_WORD, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guild_settings import SettingsRefusal

MOST_NAMED = 10
FREE = "Nothing was made or charged."

# What is said where something else would do, and where nothing is left that would.
_SENTENCES: dict[Rule, tuple[str, str]] = {
    Rule.BANNED: (
        "",
        "The admins of this server have banned you from making pictures in it. Ask them if you think it is a mistake.",
    ),
    Rule.ROLE: (
        "Making pictures in this server takes the role {allowed}. Ask an admin for it.",
        "Making pictures here takes a role that does not exist any more. Ask an admin to name another in /settings.",
    ),
    Rule.CHANNEL_DENIED: (
        "No pictures are made in {given}. Ask in {allowed}.",
        "No pictures are made in {given}. Ask in another channel.",
    ),
    Rule.CHANNEL_NOT_ALLOWED: (
        "Pictures are made in certain channels of this server only. Ask in {allowed}.",
        "Pictures are made in certain channels of this server only, and you can see none of them. Ask an admin.",
    ),
    Rule.NOT_AGE_RESTRICTED: (
        "",
        "In this server pictures are made in age-restricted channels only, and {given} is none. Ask in one that is.",
    ),
    Rule.MODEL: (
        "{given} may not be used in this server. Choose {allowed}.",
        "{given} may not be used in this server, and no other model may. Ask an admin to allow one in /settings.",
    ),
    Rule.BLOCKED_WORD: ("", "This server does not allow ||{given}|| in a prompt. Say it without."),
}


def rule_sentence(refused: SettingsRefusal, named: Callable[[int], str | None]) -> str:
    """`named`: how a role or channel is called to the member; None for one that is gone or that they can't see."""
    with_remedy, without = _SENTENCES[refused.rule]
    given = _named(refused.given, named) or "this channel"
    allowed = [name for one in refused.allowed if (name := _named(one, named))]
    shown = allowed[:MOST_NAMED]
    more = f", or {len(allowed) - MOST_NAMED} others" if len(allowed) > MOST_NAMED else ""
    sentence = with_remedy if allowed and with_remedy else without
    return f"{sentence.format(given=given, allowed=OneOf(shown) + more if shown else '')} {FREE}"


def _named(value: int | str | None, named: Callable[[int], str | None]) -> str | None:
    if isinstance(value, int):
        return named(value)
    if value is None or value in MODELS:
        return MODELS[value].label if value else None
    return escaped(value, LONGEST_WORD)
