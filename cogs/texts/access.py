"""Says why a server's settings refuse a request: one table of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, any_of, ngettext, sentences
from cogs.texts.common import escaped
from seedream import MODELS
from studio.guilds.settings import LONGEST_WORD, AccessRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.settings import SettingsRefusal

MOST_NAMED = 10
FREE = N_("Nothing was made or charged.")

# Of each rule: the sentence where an alternative can be named, and the one where there is none.
_SENTENCES: dict[AccessRule, tuple[str, str]] = {
    AccessRule.BANNED: (
        "",
        N_(
            "The admins of this server have banned you from making pictures here. Ask them if you think it's a mistake."
        ),
    ),
    AccessRule.ROLE: (
        # Translators: {allowed} is one role, or several with "or" between them
        N_("You need the role {allowed} to make pictures in this server. Ask an admin for it."),
        N_(
            "The role you need to make pictures here no longer exists. Ask an admin to choose another one in /settings."
        ),
    ),
    AccessRule.CHANNEL_DENIED: (
        # Translators: {given} and {allowed} are channels, such as "#general" or "#general, #art or “Art” (category)"
        N_("You can't make pictures in {given}. Use {allowed}."),
        # Translators: {given} is a channel, such as "#general", or a category
        N_("You can't make pictures in {given}. Use another channel."),
    ),
    AccessRule.CHANNEL_NOT_ALLOWED: (
        # Translators: {allowed} is one channel, or several: "#general, #art or “Art” (category)"
        N_("You can make pictures only in certain channels of this server. Use {allowed}."),
        N_(
            "You can make pictures only in certain channels of this server, and you can't see any of them. Ask an "
            "admin."
        ),
    ),
    AccessRule.NOT_AGE_RESTRICTED: (
        "",
        N_(
            "You can make pictures only in age-restricted channels of this server, and this channel isn't one. Use "
            "one that is."
        ),
    ),
    AccessRule.MODEL: (
        # Translators: {given} is a model, such as SeeDream 4.0, and {allowed} one or several, with "or" between them
        N_("{given} isn't allowed in this server. Choose {allowed}."),
        # Translators: {given} is a model, such as SeeDream 4.0
        N_(
            "{given} isn't allowed in this server, and neither is any other model. Ask an admin to allow one in "
            "/settings."
        ),
    ),
    AccessRule.BLOCKED_WORD: (
        "",
        # Translators: {given} is a word or a phrase; the lines beside it hide it until it is pressed
        N_("This server doesn't allow ||{given}|| in a prompt or a file name. Please rephrase without it."),
    ),
}
# For a channel that isn't named because the member can't see it.
_UNNAMED = {
    AccessRule.CHANNEL_DENIED: (
        # Translators: {allowed} is one channel, or several: "#general, #art or “Art” (category)"
        N_("You can't make pictures in this channel. Use {allowed}."),
        N_("You can't make pictures in this channel. Use another one."),
    ),
}


def rule_sentence(refused: SettingsRefusal, named: Callable[[int], str | None]) -> str:
    """Say why a rule refuses a request, and what to do.

    `named`: gives a role's or channel's name by its id, None if it is gone or hidden from the member.
    """
    given = _named(refused.given, named)
    with_remedy, without = {**_SENTENCES, **({} if given else _UNNAMED)}[refused.rule]
    allowed = [name for value in refused.allowed if (name := _named(value, named))]
    sentence = with_remedy if allowed and with_remedy else without
    return sentences(_(sentence, given=given, allowed=any_of(_few(allowed))), _(FREE))


def public_sentence(refused: SettingsRefusal) -> str | None:
    """Say it where everybody can read it, if `rule_sentence` would repeat the member's words; otherwise None."""
    if refused.rule is not AccessRule.BLOCKED_WORD:
        return None
    text = _(
        "This server doesn't allow one of the words you used. Please rephrase. /imagine shows which one, and "
        "only to you."
    )
    return sentences(text, _(FREE))


def _few(names: list[str]) -> list[str]:
    """Shorten a long list to its first names and the number of others."""
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
