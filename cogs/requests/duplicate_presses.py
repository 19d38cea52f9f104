"""The same button, form or offer, used twice at once by the same member, makes one job.

What was pressed is kept in memory: all presses on a message come to one process, the one that has its server's shard.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from discord import ComponentType, InteractionType

from cogs.i18n.translate import _
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import discord

SAME_PRESS_SECONDS = 3.0
MOST_PRESSES = 10_000
_PRESSES = {InteractionType.component, InteractionType.modal_submit}


class AlreadyOnItError(RefusalError):
    """The same press is being worked on, or has made a job just now."""

    def __init__(self) -> None:
        super().__init__(_("Already on it."))


class Press(NamedTuple):
    """Presses that are equal are the same press: by the same member, on the same thing, with the same values."""

    user_id: int
    message_id: int
    custom_id: str
    values: tuple[str, ...]


class Presses:
    """Of this process. `clock`: seconds, from whenever."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # By whom each press is worked on, and until when it is the same press; None: for as long as that takes.
        self._known: OrderedDict[Press, tuple[int, float | None]] = OrderedDict()

    @contextmanager
    def once(self, interaction: discord.Interaction) -> Iterator[None]:
        """For what makes a job of an interaction, or raises. What is no press, such as a command, is not held back.

        Raises: AlreadyOnItError.
        """
        press = press_of(interaction)
        if press is None:
            yield
            return
        self._begin(press, interaction.id)
        try:
            yield
        except BaseException:
            self._known.pop(press, None)
            raise
        self._known[press] = interaction.id, self._clock() + SAME_PRESS_SECONDS

    def _begin(self, press: Press, by: int) -> None:
        """An interaction may go through here more than once on its way."""
        holder, until = self._known.pop(press, (by, None))
        if holder != by and (until is None or self._clock() < until):
            self._known[press] = holder, until
            raise AlreadyOnItError
        self._known[press] = by, None
        if len(self._known) > MOST_PRESSES:
            self._known.popitem(last=False)


def press_of(interaction: discord.Interaction) -> Press | None:
    """What was pressed or sent; None for a command."""
    if interaction.type not in _PRESSES:
        return None
    data: Any = interaction.data
    message_id = interaction.message.id if interaction.message else 0
    return Press(interaction.user.id, message_id, data["custom_id"], tuple(_values(data)))


def _values(given: Any) -> Iterator[str]:
    """What was chosen and written. Files are uploaded anew, under other ids, whenever a form is sent."""
    if given.get("type") == ComponentType.file_upload.value:
        return
    yield from map(str, given.get("values") or ())
    if "value" in given:
        yield str(given["value"])
    for inner in (*given.get("components", ()), *filter(None, [given.get("component")])):
        yield from _values(inner)
