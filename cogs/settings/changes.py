"""What a control of /settings changes, by what was pressed, chosen or written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from cogs.i18n.translate import LANGUAGES, N_, _
from cogs.settings.modals import words_of
from cogs.settings.screen import UNSET, gone, word_key
from cogs.texts.refusal import RefusalError
from seedream import MODELS, ImageRequest
from seedream.errors import InvalidRequest
from seedream.models import find_model
from seedream.sizes import normal_size
from studio.guilds.changes import with_list
from studio.guilds.settings import Replies
from studio.guilds.time_zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import discord
    from discord import ui

    from studio.guilds.settings import GuildSettings

    Change = Callable[[GuildSettings], GuildSettings]

_OLDER = N_("This screen is from an older version. Use /settings again.")


class SettingsPress(NamedTuple):
    """A control that was used. `before`: what was chosen in it as it was drawn, `values`: what is now."""

    what: str
    argument: str
    values: Sequence[str]
    before: frozenset[str]


def chosen_before(item: ui.Item[Any]) -> frozenset[str]:
    """What was chosen in a select as it was drawn."""
    options = {one.value for one in getattr(item, "options", ()) if one.default}
    return frozenset(options | {str(one.id) for one in getattr(item, "default_values", ())})


def change_by_press(guild: discord.Guild, press: SettingsPress) -> Change:
    """Raises: RefusalError, InvalidRequest."""
    if press.what == "clear":
        return partial(_cleared, guild)
    if press.what == "log_channel":
        return _log_channel(guild, press)
    change = _BY_PRESS.get(press.what)
    if change is None:
        raise RefusalError(_(_OLDER))
    return change(press)


def change_by_words(what: str, words: str) -> Change:
    """A change by what was written into a modal. Raises: RefusalError, InvalidRequest, UnknownZoneError."""
    change = _BY_WORDS.get(what)
    if change is None:
        raise RefusalError(_(_OLDER))
    return change(words)


# --- one value ------------------------------------------------------------------------------------------------------


def _to(**values: Any) -> Change:
    return lambda settings: settings.changed(**values)


def _given(press: SettingsPress) -> str | None:
    return next((value for value in press.values if value != UNSET), None)


def _model(press: SettingsPress) -> Change:
    given = _given(press)
    return _to(default_model=find_model(given).name if given else None)


def _log_channel(guild: discord.Guild, press: SettingsPress) -> Change:
    channel_id = number(_given(press) or "") or None
    if channel_id and not can_write(guild, channel_id):
        raise RefusalError(
            _(
                "I can't post in {channel}. Give me the View Channel and Send Messages permissions there.",
                channel=f"<#{channel_id}>",
            )
        )
    return _to(log_channel=channel_id)


def _language(press: SettingsPress) -> Change:
    given = _given(press)
    if given and given not in LANGUAGES:
        raise RefusalError(_(_OLDER))
    return _to(language=given)


def _replies(press: SettingsPress) -> Change:
    given = _given(press)
    if given not in set(Replies):
        raise RefusalError(_(_OLDER))
    return _to(replies=Replies(given))


def _size(words: str) -> Change:
    """A size that a model takes, if any does. Raises: InvalidRequest, in the words of the first model."""
    size, refused = normal_size(words), None
    for model in MODELS.values():
        pictures = ("https://example.com/a",) * model.references.low
        try:
            ImageRequest(prompt="a size", model=model.name, size=size, images=pictures)
        except InvalidRequest as error:
            refused = refused or error
        else:
            return _to(default_size=size)
    assert refused is not None  # noqa: S101 - there are models
    raise refused


# --- lists ----------------------------------------------------------------------------------------------------------


def _models(press: SettingsPress) -> Change:
    chosen = {one for one in press.values if one in MODELS}
    return partial(with_list, name="models", added=chosen - press.before, removed=press.before - chosen)


def _ids(press: SettingsPress) -> Change:
    before, now = ({number(one) for one in some} for some in (press.before, press.values))
    return partial(with_list, name=press.what, added=now - before, removed=before - now)


def _without_words(press: SettingsPress) -> Change:
    def changed(settings: GuildSettings) -> GuildSettings:
        removed = [word for word in settings.blocked_words if word_key(word) in press.values]
        return with_list(settings, "blocked_words", removed=removed)

    return changed


def _with_words(text: str) -> Change:
    words = words_of(text)
    if not words:
        raise RefusalError(_("There are no words in that. Enter one per line, or separate them with commas."))
    return partial(with_list, name="blocked_words", added=words)


def _cleared(guild: discord.Guild, settings: GuildSettings) -> GuildSettings:
    """Without what does not exist any more."""
    for name, ids in gone(settings, *there(guild, settings)).items():
        settings = with_list(settings, name, removed=ids)
    return settings


_BY_PRESS: dict[str, Callable[[SettingsPress], Change]] = {
    "default_model": _model,
    "default_size": lambda press: _to(default_size=_given(press)),
    "output_format": lambda press: _to(output_format=_given(press)),
    **dict.fromkeys(
        ("watermark", "private", "age_restricted_only"), lambda press: _to(**{press.what: press.argument == "on"})
    ),
    "models": _models,
    **dict.fromkeys(("channels_allowed", "channels_denied", "roles_allowed", "banned"), _ids),
    "blocked_words": _without_words,
    "language": _language,
    "replies": _replies,
}
_BY_WORDS: dict[str, Callable[[str], Change]] = {
    "words_in": _with_words,
    "default_size": _size,
    "time_zone": lambda words: _to(time_zone=find_zone(words).key),
}


# --- the server -----------------------------------------------------------------------------------------------------


def there(guild: discord.Guild, settings: GuildSettings) -> tuple[frozenset[int], frozenset[int]]:
    """The channels and roles that there are. While Discord has not told them, all that are set count as there."""
    if guild.unavailable or not guild.channels:
        named = settings.channels_allowed | settings.channels_denied
        return named | {settings.log_channel or 0}, settings.roles_allowed
    return frozenset(one.id for one in guild.channels), frozenset(one.id for one in guild.roles)


def can_write(guild: discord.Guild, channel_id: int | None) -> bool:
    channel = guild.get_channel(channel_id) if channel_id else None
    if channel is None:
        return False
    may = channel.permissions_for(guild.me)
    return may.view_channel and may.send_messages


def number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
