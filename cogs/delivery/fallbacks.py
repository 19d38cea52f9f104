"""Chooses the delivery method and the form of a page after each refusal of Discord's. Pure.

The forms are ordered: a gallery, the same pictures as plain attachments, links, a card that says what happened. Each is
tried as an edit of the existing message, then as a new message, before the next form.

    refusal                                                      what follows
    CLOSED, GONE (message or channel gone, access lost, ...)     the next method, in the same form
    TOKEN (the interaction's token is dead)                      the same, without the token's methods
    TOO_LARGE                                                    smaller files (`limits`), then links
    PICTURES, WORDS, LINK (blocked for their content)            the same without the pictures, the prompt, or both
                                                                 prompt and links
    INVALID                                                      the same without the picture that was changed, then
                                                                 the next form
    no answer, a server error, "try again later"                 three tries with pauses, then the next method

Each of these steps can happen only a limited number of times, so there is always an end. While a job runs, its message
is only edited and keeps everything it holds; what Discord doesn't accept then is tried again at the end. A message's
`Shape` remembers what Discord refused there, so that the next edit avoids the same refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cogs.delivery.before import before_url
from cogs.delivery.discord_errors import DiscordRefusal
from studio.jobs.messages import MessageForm, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs.job import Job
    from studio.jobs.messages import PostedMessage

TOKEN_MARGIN_SECONDS = 5.0
TRIES = 3  # with one method, if Discord doesn't answer
_FORMS = tuple(MessageForm)
_OMITTED = {
    DiscordRefusal.PICTURES: frozenset({Part.PICTURES}),
    DiscordRefusal.WORDS: frozenset({Part.PROMPT}),
    DiscordRefusal.LINK: frozenset({Part.PROMPT, Part.LINKS}),
}


class DeliveryMethod(StrEnum):
    """A way to show a page to its member."""

    EDIT_BY_TOKEN = "edit by the interaction"  # noqa: S105 - a name
    EDIT_AS_BOT = "edit as the bot"
    CONTINUATION = "continuation"
    NEW_MESSAGE = "new message"
    FOLLOW_UP = "follow-up"
    DIRECT_MESSAGE = "direct message"

    @property
    def edits(self) -> bool:
        return self in {DeliveryMethod.EDIT_BY_TOKEN, DeliveryMethod.EDIT_AS_BOT}

    @property
    def by_token(self) -> bool:
        return self in {DeliveryMethod.EDIT_BY_TOKEN, DeliveryMethod.FOLLOW_UP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """What is left to try for a job's pages.

    limits: sizes in bytes that a file may have, tried in turn; `smaller` is the index of the current one.
    final: the job has ended. Until then an existing message keeps everything it holds. before: the picture that was
    changed is shown.
    closed: methods that can't work, with their pages. token_dead: neither can any that use the token.
    unfit: methods that don't accept the current form. tries: how often a method had no usable answer.
    """

    limits: tuple[int, ...]
    shape: Shape
    final: bool
    before: bool = False
    smaller: int = 0
    closed: frozenset[tuple[int, DeliveryMethod]] = frozenset()
    token_dead: bool = False
    unfit: frozenset[tuple[int, DeliveryMethod]] = frozenset()
    tries: Mapping[tuple[int, DeliveryMethod], int] = field(default_factory=dict)

    @property
    def limit(self) -> int:
        return self.limits[self.smaller]

    def method(self, page: int, fallback_order: Sequence[DeliveryMethod]) -> DeliveryMethod | None:
        """Return the next method to try, of those in `fallback_order`; None if no method accepts this form."""
        left = self._left(page, fallback_order)
        return next((method for method in left if self.tries.get((page, method), 0) < TRIES), None) or next(
            iter(left), None
        )

    def _left(self, page: int, fallback_order: Sequence[DeliveryMethod]) -> list[DeliveryMethod]:
        methods = [
            method
            for method in fallback_order
            if (page, method) not in self.closed and not (self.token_dead and method.by_token)
        ]
        if not self.final and any(method.edits for method in methods):  # a running job keeps its message
            methods = [method for method in methods if method.edits]
        return [method for method in methods if (page, method) not in self.unfit]

    def refused(self, page: int, method: DeliveryMethod, refusal: DiscordRefusal) -> Fallbacks | None:
        """Return what is left to try after a refusal; None if nothing is."""
        match refusal:
            case DiscordRefusal.TOKEN:
                return replace(self._closing(page, method), token_dead=True)
            case DiscordRefusal.CLOSED | DiscordRefusal.GONE:
                return self._closing(page, method)
            case DiscordRefusal.TOO_LARGE if self.shape.form.attaches:
                return self.with_smaller_files()
            case DiscordRefusal.PICTURES | DiscordRefusal.WORDS | DiscordRefusal.LINK if (
                not _OMITTED[refusal] <= self.shape.without
            ):
                return self._without(_OMITTED[refusal])
            case DiscordRefusal.INVALID if self.before and Part.BEFORE not in self.shape.without:
                return self._without(frozenset({Part.BEFORE}))
            case _:
                return replace(self, unfit=self.unfit | {(page, similar) for similar in self._similar(method)})

    def _closing(self, page: int, method: DeliveryMethod) -> Fallbacks:
        return replace(self, closed=self.closed | {(page, method)})

    def _similar(self, method: DeliveryMethod) -> list[DeliveryMethod]:
        """Return methods that won't accept the form either. A simpler form is tried before another place."""
        if self.shape.form is _FORMS[-1]:
            return [method]
        return [other for other in DeliveryMethod if other.edits is method.edits]

    def out_of_order(
        self, page: int, method: DeliveryMethod, fallback_order: Sequence[DeliveryMethod], *, lost: bool
    ) -> tuple[Fallbacks, bool]:
        """Return what is left after a call without a usable answer, and whether to pause before the next try.

        If no method gets an answer, each is tried once after each pause. `lost`: the call may have been carried out.
        Discord knows a message by its nonce for some minutes only, and a follow-up has none. So a new message isn't
        sent again and again: it could be posted twice.
        """
        tries = {**self.tries, (page, method): self.tries.get((page, method), 0) + 1}
        if lost and not method.edits and (method is DeliveryMethod.FOLLOW_UP or tries[page, method] >= TRIES):
            return replace(self._closing(page, method), tries=tries), False
        left = self._left(page, fallback_order)
        used_up = [other for other in left if tries.get((page, other), 0) >= TRIES]
        if method not in used_up:
            return replace(self, tries=tries), True
        if len(used_up) < len(left):
            return replace(self, tries=tries), False
        return replace(self, tries={**tries, **{(page, other): TRIES - 1 for other in used_up}}), True

    def with_smaller_files(self) -> Fallbacks | None:
        if not self.shape.form.attaches:
            return self.simpler()
        if self.smaller + 1 == len(self.limits):
            return self.simpler(least=MessageForm.LINKS)
        limit = self.limits[self.smaller + 1]
        return replace(self, smaller=self.smaller + 1, shape=replace(self.shape, limit=limit))

    def simpler(self, *, least: MessageForm | None = None) -> Fallbacks | None:
        """Return the next simpler form, or the first from `least` on; None after the last."""
        after = _FORMS[_FORMS.index(least) if least else _FORMS.index(self.shape.form) + 1 :]
        allowed = (form for form in after if _is_allowed(form, self.shape.without))
        form = next((form for form in allowed if self.final or form is MessageForm.LINKS), None)
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
    return bool(job.origin.token) and now < job.origin.token_expires - TOKEN_MARGIN_SECONDS


