"""Folds events about a job's messages into its row: what they show, and what Discord has refused. Pure.

Refused deliveries are retried after pauses as long as all before them together, so that few tries reach far:
`studio.jobs.redelivery` makes them when they are due, and at once when Discord says that a thread was opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.jobs.job import UNDELIVERED_SECONDS
from studio.jobs.links import renews_at, to_fetch
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Picture

RETRY_LEAST_SECONDS = 60.0
MENTION_SECONDS = 60.0
"""How long a job takes at least whose member is mentioned at its end."""


def seen(job: Job, **changes: Any) -> Job:
    """Make a change that the job's message must show, unless the job is deleted."""
    if job.deleted_at is not None:
        return unseen(job, shown_version=job.version, **changes)
    return replace(job, version=job.version + 1, **changes)


def unseen(job: Job, **changes: Any) -> Job:
    """Make a change that no message shows, such as a task id: what was up to date stays so, which saves an edit."""
    before = changes.pop("shown_version", job.shown_version)
    version = job.version + 1
    return replace(job, version=version, shown_version=version if before == job.version else before, **changes)


def without_spent_token(job: Job) -> Job:
    """Forget the interaction's token once nothing needs it: until it expires, anybody who has it can post by it."""
    if not job.origin.token or job.needs_token:
        return job
    return replace(job, origin=replace(job.origin, token=""))


def given_up(job: Job, version: int, at: float) -> Job:
    """`version` can't be shown. A job that never ran has nothing to deliver, and one kept for too long has expired."""
    again = job.undelivered and version == job.shown_version
    if not (again or job.shown_version < version <= job.version):
        return job
    if _is_moot(job) or (job.state.final and _age(job, at) > UNDELIVERED_SECONDS):
        return _withdrawn(job, version, at)
    retry_at = _retry_at(job, at) if job.state.final else job.retry_at
    if again and retry_at == job.retry_at:
        return job
    return unseen(job, shown_version=version, undelivered=True, retry_at=retry_at)


def _is_moot(job: Job) -> bool:
    """Return whether a message would only say that the member stopped it."""
    unshown = any(image.picture and image.attachment is None for image in job.images)
    return job.state is JobState.CANCELLED or (job.dropped_at is not None and job.state.final and not unshown)


def _withdrawn(job: Job, version: int, at: float) -> Job:
    """Its messages are out of date, and no other will come."""
    left = (*job.replaced, *job.messages)
    retry_at = _retry_at(job, at) if left else None
    return unseen(job, shown_version=version, undelivered=False, messages=(), replaced=left, retry_at=retry_at)


def shown(
    job: Job,
    version: int,
    messages: tuple[PostedMessage, ...],
    attachments: Mapping[int, Attachment | None],
    replaced: tuple[PostedMessage, ...],
    at: float | None = None,
    *,
    kept: bool = False,
) -> Job:
    """The messages show `version`, which may have been given up before. `attachments`: see the event.

    `kept`: a picture is shown neither as a file nor as a link, so it is kept for its member, and tried again like a
    result that wasn't delivered.
    """
    least = job.shown_version if job.undelivered else job.shown_version + 1
    if not least <= version <= job.version:
        return job
    images = tuple(
        replace(image, attachment=attachments[image.index]) if image.index in attachments else image
        for image in job.images
    )
    ids = {message.id for message in messages}
    others = {message.id: message for message in (*job.replaced, *job.messages, *replaced) if message.id not in ids}
    kept = kept and (at is None or _age(job, at) <= UNDELIVERED_SECONDS)
    now = replace(job, images=images, messages=messages, undelivered=kept, replaced=tuple(others.values()))
    retry_at = job.created_at if others else _next_try(now, at, renewed=kept)  # in the past: due now
    result = unseen(now, shown_version=version, retry_at=retry_at)
    # Written before the member is mentioned: rather not at all than twice.
    return replace(result, mentioned_at=at) if _needs_mention(job, result) else result


def _needs_mention(before: Job, after: Job) -> bool:
    """Return whether to mention the member now that the end is shown, as they want for what takes long.

    An edit notifies nobody; a new message, if one was needed, has mentioned them already.
    """
    ended = after.settled and after.state is not JobState.CANCELLED and after.dropped_at is None
    if not (after.mention and ended) or after.mentioned_at is not None or before.undelivered or after.undelivered:
        return False
    edited = {message.id for message in before.messages[:1]} & {message.id for message in after.messages[:1]}
    return bool(edited) and (after.finished_at or 0.0) - after.created_at >= MENTION_SECONDS


def mentioned(job: Job, message_id: int, mention: int) -> Job:
    """The message that has mentioned the member is known, so that it can be deleted with the one that it points to."""
    messages = tuple(replace(one, mention=mention) if one.id == message_id else one for one in job.messages)
    return job if messages == job.messages else unseen(job, messages=messages)


def tidied(job: Job, done: AbstractSet[int], at: float) -> Job:
    """The replaced messages with these ids need nothing more."""
    left = tuple(message for message in job.replaced if message.id not in done)
    return _with_next_try(job, replace(job, replaced=left), at)


def renewed(job: Job, links: Mapping[int, str], at: float) -> Job:
    """The links to pictures that aren't on Discord were looked up again; messages that the bot can edit show them."""
    images = tuple(_with_link(image, links.get(image.index), at) for image in job.images)
    now = replace(job, images=images)
    if images == job.images:
        return _with_next_try(job, now, at)
    change = unseen if job.by_token_alone else seen
    return change(now, retry_at=_next_try(now, at))


def recovered(job: Job, index: int, picture: Picture) -> Job:
    """A picture that only its link stood for was fetched."""
    image = next((image for image in job.images if image.index == index), None)
    if image is None or image.picture is not None or image.link is None:
        return job
    now = replace(image, picture=picture, failure=None, fetch_again=False)
    return seen(job, images=tuple(now if other is image else other for other in job.images))


def _with_link(image: JobImage, link: str | None, at: float) -> JobImage:
    if image.attachment is not None or image.link is None or link in {None, image.link}:
        return image
    return replace(image, link=link, renewed_at=at)


def _with_next_try(before: Job, job: Job, at: float) -> Job:
    retry_at = _next_try(job, at)
    unchanged = (job.replaced, retry_at) == (before.replaced, before.retry_at)
    return before if unchanged else unseen(job, retry_at=retry_at)


def _next_try(job: Job, at: float | None, *, renewed: bool = True) -> float | None:
    """Return when there is something to do: what failed is tried again, links are renewed before they die.

    `at`: now; None if that isn't known. `renewed`: a renewal whose time has passed was tried already.
    """
    renewal = renews_at(job)
    times = [renewal] if renewal is not None and (at is None or renewal > at or not renewed) else []
    waits = job.state.final and (job.undelivered or bool(to_fetch(job, at)))
    if at is not None and (job.replaced or waits):
        times.append(_retry_at(job, at))
    return min(times, default=None)


def _age(job: Job, at: float) -> float:
    return at - (job.created_at if job.finished_at is None else job.finished_at)


def _retry_at(job: Job, at: float) -> float:
    """Return when to try again: each pause is as long as all before it together."""
    return at + max(RETRY_LEAST_SECONDS, _age(job, at))
