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
        findings = await trial.run(JOBS)
    print(findings)
    assert findings.kills.total() >= 2
    assert findings.ends["whole"] >= 2
    assert not findings.faults, findings
