"""What a run of a job teaches about the service."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from itertools import count

from seedream import MODELS, ImageReady, Result, TaskStatus
from seedream.errors import ModelRefused
from seedream.providers import DEFAULT_PROVIDER
from seedream.wire_ids import WireIds
from studio.jobs import event_translation
from studio.jobs.api_memory import ApiMemory
from studio.jobs.events import ImageArrived, ImageMissed
from studio.jobs.paths import Delivery
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.runner import Runner
from studio.jobs.states import JobState, Path, Reason
from studio.jobs.task_results import CallbackInbox, TaskResults
from tests.studio.jobs.test_api_memory import Shared
from tests.support.jobs import a_job
from tests.support.memory import MemoryPictures

NOW = 100_000.0
FIVE_HOURS = 5 * 3600.0


class Service:
    """Its tasks have all ended like this."""

    def __init__(self, **status) -> None:
        self.status = status

    async def tasks(self, ids):
        return {one: TaskStatus(**{"id": one, "state": "succeeded", "result": Result()} | self.status) for one in ids}


class Nothing:
    """Nothing was posted."""

    async def callbacks(self, _job_id):
        return []


async def never(_job_id):
    return False


async def looked_up(service: Service, **job) -> ApiMemory:
    """What is known once a process has taken over a job whose task was submitted so long ago."""
    return (await taken_over(service, **job))[0]


async def taken_over(service: Service, *, age: float, path: Path = Path.POLL, usual: float = 0.0, pictures=None):
    """What is known, and the events, once a process has taken over such a job."""
    ids = WireIds(DEFAULT_PROVIDER, partial(next, count(NOW)))
    memory = ApiMemory(Shared(), ids, lambda: NOW, address="https://api.example")
    ids.accept(MODELS[a_job().request.model], a_job().request.capabilities.wire_ids[0])
    memory.learn_run(a_job().request.model, usual)
    outcomes = TaskResults(service, CallbackInbox(Nothing()), lambda: NOW, memory.usual_seconds)
    delivery = Delivery(provider=DEFAULT_PROVIDER, reachable=False)
    resumed = Runner(service, pictures, None, outcomes, memory, delivery, lambda: NOW, is_dropped=never, inline=True)
    job = replace(a_job(), state=JobState.RUNNING, path=path, task_id="task-1", started_at=NOW - age)
    events = [event async for event in resumed.run(job)]
    await memory.close()
    return memory, events


async def test_how_long_a_task_took_that_nobody_looked_up_is_not_learned():
    memory = await looked_up(Service(), age=FIVE_HOURS)
    assert memory.usual_seconds(a_job().request.model) is None


async def test_what_the_service_says_of_its_own_time_is_learned_all_the_same():
    memory = await looked_up(Service(seconds=26.0), age=FIVE_HOURS)
    assert memory.usual_seconds(a_job().request.model) == 26.0


async def test_a_task_that_ended_because_its_model_is_gone_teaches_that():
    error = ModelRefused(200, "bad_request", "model is invalid.")
    memory = await looked_up(Service(state="failed", result=None, error=error), age=30.0)
    assert list(memory.profile.ids.refused) == [a_job().request.capabilities.wire_ids[0]]
    assert memory.profile.ids.accepted == {}


async def test_where_a_callback_is_late_the_usual_time_is_not_waited_for():
    async with asyncio.timeout(5):
        await looked_up(Service(), age=60.0, path=Path.CALLBACK, usual=600.0)


async def test_a_task_that_ended_with_neither_a_result_nor_an_error_ends_its_job():
    _, events = await taken_over(Service(state="failed", result=None), age=30.0)
    (broke,) = events
    assert broke.failure.reason is Reason.LOST


# --- pictures that come without a link ------------------------------------------------------------------------------

FULL = PictureUnavailable("Picture 1 couldn't be written: No space left on device.", again=True)
WITHOUT_LINK = Result(images=(ImageReady(0, None, b"bytes"),))


async def kept(result: Result, *refusals: Exception):
    """The event of a picture whose first fetches raise these, and how often it was fetched."""
    pictures = MemoryPictures()
    pictures.refusals.extend(refusals)
    _, events = await taken_over(Service(result=result), age=1.0, pictures=pictures)
    event = next(event for event in events if isinstance(event, ImageArrived | ImageMissed))
    return event, sum(pictures.fetched.values())


async def test_a_picture_that_is_nowhere_else_is_written_once_the_disk_has_room(monkeypatch):
    monkeypatch.setattr(event_translation, "REFETCH_SECONDS", (0.0, 0.0, 0.0))
    event, fetches = await kept(WITHOUT_LINK, FULL, FULL)
    assert (type(event), fetches) == (ImageArrived, 3)
    event, fetches = await kept(WITHOUT_LINK, *[FULL] * 4)
    assert (type(event), event.failure.reason, fetches) == (ImageMissed, Reason.PICTURE, 4)


async def test_what_is_no_picture_and_what_has_a_link_is_not_tried_again():
    event, fetches = await kept(WITHOUT_LINK, PictureUnavailable("Picture 1 is a web page."))
    assert (type(event), fetches) == (ImageMissed, 1)
    event, fetches = await kept(Result(images=(ImageReady(0, "https://files.example/a"),)), FULL)
    assert (event.link, fetches) == ("https://files.example/a", 1)


async def test_a_linked_picture_waits_for_a_disk_that_was_filled_just_now(monkeypatch):
    monkeypatch.setattr(event_translation, "REFETCH_SECONDS", (0.0, 0.0))
    passing = PictureUnavailable("Picture 1 couldn't be written: No space left on device.", again=True, soon=True)
    linked = Result(images=(ImageReady(0, "https://files.example/a"),))
    event, fetches = await kept(linked, passing, passing)
    assert (type(event), fetches) == (ImageArrived, 3)
    event, fetches = await kept(linked, *[passing] * 3)
    assert (event.link, fetches) == ("https://files.example/a", 3)


async def test_an_error_while_a_picture_is_kept_leaves_its_link():
    event, _ = await kept(Result(images=(ImageReady(0, "https://files.example/a"),)), ValueError("a bug"))
    assert (event.failure.reason, event.link) == (Reason.PICTURE, "https://files.example/a")
