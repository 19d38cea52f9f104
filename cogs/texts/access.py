"""Why a server's settings refuse a request, in words: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, any_of, marked, ngettext, sentences
from cogs.texts.common import escaped
from seedream import MODELS
from studio.guilds.settings import LONGEST_WORD, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.settings import SettingsRefusal

MOST_NAMED = 10
FREE = marked("Nothing was made or charged.")

# What is said where something else would do, and where nothing is left that would.
_SENTENCES: dict[Rule, tuple[str, str]] = {
    Rule.BANNED: (
        "",
        marked(
            "The admins of this server have banned you from making pictures in it. Ask them if you think it is a "
            "mistake."
        ),
    ),
    Rule.ROLE: (
        # Translators: {allowed} is one role, or several with "or" between them
        marked("Making pictures in this server takes the role {allowed}. Ask an admin for it."),
        marked(
            "Making pictures here takes a role that does not exist any more. Ask an admin to name another in /settings."
        ),
    ),
    Rule.CHANNEL_DENIED: (
        # Translators: {given} and {allowed} are channels, such as "#general" or "#general, #art or “Art” (category)"
        marked("No pictures are made in {given}. Ask in {allowed}."),
        # Translators: {given} is a channel, such as "#general", or a category
        marked("No pictures are made in {given}. Ask in another channel."),
    ),
    Rule.CHANNEL_NOT_ALLOWED: (
        # Translators: {allowed} is one channel, or several: "#general, #art or “Art” (category)"
        marked("Pictures are made in certain channels of this server only. Ask in {allowed}."),
        marked(
            "Pictures are made in certain channels of this server only, and you can see none of them. Ask an admin."
        ),
    ),
    Rule.NOT_AGE_RESTRICTED: (
        "",
        marked(
            "In this server pictures are made in age-restricted channels only, and this channel is none. "
            "Ask in one that is."
        ),
    ),
    Rule.MODEL: (
        # Translators: {given} is a model, such as SeeDream 4.0, and {allowed} one or several, with "or" between them
        marked("{given} may not be used in this server. Choose {allowed}."),
        # Translators: {given} is a model, such as SeeDream 4.0
        marked(
            "{given} may not be used in this server, and no other model may. Ask an admin to allow one in /settings."
        ),
    ),
    Rule.BLOCKED_WORD: (
        "",
        # Translators: {given} is a word or a phrase; the lines beside it hide it until it is pressed
        marked("This server does not allow ||{given}|| in a prompt. Say it without."),
    ),
}
# The same where it is a channel that can't be named to who asks.
_UNNAMED = {
    Rule.CHANNEL_DENIED: (
        # Translators: {allowed} is one channel, or several: "#general, #art or “Art” (category)"
        marked("No pictures are made in this channel. Ask in {allowed}."),
        marked("No pictures are made in this channel. Ask in another one."),
    ),
}


def rule_sentence(refused: SettingsRefusal, named: Callable[[int], str | None]) -> str:
    """`named`: how a role or channel is called to the member; None for one that is gone or that they can't see."""
    given = _named(refused.given, named)
    with_remedy, without = {**_SENTENCES, **({} if given else _UNNAMED)}[refused.rule]
    allowed = [name for one in refused.allowed if (name := _named(one, named))]
    sentence = with_remedy if allowed and with_remedy else without
    return sentences(_(sentence, given=given, allowed=any_of(_few(allowed))), _(FREE))


def public_sentence(refused: SettingsRefusal) -> str | None:
    """The same where everybody reads it, if that must not repeat what the member wrote."""
    if refused.rule is not Rule.BLOCKED_WORD:
        return None
    told = _("This server doesn't allow one of the words you used. Please rephrase; /imagine tells only you which one.")
    return sentences(told, _(FREE))


def _few(names: list[str]) -> list[str]:
    """As many as are read at a glance, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return names
    # Translators: the end of a list of channels, roles or models: "#general, #art or 20 others"
    return [*names[:MOST_NAMED], ngettext("{n} other", "{n} others", len(names) - MOST_NAMED)]


def _named(value: int | str | None, named: Callable[[int], str | None]) -> str | None:
    if isinstance(value, int):
        return named(value)
    if value is None or value in MODELS:
        return MODELS[value].label if value else None
    return escaped(value, LONGEST_WORD)
