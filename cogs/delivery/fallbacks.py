"""Which way a page goes, and in which form, after each refusal of Discord's: pure.

The forms are ordered: a gallery, the same pictures as plain attachments, links, a card that says what happened. Each is
tried as an edit of the message that is there, then as a new one, before the next. A refusal closes a way, makes files
smaller, leaves out a part, or leads to the next form; each of that happens so often at most, so there is always an end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cogs.delivery.discord_errors import DiscordRefusal
from studio.jobs.messages import MessageForm, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs.job import Job
    from studio.jobs.messages import PostedMessage

TOKEN_MARGIN_SECONDS = 5.0
TRIES = 3  # of one way, where Discord is out of order
_FORMS = tuple(MessageForm)
_OMITTED = {
    DiscordRefusal.PICTURES: frozenset({Part.PICTURES}),
    DiscordRefusal.WORDS: frozenset({Part.PROMPT}),
    DiscordRefusal.LINK: frozenset({Part.PROMPT, Part.LINKS}),
}


class Transport(StrEnum):
    """How a page reaches its member."""

    EDIT_BY_TOKEN = "edit by the interaction"  # noqa: S105 - a name
    EDIT_AS_BOT = "edit as the bot"
    CONTINUATION = "continuation"
    NEW_MESSAGE = "new message"
    FOLLOW_UP = "follow-up"
    DIRECT_MESSAGE = "direct message"

    @property
    def edits(self) -> bool:
        return self in {Transport.EDIT_BY_TOKEN, Transport.EDIT_AS_BOT}

    @property
    def by_token(self) -> bool:
        return self in {Transport.EDIT_BY_TOKEN, Transport.FOLLOW_UP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """What is still to be tried for a job's pages.

    `limits`: bytes that a file may have, tried in turn. `final`: the job has ended; until then a message that is there
    is kept with all that it holds, and what it does not take waits. `closed`: ways that lead nowhere, by page.
    `token_dead`: so do all by the interaction's token. `unfit`: those that do not take the form. `tries`: how often a
    way was out of order.
    """

    limits: tuple[int, ...]
    shape: Shape
    final: bool
    smaller: int = 0
    closed: frozenset[tuple[int, Transport]] = frozenset()
    token_dead: bool = False
    unfit: frozenset[tuple[int, Transport]] = frozenset()
    tries: Mapping[tuple[int, Transport], int] = field(default_factory=dict)

    @property
    def limit(self) -> int:
        return self.limits[self.smaller]

    def transport(self, page: int, fallback_order: Sequence[Transport]) -> Transport | None:
        """The next to try, of those that are open, best first. None: not in this form."""
        left = self._left(page, fallback_order)
        return next((transport for transport in left if self.tries.get((page, transport), 0) < TRIES), None) or next(
            iter(left), None
        )

    def _left(self, page: int, fallback_order: Sequence[Transport]) -> list[Transport]:
        transports = [
            one for one in fallback_order if (page, one) not in self.closed and not (self.token_dead and one.by_token)
        ]
        if not self.final and any(one.edits for one in transports):  # what is being made stays where it is
            transports = [one for one in transports if one.edits]
        return [one for one in transports if (page, one) not in self.unfit]

    def refused(self, page: int, transport: Transport, refusal: DiscordRefusal) -> Fallbacks | None:
        """What is left after a refusal; None for nothing."""
        match refusal:
            case DiscordRefusal.TOKEN:
                return replace(self._closing(page, transport), token_dead=True)
            case DiscordRefusal.CLOSED | DiscordRefusal.GONE:
                return self._closing(page, transport)
            case DiscordRefusal.TOO_LARGE if self.shape.form.attaches:
                return self.with_smaller_files()
            case DiscordRefusal.PICTURES | DiscordRefusal.WORDS | DiscordRefusal.LINK if (
                not _OMITTED[refusal] <= self.shape.without
            ):
                return self._without(_OMITTED[refusal])
            case _:
                return replace(self, unfit=self.unfit | {(page, one) for one in self._alike(transport)})

    def _closing(self, page: int, transport: Transport) -> Fallbacks:
        return replace(self, closed=self.closed | {(page, transport)})

    def _alike(self, transport: Transport) -> list[Transport]:
        """Ways that won't take the form either. A simpler form comes before another place."""
        if self.shape.form is _FORMS[-1]:
            return [transport]
        return [one for one in Transport if one.edits is transport.edits]

    def out_of_order(
        self, page: int, transport: Transport, fallback_order: Sequence[Transport], *, lost: bool
    ) -> tuple[Fallbacks, bool]:
        """After an answer that is no refusal; and whether to pause before the next try.

        Where all ways are out of order, each is tried once after each pause. `lost`: it may have been carried out all
        the same. By its nonce Discord knows a message for some minutes, a follow-up has none: so a new message is not
        sent for ever, lest it is posted twice.
        """
        tries = {**self.tries, (page, transport): self.tries.get((page, transport), 0) + 1}
        if lost and not transport.edits and (transport is Transport.FOLLOW_UP or tries[page, transport] >= TRIES):
            return replace(self._closing(page, transport), tries=tries), False
        tired = [one for one in self._left(page, fallback_order) if tries.get((page, one), 0) >= TRIES]
        if transport not in tired:
            return replace(self, tries=tries), True
        if len(tired) < len(self._left(page, fallback_order)):
            return replace(self, tries=tries), False
        return replace(self, tries={**tries, **{(page, one): TRIES - 1 for one in tired}}), True

    def with_smaller_files(self) -> Fallbacks | None:
        if not self.shape.form.attaches:
            return self.simpler()
        if self.smaller + 1 == len(self.limits):
            return self.simpler(least=MessageForm.LINKS)
        limit = self.limits[self.smaller + 1]
        return replace(self, smaller=self.smaller + 1, shape=replace(self.shape, limit=limit))

    def simpler(self, *, least: MessageForm | None = None) -> Fallbacks | None:
        """The next form, or this one if it is no less simple than `least`; None after the last."""
        after = _FORMS[_FORMS.index(least) if least else _FORMS.index(self.shape.form) + 1 :]
        allowed = (one for one in after if _is_allowed(one, self.shape.without))
        form = next((one for one in allowed if self.final or one is MessageForm.LINKS), None)
        if form is None:
            return None
        return replace(self, shape=replace(self.shape, form=form), unfit=frozenset())

    def _without(self, parts: frozenset[Part]) -> Fallbacks | None:
        less = replace(self, shape=replace(self.shape, without=self.shape.without | parts))
        return less if _is_allowed(self.shape.form, less.shape.without) else less.simpler()


