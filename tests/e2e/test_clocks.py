"""The bot where its machine's clock is wrong or jumps: what is counted and what ends goes by Discord's time."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.db.tables import CHARGES
from tests.e2e.admins import dan, set_limit
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess

FOLDER = Path(__file__).parents[1] / "support" / "wrong_clock"
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Machine:
    """Where the bot runs; its clock can be set."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set_clock(0)
        self.log = folder / "bot.log"
        self.bot = BotProcess(self.log)
        self.environment = {"PYTHONPATH": str(FOLDER), "WRONG_CLOCK": str(self._file)}

    def set_clock(self, ahead: float) -> None:
        """`ahead`: seconds."""
        new = self._file.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self._file)

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "clock is" in line]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("ahead", "words"), [(20 * MINUTE, "ahead of"), (-20 * MINUTE, "behind"), (40 * DAY, "ahead of"), (-DAY, "behind")]
)
async def test_a_wrong_clock_changes_nothing_but_a_line_in_the_log(machine, tmp_path, ahead, words):
    machine.set_clock(ahead)
    async with a_world(tmp_path, machine.bot, **machine.environment) as world:
        await set_limit(dan(world), limit="day", amount="1", all="everyone")
        await world.ada.imagine_to_end(prompt="a fox", private=True)  # a private result is shown by the token alone
        refused = (await (await world.ada.imagine(prompt="another")).answer()).text
        assert abs(int(re.search(r"<t:(\d+):R>", refused)[1]) - tomorrow()) <= 1
        (charge,) = await world.read(select(CHARGES))
        assert abs(charge.at - time.time()) < 60
    (warning,) = machine.warnings
    assert words in warning


@pytest.mark.parametrize("ahead", [3 * HOUR, -3 * HOUR])
async def test_a_jump_changes_neither_cooldowns_nor_jobs(machine, tmp_path, ahead):
    async with a_world(tmp_path, machine.bot, **machine.environment) as world:
        await set_limit(dan(world), limit="cooldown", amount="1m", all="everyone")
        await world.set_api(delay=1)
        asked = await world.ada.imagine(prompt="a fox", private=True)
        machine.set_clock(ahead)
        refused = (await (await world.ada.imagine(prompt="another")).answer()).text
        (again,) = map(int, re.findall(r"<t:(\d+):R>", refused))
        assert 0 < again - time.time() < 62
        assert (await asked.result()).pictures
    assert len(machine.warnings) <= 1


def tomorrow() -> int:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today + timedelta(days=1)).timestamp())
