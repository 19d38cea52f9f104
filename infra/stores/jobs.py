"""The only queries."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import LargeBinary, bindparam, case, delete, func, insert, select, update

from infra.db.engine import insert_or_replace, transaction
from infra.db.leases import LIVE
from infra.db.tables import CALLBACKS, JOBS, LEASES, PREFERENCES, SYNCED_COMMANDS
from infra.db.writes import writes_to
from infra.stores.charges import SETTLE, locks, reserving
from seedream import ImageRequest
from studio.jobs.job import Failure, Job, JobImage, JobState, Origin, Parent, Path, PictureSource
from studio.jobs.messages import PostedMessage
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Row, Select
    from sqlalchemy.ext.asyncio import AsyncEngine

    from studio.quota.decide import Check
    from studio.quota.ledger import Charge

_IMAGES = TypeAdapter(tuple[JobImage, ...])
_MESSAGES = TypeAdapter(tuple[PostedMessage, ...])
_FAILURE = TypeAdapter(Failure)
_PARENT = TypeAdapter(Parent)
_SOURCES = TypeAdapter(tuple[PictureSource | None, ...])

_ORIGIN = tuple(Origin.__dataclass_fields__)
_ASKED = {"id", "request", "parent", "sources", "note", "spoiler", "reserved", "created_at"}
_NEVER_CHANGED = _ASKED | (set(_ORIGIN) - {"private"})
_CHANGING = [column.name for column in JOBS.columns if column.name not in _NEVER_CHANGED]

MOST_CLAIMED = 50  # at once; another process that starts with us has its share
REMEMBERED_SECONDS = 30.0
MOST_REMEMBERED = 10_000  # members
MOST_UNDELIVERED = 10  # of a member, listed at once
MOST_RETRIED = 20  # jobs, at once
MOST_CALLBACKS = 5  # that are kept for a job: the service may repeat itself, but not without end

_INSERT = insert(JOBS)
_SELECT = select(JOBS).where(JOBS.c.id == bindparam("job_id"))
_SHOWN_IN = select(JOBS.c.id).where(JOBS.c.first_message_id == bindparam("message_id"))
_UNSETTLED = select(JOBS.c.id).where(~JOBS.c.settled, JOBS.c.owner == bindparam("me")).order_by(JOBS.c.created_at)
_ORPHANS = (
    select(JOBS.c.id)
    .where(~JOBS.c.settled, JOBS.c.owner.not_in(select(LEASES.c.name).where(LIVE)))
    .order_by(JOBS.c.created_at)
    .limit(MOST_CLAIMED)
    .with_for_update(skip_locked=True)
)
# A claim raises the version: whatever the old owner still means to write is refused.
_CLAIM = (
    update(JOBS)
    .where(JOBS.c.id.in_(_ORPHANS))
    .values(
        owner=bindparam("me"),
        version=JOBS.c.version + 1,
        shown_version=case(
            (JOBS.c.shown_version == JOBS.c.version, JOBS.c.version + 1),
            else_=JOBS.c.shown_version,
        ),
    )
    .returning(JOBS)
)
_TO_RETRY = select(JOBS).order_by(JOBS.c.retry_at).limit(MOST_RETRIED)
_FORGET_CALLBACKS = delete(CALLBACKS).where(CALLBACKS.c.job_id == bindparam("ended"))
_KEEP_CALLBACK = insert(CALLBACKS).from_select(
    ["job_id", "body", "received_at"],
    select(
        bindparam("of", type_=CALLBACKS.c.job_id.type),
        bindparam("body", type_=LargeBinary()),
        bindparam("now", type_=CALLBACKS.c.received_at.type),
    ).where(
        select(func.count()).select_from(CALLBACKS).where(CALLBACKS.c.job_id == bindparam("of")).scalar_subquery()
        < MOST_CALLBACKS
    ),
)
_FORGET = delete(PREFERENCES).where(PREFERENCES.c.user_id == bindparam("member"))
_UPDATE = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("job_id"), JOBS.c.version == bindparam("expected_version"))
    .values({name: bindparam(name) for name in _CHANGING})
)


class SqlJobStore:
    """Job rows on any database that SQLAlchemy reaches; what is written together is committed together."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writes = writes_to(engine)

    async def insert(self, job: Job, charge: Charge, checks: Sequence[Check] = ()) -> bool:
        """A new row, and its charge. False, and nothing is written, if a check does not hold.

        However many ask at once, on however many processes: none passes a check that another has made wrong.
        """
        row = {
            "id": job.id,
            "request": json.dumps(job.request.to_dict()),
            "parent": _PARENT.dump_json(job.parent).decode() if job.parent else None,
            "sources": _SOURCES.dump_json(job.sources).decode(),
            "note": job.note,
            "spoiler": job.spoiler,
            "reserved": job.reserved,
            "created_at": job.created_at,
            **{name: getattr(job.origin, name) for name in _ORIGIN},
            **_changing(job),
        }
        return await self._writes.write(reserving(charge, checks), (_INSERT, row), locks=locks(checks))

    async def save(self, job: Job, *, previous: Job) -> bool:
        """Write the job if its row is still as it was; False if another change came first. At its end it is charged."""
        row = {"job_id": job.id, "expected_version": previous.version, **_changing(job)}
        if not job.state.final or previous.state.final:
            return await self._writes.write((_UPDATE, row))
        settled = {"charged": job.id, "made": job.spent}
        return await self._writes.write((_UPDATE, row), (SETTLE, settled), (_FORGET_CALLBACKS, {"ended": job.id}))

    async def get(self, job_id: str) -> Job | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(_SELECT, {"job_id": job_id})).one_or_none()
        return None if row is None else _job(row)

    async def shown_in(self, message_id: int) -> str | None:
        """The job whose first message this is, by its id."""
        async with self._engine.connect() as connection:
            return (await connection.execute(_SHOWN_IN, {"message_id": message_id})).scalars().first()

    async def claim(self, owner: str) -> list[Job]:
        """Take over jobs with something left to do whose owner is dead, the oldest first, and not all at once."""
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_CLAIM, {"me": owner})).all()
        return sorted(map(_job, rows), key=lambda job: job.created_at)

    async def unsettled(self, owner: str) -> list[str]:
        """The owner's jobs with something left to do, oldest first, by their ids."""
        async with self._engine.connect() as connection:
            return list((await connection.execute(_UNSETTLED, {"me": owner})).scalars())

    async def undelivered(self, user_id: int, *, since: float) -> list[Job]:
        """The member's results that ended since then and were delivered in no way, the newest first."""
        theirs = JOBS.c.undelivered, JOBS.c.settled, JOBS.c.user_id == user_id, JOBS.c.finished_at >= since
        return await self._jobs(select(JOBS).where(*theirs).order_by(JOBS.c.finished_at.desc()).limit(MOST_UNDELIVERED))

    async def to_retry(self, *, until: float) -> list[Job]:
        """Jobs of which something was refused that is to be asked for again by then, the longest due first."""
        return await self._jobs(_TO_RETRY.where(JOBS.c.retry_at <= until))

    async def refused_in(self, channel_id: int) -> list[Job]:
        """Jobs of a channel of which something was refused."""
        return await self._jobs(_TO_RETRY.where(JOBS.c.retry_at.is_not(None), JOBS.c.channel_id == channel_id))

    async def _jobs(self, query: Select[Any]) -> list[Job]:
        async with self._engine.connect() as connection:
            return [_job(row) for row in await connection.execute(query)]

    async def without_need(self, job_ids: AbstractSet[str], *, undelivered_since: float) -> set[str]:
        """Those of these jobs that need no files any more, or are not known.

        A job needs them until it is settled, and where it was not delivered, for some time after its end.
        """
        if not job_ids:
            return set()
        waits = JOBS.c.undelivered & (JOBS.c.finished_at >= undelivered_since)
        query = select(JOBS.c.id).where(~JOBS.c.settled | waits, JOBS.c.id.in_(job_ids))
        async with self._engine.connect() as connection:
            return set(job_ids) - set((await connection.execute(query)).scalars())

    async def add_callback(self, job_id: str, body: bytes, now: float) -> None:
        await self._writes.write((_KEEP_CALLBACK, {"of": job_id, "body": body, "now": now}))

    async def callbacks(self, job_id: str) -> list[bytes]:
        """What was posted about a job that has not ended, in order."""
        query = select(CALLBACKS.c.body).where(CALLBACKS.c.job_id == job_id).order_by(CALLBACKS.c.id)
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def called_back(self, job_ids: AbstractSet[str]) -> set[str]:
        """Those of these jobs about which something was posted."""
        query = select(CALLBACKS.c.job_id).where(CALLBACKS.c.job_id.in_(job_ids))
        async with self._engine.connect() as connection:
            return set((await connection.execute(query)).scalars())

    async def purge(self, *, tokens: float, callbacks: float) -> None:
        """Forget the interactions' tokens that have ended before `tokens`, and what was posted before `callbacks`."""
        ended = update(JOBS).where(JOBS.c.token != "", JOBS.c.token_expires < tokens).values(token="")
        async with self._engine.connect() as connection:
            await connection.execute(ended)
            await connection.execute(delete(CALLBACKS).where(CALLBACKS.c.received_at < callbacks))