def _is_allowed(form: MessageForm, without: frozenset[Part]) -> bool:
    return not ((form.attaches and Part.PICTURES in without) or (form is MessageForm.LINKS and Part.LINKS in without))


# --- where to begin -------------------------------------------------------------------------------------------------


def token_lives(job: Job, now: float) -> bool:
    return now < job.origin.token_expires - TOKEN_MARGIN_SECONDS


def means(job: Job, message: PostedMessage, now: float) -> list[bool]:
    """Whether a message can be changed by the interaction's token (True) and as the bot (False), best first."""
    by_token = [True] if message.by_token and token_lives(job, now) else []
    return by_token if message.by_token and job.origin.private else [*by_token, False]


def fallback_order(job: Job, page: int, form: MessageForm, now: float) -> list[Transport]:
    """Best first. A private result is seen by its member alone, and the bot posts where it may view the channel."""
    old = job.messages[page] if page < len(job.messages) else None
    lives, alone = token_lives(job, now), job.origin.private or job.origin.token_only
    if page and old is None and job.messages[page - 1].channel_id != job.origin.channel_id:
        return [Transport.DIRECT_MESSAGE]  # where the pages before it are
    transports = [Transport.CONTINUATION] if old is None and not alone else []
    if old and (old.plain or form is not MessageForm.ATTACHMENTS):  # components do not become plain
        transports += [
            Transport.EDIT_BY_TOKEN if by_token else Transport.EDIT_AS_BOT for by_token in means(job, old, now)
        ]
    if lives and (old is None or alone):
        transports.append(Transport.FOLLOW_UP)
    if not alone:
        transports.append(Transport.NEW_MESSAGE)
        transports += [Transport.FOLLOW_UP] if lives and old else []
    return [*transports, Transport.DIRECT_MESSAGE]


def fallbacks_for(job: Job, limits: Sequence[int]) -> Fallbacks:
    """Where to begin: by what its messages have shown of the place.

    At its end a job is shown as fully as can be: what was not taken while it was made may be taken in a new message.
    """
    shapes = [message.shape for message in job.messages]
    without = frozenset[Part]().union(*(one.without for one in shapes))
    known = min((one.limit for one in shapes if one.limit is not None), default=None)
    forms = [MessageForm.GALLERY] if job.state.final else [MessageForm.GALLERY, *(one.form for one in shapes)]
    form = max(forms, key=_FORMS.index)
    fitting = tuple(limit for limit in limits if known is None or limit <= known) or limits[-1:]
    begin = Fallbacks(
        limits=tuple(fitting), shape=Shape(form=form, without=without, limit=known), final=job.state.final
    )
    return begin if _is_allowed(form, without) else begin.simpler() or begin
