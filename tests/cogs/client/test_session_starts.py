"""How many sessions may still start, in words."""

from __future__ import annotations

import pytest

from cogs.client.session_starts import SessionStarts

NOW = 1_800_000_000.0


@pytest.mark.parametrize(("left", "few", "refused"), [(998, False, False), (99, True, False), (1, True, True)])
def test_few_starts_are_noticed_and_too_few_are_refused_with_the_time(left, few, refused):
    starts = SessionStarts.of({"total": 1000, "remaining": left, "reset_after": 3_600_000}, NOW)
    assert str(starts) == f"{left} of 1000 session starts are left until 2027-01-15 09:00 UTC"
    assert starts.are_few is few
    refusal = starts.refusal(2)
    assert (refusal is not None) is refused
    assert refusal is None or "Start it again after 2027-01-15 09:00 UTC" in refusal
