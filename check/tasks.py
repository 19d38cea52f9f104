"""What the live test looks up: one task until it has ended, and what is free to ask besides."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from check import facts
from check.rows import Row, State
from seedream import TaskStatus
from seedream.errors import ApiError, NotFound, SeeDreamError
from seedream.polling import poll_interval
from seedream.responses import parse_task, parse_tasks

if TYPE_CHECKING:
    from typing import Any

    from check.recorder import Recorder
    from seedream import SeeDreamClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: for a task to end, for its record to be there, for a callback to be posted."""

    task: float = 600.0
    record: float = 90.0
    callback: float = 180.0


class TaskTest:
    """Looks tasks up at `path`. The answers are recorded under names of their own."""

    def __init__(self, api: SeeDreamClient, path: str, recorder: Recorder, patience: Patience) -> None:
        self._api = api
        self._path = path
        self._recorder = recorder
        self._patience = patience

    async def ended(self, task_id: str) -> list[TaskStatus]:
        """What each look-up said, the end last. Raises: SeeDreamError where it never ends, or is not known."""
        started, seen, looks = time.monotonic(), False, list[TaskStatus]()
        while True:
            age = time.monotonic() - started
            try:
                looks.append(await self._looked_up(task_id))
                seen = True
            except SeeDreamError:
                if age >= (self._patience.task if seen else self._patience.record):
                    raise
            if looks and looks[-1].state != "running":
                return looks
            if age >= self._patience.task:
                raise NotFound(0, "", f"After {age:.0f} s it had not ended.")
            await asyncio.sleep(poll_interval(age))

    async def _looked_up(self, task_id: str) -> TaskStatus:
        self._recorder.asking = "task"
        status = await self._api.task(task_id)
        self._recorder.keep_last_as("task_running" if status.state == "running" else "task_done")
        return status

    async def batch(self, task_id: str) -> Row:
        """Whether it is found among many."""
        answer = await self._asked("tasks", {"ids": [task_id], "action": "retrieve_batch"})
        if isinstance(answer, ApiError):
            return Row(facts.BATCH, State.FAILED, facts.told(answer))
        found = parse_tasks(answer)
        if task_id in found:
            return Row(facts.BATCH, State.OK, f"found: {found[task_id].state}")
        return Row(facts.BATCH, State.FAILED, "the answer does not hold the task")

    async def none(self) -> Row:
        answer = await self._asked("tasks_of_none", {"ids": [], "action": "retrieve_batch"})
        if isinstance(answer, ApiError):
            return Row(facts.NO_TASKS, State.NOTE, f"{facts.told(answer)}. The bot never sends one")
        return Row(
            facts.NO_TASKS, State.OK, "with an empty list" if not parse_tasks(answer) else "with tasks of others"
        )

    async def unknown(self) -> Row:
        """What is said of a task that there never was."""
        answer = await self._asked("unknown_task", {"id": f"check-{secrets.token_hex(8)}", "action": "retrieve"})
        if not isinstance(answer, ApiError):
            return Row(
                facts.UNKNOWN_TASK,
                State.NOTE,
                "an answer without a task, which the bot takes for a running one at first",
            )
        state = State.OK if isinstance(answer, NotFound) else State.NOTE
        return Row(facts.UNKNOWN_TASK, state, facts.told(answer))

    async def by_trace(self, trace_id: str) -> Row:
        """Whether a task is found by what the client itself has called it."""
        said = []
        for body in (
            {"trace_id": trace_id, "action": "retrieve"},
            {"trace_ids": [trace_id], "action": "retrieve_batch"},
        ):
            answer = await self._asked("task_by_trace", body)
            if isinstance(answer, ApiError):
                said.append(facts.told(answer))
            elif _holds_a_result(answer):
                return Row(facts.TRACE, State.OK, f"found by {next(iter(body))}, so a lost answer could be looked up")
            else:
                said.append("an answer without it")
        return Row(facts.TRACE, State.NOTE, f"no: {'; '.join(dict.fromkeys(said))}")

    async def _asked(self, name: str, body: dict[str, Any]) -> Any:
        """The answer, or the service's error in its place."""
        self._recorder.asking = name
        try:
            return await self._api.probe(self._path, body)
        except ApiError as error:
            return error


def _holds_a_result(answer: Any) -> bool:
    items = answer.get("items") if isinstance(answer, dict) else None
    records = items if isinstance(items, list) else [answer]
    return any(isinstance(one, dict) and parse_task(one, "asked").state == "succeeded" for one in records)
