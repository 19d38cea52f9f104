"""Job rows and the callbacks that belong to them. A job's charge is written in the transaction of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, LargeBinary, bindparam, case, delete, func, insert, select, update

from infra.db.access import changing, connected
from infra.db.engine import empty_log
from infra.db.leases import LIVE
from infra.db.tables import CALLBACKS, JOBS, LEASES
from infra.db.writes import writes_to
from infra.stores.charges import SETTLE, locks, reserving
from infra.stores.job_rows import CHANGING, changing_columns, job_of, whole_row
from studio.jobs.job import Job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncEngine

    from studio.jobs.job import Job
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge

MAX_CLAIMED = 50  # jobs per call: a process that starts at the same time gets its share
MAX_UNDELIVERED = 10  # jobs of a member per call
MAX_RETRIED = 20  # jobs per call
MAX_CALLBACKS = 5  # kept per job: the service may post the same result again, but not without bound

_INSERT = insert(JOBS)
_SELECT = select(JOBS).where(JOBS.c.id == bindparam("job_id"))
_SHOWN_IN = select(JOBS.c.id).where(JOBS.c.first_message_id == bindparam("message_id"))
_UNSETTLED = select(JOBS.c.id).where(~JOBS.c.settled, JOBS.c.owner == bindparam("me")).order_by(JOBS.c.created_at)
_ORPHANS = (
    select(JOBS.c.id)
    .where(
        ~JOBS.c.settled,
        JOBS.c.owner != bindparam("me"),  # even if our lease has lapsed: we are working on them
        JOBS.c.owner.not_in(select(LEASES.c.name).where(LIVE)),
    )
    .order_by(JOBS.c.created_at)
    .limit(MAX_CLAIMED)
    .with_for_update(skip_locked=True)
)
# A claim raises the version, so that whatever the old owner still tries to write is refused.
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
_TO_RETRY = select(JOBS).order_by(JOBS.c.retry_at).limit(MAX_RETRIED)
_DELETE_CALLBACKS = delete(CALLBACKS).where(CALLBACKS.c.job_id == bindparam("ended"))
_INSERT_CALLBACK = insert(CALLBACKS).from_select(
    ["job_id", "body", "received_at"],
    select(
        bindparam("for_job", type_=CALLBACKS.c.job_id.type),
        bindparam("body", type_=LargeBinary()),
        bindparam("now", type_=CALLBACKS.c.received_at.type),
    ).where(
        select(func.count()).select_from(CALLBACKS).where(CALLBACKS.c.job_id == bindparam("for_job")).scalar_subquery()
        < MAX_CALLBACKS
    ),
)
_UPDATE = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("job_id"), JOBS.c.version == bindparam("expected_version"))
    .values({name: bindparam(name) for name in CHANGING})
    # A token only ever goes: the copy in a process's memory never brings back what `purge` has erased.
    .values(token=case((bindparam("has_token", type_=Boolean()), JOBS.c.token), else_=""))
)


class SqlJobStore:
    """Reads and writes jobs on SQLite and PostgreSQL. Concurrent writes share a commit."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writes = writes_to(engine)

    async def insert(
        self, job: Job, charge: Charge, checks: Sequence[Check] = (), others: Sequence[tuple[Job, Charge]] = ()
    ) -> bool:
        """Insert a job and its charge, and others with it. Returns False, and writes nothing, if a check fails.

        Checks hold across processes: no two requests pass a check that only one of them may pass.
        """
        rows = [(_INSERT, whole_row(one)) for one in (job, *(other for other, _ in others))]
        charges = [reserving(charge, checks), *(reserving(further, ()) for _, further in others)]
        return await self._writes.write(*charges, *rows, locks=locks(checks))

    async def save(self, job: Job, *, previous: Job) -> bool:
        """Write the job if its row is still at the previous version; False if another change came first.

        A job that ends is charged for in the same transaction.
        """
        row = {"job_id": job.id, "expected_version": previous.version, **changing_columns(job)}
        row["has_token"] = bool(job.origin.token)
        if not job.state.final or previous.state.final:
            return await self._writes.write((_UPDATE, row))
        charge = {"charged": job.id, "made": job.spent}
        return await self._writes.write((_UPDATE, row), (SETTLE, charge), (_DELETE_CALLBACKS, {"ended": job.id}))

    async def get(self, job_id: str) -> Job | None:
        async with connected(self._engine) as connection:
            row = (await connection.execute(_SELECT, {"job_id": job_id})).one_or_none()
        return None if row is None else job_of(row)

    async def shown_in(self, message_id: int) -> str | None:
        """Returns the id of the job whose first message this is."""
        async with connected(self._engine) as connection:
            return (await connection.execute(_SHOWN_IN, {"message_id": message_id})).scalars().first()

    async def claim(self, owner: str) -> list[Job]:
        """Take over unsettled jobs of dead owners, at most MAX_CLAIMED. Returns the oldest first."""
        async with changing(self._engine) as connection:
            rows = (await connection.execute(_CLAIM, {"me": owner})).all()
        return sorted(map(job_of, rows), key=lambda job: job.created_at)

    async def unsettled(self, owner: str) -> list[str]:
        """Returns the ids of the owner's unsettled jobs, oldest first."""
        async with connected(self._engine) as connection:
            return list((await connection.execute(_UNSETTLED, {"me": owner})).scalars())

    async def undelivered(self, user_id: int, *, since: float) -> list[Job]:
        """Returns the member's undelivered results that ended since then, newest first."""
        undelivered = JOBS.c.undelivered, JOBS.c.settled, JOBS.c.user_id == user_id, JOBS.c.finished_at >= since
        return await self._jobs(
            select(JOBS).where(*undelivered).order_by(JOBS.c.finished_at.desc()).limit(MAX_UNDELIVERED)
        )

    async def to_retry(self, *, until: float) -> list[Job]:
        """Returns jobs with a refused call to Discord whose retry is due by then, longest due first."""
        return await self._jobs(_TO_RETRY.where(JOBS.c.retry_at <= until))

    async def refused_in(self, channel_id: int) -> list[Job]:
        """Returns a channel's jobs with a refused call to Discord."""
        return await self._jobs(_TO_RETRY.where(JOBS.c.retry_at.is_not(None), JOBS.c.channel_id == channel_id))

    async def _jobs(self, query: Select[Any]) -> list[Job]:
        async with connected(self._engine) as connection:
            return [job_of(row) for row in await connection.execute(query)]

    async def without_need(self, job_ids: AbstractSet[str], *, undelivered_since: float, kept_until: float) -> set[str]:
        """Returns those of these jobs whose files can be deleted, unknown ids included.

        A job needs its files until it is settled, longer if its own `kept_until` isn't before this one, and if it
        wasn't delivered, for some time after its end.
        """
        if not job_ids:
            return set()
        kept = (JOBS.c.undelivered & (JOBS.c.finished_at >= undelivered_since)) | (JOBS.c.kept_until >= kept_until)
        query = select(JOBS.c.id).where(~JOBS.c.settled | kept, JOBS.c.id.in_(job_ids))
        async with connected(self._engine) as connection:
            return set(job_ids) - set((await connection.execute(query)).scalars())

    async def add_callback(self, job_id: str, body: bytes, now: float) -> None:
        await self._writes.write((_INSERT_CALLBACK, {"for_job": job_id, "body": body, "now": now}))

    async def callbacks(self, job_id: str) -> list[bytes]:
        """Returns the bodies posted for a job that hasn't ended, in order."""
        query = select(CALLBACKS.c.body).where(CALLBACKS.c.job_id == job_id).order_by(CALLBACKS.c.id)
        async with connected(self._engine) as connection:
            return list((await connection.execute(query)).scalars())

    async def called_back(self, job_ids: AbstractSet[str]) -> set[str]:
        """Returns those of these jobs that have a callback."""
        query = select(CALLBACKS.c.job_id).where(CALLBACKS.c.job_id.in_(job_ids))
        async with connected(self._engine) as connection:
            return set((await connection.execute(query)).scalars())

    async def purge(self, *, tokens: float, callbacks: float) -> None:
        """Erase interaction tokens that expired before `tokens`, and callbacks received before `callbacks`.

        What was erased since the last call, tokens of settled jobs and prompts too, also leaves SQLite's log.
        """
        ended = update(JOBS).where(JOBS.c.token != "", JOBS.c.token_expires < tokens).values(token="")
        async with connected(self._engine) as connection:
            await connection.execute(ended)
            await connection.execute(delete(CALLBACKS).where(CALLBACKS.c.received_at < callbacks))
            await empty_log(connection)