class SqlSyncedCommands:
    """What was last synced with Discord: for an application and a server (0: for everywhere), a digest."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def digests(self, application_id: int) -> dict[int, str]:
        """By server."""
        table = SYNCED_COMMANDS
        query = select(table.c.server_id, table.c.digest).where(table.c.application_id == application_id)
        async with self._engine.connect() as connection:
            return {row.server_id: row.digest for row in await connection.execute(query)}

    async def remember(self, application_id: int, server_id: int, digest: str | None) -> None:
        """None: nothing is synced there any more."""
        row = {"application_id": application_id, "server_id": server_id}
        async with self._engine.connect() as connection:
            if digest is None:
                here = (SYNCED_COMMANDS.c[name] == value for name, value in row.items())
                await connection.execute(delete(SYNCED_COMMANDS).where(*here))
            else:
                await connection.execute(insert_or_replace(self._engine, SYNCED_COMMANDS), row | {"digest": digest})


class SqlPreferenceStore:
    """What members chose last. Whoever asked a moment ago is remembered: each command of a member asks twice.

    Another process may have a member's choice for REMEMBERED_SECONDS before it is seen here.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: OrderedDict[int, tuple[float, Preferences]] = OrderedDict()

    async def of(self, user_id: int) -> Preferences:
        until, known = self._known.get(user_id, (0.0, Preferences()))
        if time.monotonic() < until:
            return known
        query = select(PREFERENCES).where(PREFERENCES.c.user_id == user_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        found = Preferences() if row is None else Preferences(model=row.model, size=row.size, ratio=row.ratio)
        self._learn(user_id, found)
        return found

    async def remember(self, user_id: int, preferences: Preferences) -> None:
        row = {"user_id": user_id, **asdict(preferences)}
        async with self._engine.connect() as connection:
            await connection.execute(insert_or_replace(self._engine, PREFERENCES), row)
        self._learn(user_id, preferences)

    async def forget(self, user_id: int) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(_FORGET, {"member": user_id})
        self._known.pop(user_id, None)

    def _learn(self, user_id: int, preferences: Preferences) -> None:
        self._known[user_id] = (time.monotonic() + REMEMBERED_SECONDS, preferences)
        self._known.move_to_end(user_id)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _changing(job: Job) -> dict[str, Any]:
    return {
        "version": job.version,
        "shown_version": job.shown_version,
        "owner": job.owner,
        "settled": job.settled,
        "late": job.late,
        "undelivered": job.undelivered,
        "retry_at": job.retry_at,
        "state": job.state.value,
        "path": job.path.value if job.path else None,
        "task_id": job.task_id,
        "trace_id": job.trace_id,
        "images": _IMAGES.dump_json(job.images).decode(),
        "messages": _MESSAGES.dump_json(job.messages).decode(),
        "first_message_id": job.messages[0].id if job.messages else None,
        "replaced": _MESSAGES.dump_json(job.replaced).decode(),
        "private": job.origin.private,
        "failure": _FAILURE.dump_json(job.failure).decode() if job.failure else None,
        "place": job.place,
        "spent": job.spent,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "deleted_at": job.deleted_at,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        owner=row.owner,
        origin=Origin(**{name: getattr(row, name) for name in _ORIGIN}),
        request=ImageRequest.restored(json.loads(row.request)),
        state=JobState(row.state),
        path=Path(row.path) if row.path else None,
        task_id=row.task_id,
        trace_id=row.trace_id,
        images=_IMAGES.validate_json(row.images),
        messages=_MESSAGES.validate_json(row.messages),
        replaced=_MESSAGES.validate_json(row.replaced),
        failure=_FAILURE.validate_json(row.failure) if row.failure else None,
        parent=_PARENT.validate_json(row.parent) if row.parent else None,
        sources=_SOURCES.validate_json(row.sources),
        note=row.note,
        spoiler=row.spoiler,
        place=row.place,
        reserved=row.reserved,
        spent=row.spent,
        version=row.version,
        shown_version=row.shown_version,
        late=row.late,
        undelivered=row.undelivered,
        retry_at=row.retry_at,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        deleted_at=row.deleted_at,
    )
