"""The live test of task look-ups: one task until it has ended, and look-ups that cost nothing."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from check import expectations
from check.results import CheckResult, CheckStatus
from seedream import TaskStatus
from seedream.errors import ApiError, NotFound, SeeDreamError
from seedream.polling import poll_interval
from seedream.responses import parse_task, parse_tasks

if TYPE_CHECKING:
    from typing import Any

    from check.recorder import Recorder
    from seedream import SeeDreamClient


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLimits:
    """The longest waits in seconds: for a task to end, for its record to appear, for a callback."""

    task: float = 600.0
    record: float = 90.0
    callback: float = 180.0


class TaskTests:
    """Looks tasks up at `path`. Each kind of look-up is recorded under its own name."""

    def __init__(self, api: SeeDreamClient, path: str, recorder: Recorder, wait_limits: WaitLimits) -> None:
        self._api = api
        self._path = path
        self._recorder = recorder
        self._wait_limits = wait_limits

    async def wait_for_end(self, task_id: str) -> list[TaskStatus]:
        """Look a task up until it has ended, and return every status. Raises: SeeDreamError if it never ends."""
        started, is_known, statuses = time.monotonic(), False, list[TaskStatus]()
        while True:
            age = time.monotonic() - started
            try:
                statuses.append(await self._look_up(task_id))
                is_known = True
            except SeeDreamError:
                if age >= (self._wait_limits.task if is_known else self._wait_limits.record):
                    raise
            if statuses and statuses[-1].state != "running":
                return statuses
            if age >= self._wait_limits.task:
                raise NotFound(0, "", f"The task had not ended after {age:.0f} s.")
            await asyncio.sleep(poll_interval(age))

    async def _look_up(self, task_id: str) -> TaskStatus:
        self._recorder.call_name = "task"
        status = await self._api.task(task_id)
        self._recorder.rename_last("task_running" if status.state == "running" else "task_done")
        return status

    async def batch(self, task_id: str) -> CheckResult:
        """Test a look-up of several tasks."""
        answer = await self._probe("tasks", {"ids": [task_id], "action": "retrieve_batch"})
        if isinstance(answer, ApiError):
            return CheckResult.failed(expectations.BATCH, expectations.error_text(answer))
        found = parse_tasks(answer)
        if task_id in found:
            return CheckResult.ok(expectations.BATCH, f"found: {found[task_id].state}")
        return CheckResult.failed(expectations.BATCH, "the answer doesn't contain the task")

    async def empty_batch(self) -> CheckResult:
        """Test a look-up of no tasks."""
        answer = await self._probe("tasks_of_none", {"ids": [], "action": "retrieve_batch"})
        if isinstance(answer, ApiError):
            detail = f"{expectations.error_text(answer)}. The bot never sends one"
            return CheckResult.note(expectations.NO_TASKS, detail)
        detail = "with other tasks" if parse_tasks(answer) else "with an empty list"
        return CheckResult.ok(expectations.NO_TASKS, detail)

    async def unknown_task(self) -> CheckResult:
        """Test a look-up of a task that doesn't exist."""
        answer = await self._probe("unknown_task", {"id": f"check-{secrets.token_hex(8)}", "action": "retrieve"})
        if not isinstance(answer, ApiError):
            detail = "an answer without a task. The bot first treats it as a running one"
            return CheckResult.note(expectations.UNKNOWN_TASK, detail)
        status = CheckStatus.OK if isinstance(answer, NotFound) else CheckStatus.NOTE
        return CheckResult(expectations.UNKNOWN_TASK, status, expectations.error_text(answer))

    async def by_trace(self, trace_id: str) -> CheckResult:
        """Test whether a task can be found by a trace id of the client's own."""
        failures = []
        for body in (
            {"trace_id": trace_id, "action": "retrieve"},
            {"trace_ids": [trace_id], "action": "retrieve_batch"},
        ):
            answer = await self._probe("task_by_trace", body)
            if isinstance(answer, ApiError):
                failures.append(expectations.error_text(answer))
            elif _has_result(answer):
                detail = f"found by {next(iter(body))}, so a lost answer could be looked up"
                return CheckResult.ok(expectations.TRACE, detail)
            else:
                failures.append("an answer without it")
        return CheckResult.note(expectations.TRACE, f"no: {'; '.join(dict.fromkeys(failures))}")

    async def _probe(self, name: str, body: dict[str, Any]) -> Any:
        """Return the answer, or the service's error in its place."""
        self._recorder.call_name = name
        try:
            return await self._api.probe(self._path, body)
        except ApiError as error:
            return error


def _has_result(answer: Any) -> bool:
    items = answer.get("items") if isinstance(answer, dict) else None
    records = items if isinstance(items, list) else [answer]
    return any(isinstance(record, dict) and parse_task(record, "check").state == "succeeded" for record in records)
