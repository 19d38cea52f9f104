"""The ports of `studio.jobs.ports` in memory, as small as they can be, by a clock that is passed in."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter, defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.guilds.settings import GuildSettings
from studio.jobs.pictures import BadReference, Picture, PictureUnavailable
from studio.jobs.projection import unseen
from studio.members.preferences import Preferences
from studio.members.privacy import Deletion, StoredData
from studio.quota.decide import QuotaUsage
from studio.quota.limits import Policy
from tests.support.ledger_model import settle, usage_of

if TYPE_CHECKING:
    import asyncio

    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.states import JobState, Reason
    from studio.quota.ceiling import CeilingUse
    from studio.quota.ledger import Charge

MOST_CALLBACKS = 5


class MemoryLeases:
    """The leases as one process, the `holder`, has them; `held` is everybody's: who has what, and until when."""

    def __init__(self, held: dict[str, tuple[str, float]], holder: str, clock: Clock) -> None:
        self._held = held
        self._holder = holder
        self._clock = clock

    async def hold(self, name, seconds):
        if await self.remaining(name) and self._held[name][0] != self._holder:
            return False
        self._held[name] = (self._holder, self._clock() + seconds)
        return True

    async def extend(self, name, seconds):
        holder, until = self._held.get(name, (self._holder, 0.0))
        self._held[name] = (holder, max(until, self._clock() + seconds))

    async def remaining(self, name):
        return max(0.0, self._held.get(name, ("", 0.0))[1] - self._clock())

    async def release(self, name):
        if self._held.get(name, ("", 0.0))[0] == self._holder:
            del self._held[name]

    async def processes(self):
        live = [name for name, (_, until) in self._held.items() if until > self._clock()]
        return sum(name.startswith("process:") for name in live)


class MemoryStore:
    """Rows, the ledger and callbacks. As the database has it, a save fails where the version is another by now."""

    def __init__(self, held: dict[str, tuple[str, float]], clock: Clock) -> None:
        self._held = held
        self._clock = clock
        self.jobs: dict[str, Job] = {}
        self.charges: dict[str, Charge] = {}
        self.posts: defaultdict[str, list[tuple[float, bytes]]] = defaultdict(list)

    async def insert(self, job, charge, checks, others=()):
        shown = usage_of(self.charges.values(), [check.usage_query for check in checks])
        if not all(check.holds(shown[check.usage_query]) for check in checks):
            return False
        for inserted, its_charge in ((job, charge), *others):
            self.jobs[inserted.id], self.charges[inserted.id] = inserted, its_charge
        return True

    async def save(self, job, *, previous):
        if self.jobs[job.id].version != previous.version:
            return False
        self.jobs[job.id] = job
        if job.state.final and not previous.state.final:
            self.charges[job.id] = settle(self.charges[job.id], job.spent)
            self.posts.pop(job.id, None)
        return True

    async def get(self, job_id):
        return self.jobs.get(job_id)

    async def shown_in(self, message_id):
        return next((job.id for job in self.jobs.values() if job.messages and job.messages[0].id == message_id), None)

    async def claim(self, owner):
        live = {name for name, (_, until) in self._held.items() if until > self._clock()}
        left = [job for job in self.jobs.values() if not job.settled and job.owner not in live | {owner}]
        for job in left:
            self.jobs[job.id] = unseen(job, owner=owner)
        return [self.jobs[job.id] for job in left]

    async def unsettled(self, owner):
        return [job.id for job in self.jobs.values() if not job.settled and job.owner == owner]

    async def undelivered(self, user_id, *, since):
        theirs = [
            job for job in self.jobs.values() if job.undelivered and job.settled and job.origin.user_id == user_id
        ]
        return [job for job in reversed(theirs) if job.finished_at >= since]

    async def to_retry(self, *, until):
        due = [job for job in self.jobs.values() if job.retry_at is not None and job.retry_at <= until]
        return sorted(due, key=lambda job: job.retry_at)

    async def refused_in(self, channel_id):
        return [job for job in self.jobs.values() if job.retry_at is not None and job.origin.channel_id == channel_id]

    async def without_need(self, job_ids, *, undelivered_since, kept_until):
        return {one for one in job_ids if not self._needs_files(self.jobs.get(one), undelivered_since, kept_until)}

    def _needs_files(self, job, since, kept_until):
        if job is None or not job.settled:
            return job is not None
        return (job.undelivered and job.finished_at >= since) or (job.kept_until or 0.0) >= kept_until

    async def add_callback(self, job_id, body, now):
        if len(self.posts[job_id]) < MOST_CALLBACKS:
            self.posts[job_id].append((now, body))

    async def callbacks(self, job_id):
        return [body for _, body in self.posts.get(job_id, ())]

    async def called_back(self, job_ids):
        return {job_id for job_id in job_ids if self.posts.get(job_id)}

    async def purge(self, *, tokens, callbacks):  # noqa: ARG002 - no test reads tokens
        for job_id, posts in list(self.posts.items()):
            self.posts[job_id] = [post for post in posts if post[0] >= callbacks]