def edit_means(job: Job, message: PostedMessage, now: float) -> list[bool]:
    """Return how a message can be edited, best first: True is by the interaction's token, False as the bot."""
    by_token = [True] if message.by_token and token_lives(job, now) else []
    return by_token if message.by_token and job.origin.private else [*by_token, False]


def fallback_order(job: Job, page: int, form: MessageForm, now: float) -> list[DeliveryMethod]:
    """Return all methods for a page, best first.

    A private result goes only where its member alone sees it; the bot posts only in channels it can view.
    """
    old = job.messages[page] if page < len(job.messages) else None
    lives, alone = token_lives(job, now), job.origin.private or job.origin.token_only
    if page and old is None and job.messages[page - 1].channel_id != job.origin.channel_id:
        return [DeliveryMethod.DIRECT_MESSAGE]  # with the pages before it
    methods = [DeliveryMethod.CONTINUATION] if old is None and not alone else []
    if old and (old.plain or form is not MessageForm.ATTACHMENTS):  # a message with components can't become a plain one
        methods += [
            DeliveryMethod.EDIT_BY_TOKEN if by_token else DeliveryMethod.EDIT_AS_BOT
            for by_token in edit_means(job, old, now)
        ]
    if lives and (old is None or alone):
        methods.append(DeliveryMethod.FOLLOW_UP)
    if not alone:
        methods.append(DeliveryMethod.NEW_MESSAGE)
        methods += [DeliveryMethod.FOLLOW_UP] if lives and old else []
    return [*methods, DeliveryMethod.DIRECT_MESSAGE]


def fallbacks_for(job: Job, limits: Sequence[int]) -> Fallbacks:
    """Return where to begin, by what the job's messages remember of earlier refusals.

    At the end, a job is shown as fully as possible: a new message may accept what the old one didn't.
    """
    shapes = [message.shape for message in job.messages]
    without = frozenset[Part]().union(*(shape.without for shape in shapes))
    known = min((shape.limit for shape in shapes if shape.limit is not None), default=None)
    forms = [MessageForm.GALLERY] if job.state.final else [MessageForm.GALLERY, *(shape.form for shape in shapes)]
    form = max(forms, key=_FORMS.index)
    fitting = tuple(limit for limit in limits if known is None or limit <= known) or limits[-1:]
    shape, before = Shape(form=form, without=without, limit=known), before_url(job) is not None
    begin = Fallbacks(limits=tuple(fitting), shape=shape, final=job.state.final, before=before)
    return begin if _is_allowed(form, without) else begin.simpler() or begin
