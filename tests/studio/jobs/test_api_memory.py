"""What is learned of the service is shared by processes, and kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from seedream import MODELS
from seedream.errors import ModelRefused
from seedream.providers import DEFAULT_PROVIDER
from seedream.wire_ids import WireIds
from studio.jobs.api_memory import LARGEST, ApiMemory
from studio.jobs.states import Path

if TYPE_CHECKING:
    from studio.jobs.api_profile import ApiProfile

LITE, T2I = MODELS["doubao-seedream-5.0-lite"], MODELS["doubao-seedream-3.0-t2i"]
LISTED = ("doubao-seedream-5-0-lite-260128", "doubao-seedream-4-5-251128")
REFUSED = ModelRefused(400, "bad_request", "model must be one of ...", listed=LISTED, complete=True)


class Shared:
    """The table of shared values, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.meanwhile = None

    async def read(self) -> dict[str, str]:
        return dict(self.values)

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        if self.meanwhile:
            change, self.meanwhile = self.meanwhile, None
            await change()
        if self.values.get(name) != before:
            return False
        self.values[name] = after
        return True


def memory(shared: Shared, address: str = "https://api.example/v1") -> ApiMemory:
    return ApiMemory(shared, WireIds(DEFAULT_PROVIDER, lambda: 1000.0), lambda: 1000.0, address=address)


async def fresh_of(shared: Shared) -> ApiProfile:
    fresh = memory(shared)
    await fresh.refresh()
    return fresh.profile


async def test_what_one_process_learns_another_knows():
    shared = Shared()
    one, other = memory(shared), memory(shared)
    one._wire_ids.refuse(T2I.wire_ids[0], REFUSED)
    one.learn_path(Path.POLL, works=True)
    one.learn_run(LITE.name, 26.0)
    await one.close()
    assert T2I.name in other.offered()
    await other.refresh()
    assert other.offered() == {LITE.name, "doubao-seedream-4.5"}
    assert other.profile == one.profile
    assert other.usual_seconds(LITE.name) == 26.0


async def test_what_two_learn_at_once_is_kept_of_both():
    shared = Shared()
    one, other = memory(shared), memory(shared)
    other.learn_run(LITE.name, 20.0)
    one.learn_run(LITE.name, 30.0)
    shared.meanwhile = other.refresh
    await one.refresh()
    await other.refresh()
    assert one.usual_seconds(LITE.name) == other.usual_seconds(LITE.name) == 25.0


async def test_nothing_is_written_where_nothing_was_learned():
    shared = Shared()
    await memory(shared).refresh()
    await memory(shared).close()
    assert shared.values == {}


async def test_what_is_learned_of_one_address_says_nothing_of_another():
    shared = Shared()
    one, other = memory(shared), memory(shared, "https://reseller.example")
    one._wire_ids.refuse(T2I.wire_ids[0], REFUSED)
    await one.close()
    await other.refresh()
    assert T2I.name in other.offered()


async def test_the_operator_reads_once_what_is_gone_and_what_the_service_takes(caplog):
    gone = memory(Shared())
    changes = []
    gone.changed = lambda: changes.append(gone.offered())
    gone._wire_ids.refuse(T2I.wire_ids[0], REFUSED)
    gone._wire_ids.refuse(T2I.name, REFUSED)
    await gone.close()
    [line] = [one.getMessage() for one in caplog.records if "no longer accepts" in one.getMessage()]
    assert "SeeDream 3.0 t2i, SeedEdit 3.0 i2i" in line
    assert line.endswith(f"it accepts: {', '.join(LISTED)}")
    assert changes == [{LITE.name, "doubao-seedream-4.5"}]


@pytest.mark.parametrize(
    "written",
    [
        '{"paths": 3}',
        "",
        "[" * 10_000,
        '{"runs": {"a": [[1, 2]]}}' + " " * LARGEST,
        '{"runs": {"doubao-seedream-5.0-lite": [[Infinity, 5]]}}',
        '{"runs": {"doubao-seedream-5.0-lite": [[1e308, 5], [-1, 5]]}}',
    ],
)
async def test_what_another_version_has_written_counts_for_nothing(written):
    shared = Shared()
    one = memory(shared)
    one.learn_path(Path.POLL, works=True)
    await asyncio.sleep(0)
    await one.close()
    [name] = shared.values
    shared.values[name] = written
    fresh = memory(shared)
    await fresh.refresh()
    assert fresh.profile.works(Path.POLL, 0.0) is None
    assert fresh.usual_seconds(LITE.name) is None
    fresh.learn_path(Path.POLL, works=True)
    await fresh.close()
    assert await fresh_of(shared) == fresh.profile


async def test_a_database_that_is_away_costs_nothing_but_a_line(caplog):
    shared = Shared()

    async def away() -> dict[str, str]:
        raise OSError("the database is away")

    shared.read, read = away, shared.read
    one = memory(shared)
    one.learn_path(Path.POLL, works=True)
    await one.close()
    assert "could not be stored" in caplog.text
    shared.read = read
    await one.refresh()
    assert shared.values


async def test_what_a_clock_that_was_ahead_has_written_gives_way_to_what_is_learned():
    shared = Shared()
    ahead = memory(shared)
    ahead._clock = ahead._wire_ids._clock = lambda: 1e9
    ahead.learn_path(Path.POLL, works=False)
    ahead._wire_ids.refuse(LITE.wire_ids[0], REFUSED)
    await ahead.close()
    one = memory(shared)
    one.learn_path(Path.STREAM, works=True)
    one._wire_ids.accept(LITE, LITE.wire_ids[0])
    await one.close()
    profile = await fresh_of(shared)
    assert list(profile.paths) == [Path.STREAM]
    assert (list(profile.ids.accepted), dict(profile.ids.refused), profile.ids.listed) == ([LITE.name], {}, ())
