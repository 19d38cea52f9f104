"""A short `make crash`: bots are killed as the kernel kills, and every promise is kept."""

from __future__ import annotations

import pytest

from tests.crash.trial import Trial

JOBS = 16
SEED = 20261125


@pytest.mark.parametrize("callbacks", [True, False], ids=["callbacks", "no callbacks"])
async def test_whatever_is_killed_nothing_accepted_is_lost_and_nothing_is_paid_twice(tmp_path, callbacks):
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with Trial(tmp_path, url, seed=SEED, callbacks=callbacks) as trial:
        all_was_kept(await trial.run(JOBS))


async def test_one_of_two_processes_takes_on_what_the_other_has_left(tmp_path, postgresql):
    async with postgresql.new_database() as url, Trial(tmp_path, url, seed=SEED, processes=2) as trial:
        all_was_kept(await trial.run(JOBS))


def all_was_kept(findings):
    assert findings.kills.total() >= 2, findings
    assert findings.ends["whole"] >= 2, findings
    assert not findings.faults, findings
