"""What is learned of the service by many processes at once, in a real database."""

from __future__ import annotations

import asyncio
import time

from infra.db.shared_state import SqlSharedState
from seedream import MODELS
from seedream.errors import ModelRefused
from seedream.providers import DEFAULT_PROVIDER
from seedream.wire_ids import WireIds
from studio.jobs.api_memory import ApiMemory
from studio.jobs.states import Path

PROCESSES = 8
NO_MODEL = ModelRefused(400, "bad_request", "model is invalid.")


def a_memory(engine) -> ApiMemory:
    return ApiMemory(SqlSharedState(engine), WireIds(DEFAULT_PROVIDER), time.time, address="https://api.example")


async def test_what_many_processes_learn_at_once_is_kept_of_all(engine):
    memories, models = [a_memory(engine) for _ in range(PROCESSES)], list(MODELS.values())
    for number, memory in enumerate(memories):
        memory._wire_ids.refuse(f"fox-{number}", NO_MODEL)
        memory._wire_ids.accept(models[number % len(models)], f"fox-{number}-taken")
        memory.learn_run(models[0].name, 20.0 + number)
        memory.learn_path(list(Path)[number % len(Path)], works=True)
    await asyncio.gather(*(memory.close() for memory in memories))
    while any(memory._dirty for memory in memories):  # what loses ten races is written with the next beat
        await asyncio.gather(*(memory.refresh() for memory in memories))
    fresh = a_memory(engine)
    await fresh.refresh()
    assert set(fresh.profile.ids.refused) == {f"fox-{number}" for number in range(PROCESSES)}
    assert len(fresh.profile.ids.accepted) == min(PROCESSES, len(models))
    assert {run.seconds for run in fresh.profile.runs[models[0].name]} == {20.0 + n for n in range(PROCESSES)}
    assert set(fresh.profile.paths) == set(Path)
