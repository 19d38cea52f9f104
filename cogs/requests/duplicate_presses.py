"""Makes sure that the same button, form or offer, used twice at once by the same member, makes one job.

A press is blocked while an equal press is handled and for SAME_PRESS_SECONDS after it made a job; a refused press can
be repeated at once. Presses are kept in memory: all presses on a message come to the process with its server's shard.
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
    """The same press is being handled, or made a job just now."""

    def __init__(self) -> None:
        super().__init__(_("Already on it."))


class Press(NamedTuple):
    """A press on a control. Equal presses are the same: by one member, on one control, with the same values."""

    user_id: int
    message_id: int
    custom_id: str
    values: tuple[str, ...]


class Presses:
    """The presses that this process handles. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # For each press: the interaction that made it, and until when it blocks equal ones; None: while it is handled.
        self._known: OrderedDict[Press, tuple[int, float | None]] = OrderedDict()

    @contextmanager
    def once(self, interaction: discord.Interaction) -> Iterator[None]:
        """Block equal presses while a job is made from this interaction. Commands are never blocked.

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

    def _begin(self, press: Press, interaction_id: int) -> None:
        """Start handling a press. The same interaction may come here more than once."""
        holder, until = self._known.pop(press, (interaction_id, None))
        if holder != interaction_id and (until is None or self._clock() < until):
            self._known[press] = holder, until
            raise AlreadyOnItError
        self._known[press] = interaction_id, None
        if len(self._known) > MOST_PRESSES:
            self._known.popitem(last=False)


def press_of(interaction: discord.Interaction) -> Press | None:
    """Return the press of a button, select menu or form; None for a command."""
    if interaction.type not in _PRESSES:
        return None
    data: Any = interaction.data
    message_id = interaction.message.id if interaction.message else 0
    return Press(interaction.user.id, message_id, data["custom_id"], tuple(_values(data)))


def _values(component: Any) -> Iterator[str]:
    """Yield the chosen and typed values. Files don't count: a form that is sent again uploads them with other ids."""
    if component.get("type") == ComponentType.file_upload.value:
        return
    yield from map(str, component.get("values") or ())
    if "value" in component:
        yield str(component["value"])
    for inner in (*component.get("components", ()), *filter(None, [component.get("component")])):
        yield from _values(inner)