class MemoryQuotas:
    """Nothing is limited but what `policy` says; nobody was granted anything."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.set = Policy()

    async def policy(self, _member):
        return self.set

    async def usage(self, _member, queries):
        return QuotaUsage(counts=usage_of(self._store.charges.values(), queries))

    def shortened(self, checks):
        return tuple(checks)


class MemorySharedState:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def read(self):
        return dict(self.values)

    async def swap(self, name, before, after):
        if self.values.get(name) != before:
            return False
        self.values[name] = after
        if after is None:
            del self.values[name]
        return True


class MemoryAlerts:
    def __init__(self) -> None:
        self.reasons: list[Reason] = []
        self.ceilings: list[CeilingUse] = []

    async def out_of_service(self, reason):
        self.reasons.append(reason)

    async def ceiling(self, use):
        self.ceilings.append(use)


class MemoryGuilds:
    """The settings of servers: those in `set`, and else the defaults."""

    def __init__(self) -> None:
        self.set: dict[int, GuildSettings] = {}

    async def of(self, server_id):
        return self.set.get(server_id, GuildSettings())


class MemoryRetention:
    """It keeps everything. `tidied`: how often it was asked to delete what is due."""

    retention_days = 0
    tidied = 0

    async def stored(self, _user_id):
        return StoredData(preferences=Preferences())

    async def erase(self, _user_id):
        return Deletion(0, 0)

    async def tidy(self):
        self.tidied += 1


class MemoryMetrics:
    def __init__(self) -> None:
        self.changes: list[tuple[JobState | None, JobState]] = []
        self.errors: list[str] = []
        self.refused: list[str] = []

    def job_changed(self, before, after):
        self.changes.append((before and before.state, after.state))

    def api_failed(self, error):
        self.errors.append(type(error).__name__)

    def quota_refused(self, limit):
        self.refused.append(limit)


class MemoryPictures:
    """Picture files by job and index. Links in `gone_links` give nothing.

    `prepared`: references by job and index, each its link and whether that leads to the same bytes. `converted`: links
    whose pictures have to change. `unusable`: why a link's picture can't be used.
    `refusals`: what the next fetches raise. `hold`: fetches wait for it. `full`: how full the room for them is.
    """

    full = 0.0

    def __init__(self) -> None:
        self.files: dict[str, dict[int, Picture]] = {}
        self.gone_links: set[str] = set()
        self.prepared: dict[str, dict[int, tuple[str, bool]]] = {}
        self.converted: set[str] = set()
        self.unusable: dict[str, str] = {}
        self.fetched: Counter[tuple[str, int]] = Counter()
        self.refusals: deque[Exception] = deque()
        self.hold: asyncio.Event | None = None

    async def fetch(self, job_id, index, source):
        self.fetched[job_id, index] += 1
        if self.hold:
            await self.hold.wait()
        if self.refusals:
            raise self.refusals.popleft()
        if source in self.gone_links:
            raise PictureUnavailable("The link leads nowhere.")
        picture = Picture(path=f"{job_id}-{index}.jpeg", format="jpeg", width=2048, height=2048, size=300_000)
        self.files.setdefault(job_id, {})[index] = picture
        return picture

    async def prepare_reference(self, job_id, index, url, _form):
        if url in self.unusable:
            raise BadReference(self.unusable[url])
        self.prepared.setdefault(job_id, {})[index] = (url, url not in self.converted)

    async def prepared_references(self, job_id):
        return {index: same for index, (_, same) in self.prepared.get(job_id, {}).items()}

    async def reference(self, job_id, index):
        return data_url(self.prepared[job_id][index][0])

    async def gone(self, url):
        return url in self.gone_links

    async def discard(self, job_id):
        self.files.pop(job_id, None)
        self.prepared.pop(job_id, None)

    async def moved(self, picture, job_id, index):
        moved = replace(picture, path=f"{job_id}-{index}.{picture.format}")
        for files in self.files.values():
            for number, file in list(files.items()):
                if file == picture:
                    del files[number]
                    self.files.setdefault(job_id, {})[index] = moved
                    return moved
        return moved

    async def holds(self, picture):
        return any(picture in pictures.values() for pictures in self.files.values())

    async def fullness(self):
        return self.full

    async def owners(self):
        return set(self.files)


def data_url(text: str) -> str:
    """What a reference picture becomes that is sent in the request itself."""
    png = b"\x89PNG\r\n\x1a\n" + text.encode()
    return f"data:image/png;base64,{b64encode(png).decode()}"


class MemoryLinks:
    async def fresh_link(self, _source, _url):
        return None
