"""Callbacks can't be forged: whatever an address or a body looks like, nothing is accepted without the signature."""

from __future__ import annotations

import asyncio
import random
import string

from seedream.callbacks import sign, verify
from tests.infra.web.web_client import BODY, JOB, SECRET, Line, serving

ALPHABET = string.ascii_letters + string.digits + "-_.~%=+/ \0é"
OTHER_SECRETS = ("", " ", SECRET[:-1], SECRET + " ", SECRET.upper(), SECRET[::-1])


def bad_signatures(count: int) -> list[str]:
    """The right one with characters changed, cut, added, swapped or doubled, and those of other jobs and secrets."""
    chosen, right = random.Random(17), sign(JOB, SECRET)
    bad = [sign(JOB, secret) for secret in OTHER_SECRETS if secret] + [
        sign(f"{JOB}{number}", SECRET) for number in "01"
    ]
    bad += [right[:length] for length in range(len(right))] + [right.lower(), right.upper(), right * 2, f"{right}="]
    while len(bad) < count:
        at, letter = chosen.randrange(len(right)), chosen.choice(ALPHABET)
        bad.append(right[:at] + letter + right[at + chosen.choice((0, 1, 2)) :])
    return [one for one in bad if one != right][:count]


def test_of_ten_thousand_bad_signatures_none_is_accepted():
    assert not [one for one in bad_signatures(10_000) if verify(JOB, one, SECRET)]
    assert verify(JOB, sign(JOB, SECRET), SECRET)


def test_a_signature_counts_for_its_own_job_alone():
    right = sign(JOB, SECRET)
    others = (JOB[:-1], JOB + "a", JOB.swapcase(), "", f"{JOB}/", f" {JOB}", f"{JOB}\n", "../" + JOB, JOB * 10)
    assert not any(verify(job, right, SECRET) for job in others)


async def test_no_bad_callback_is_accepted_over_the_wire_and_its_body_is_not_read():
    async with serving() as web:

        async def posted(signature: str) -> int:
            path = f"/callbacks/{JOB}/{signature.encode('unicode_escape').decode().replace(' ', '%20')}"
            async with Line.to(web) as line:
                await line.post(path, b"", Content_Length=len(BODY))
                return (await line.answer()).status

        bad = bad_signatures(300)
        statuses = [
            status
            for start in range(0, 300, 50)
            for status in await asyncio.gather(*map(posted, bad[start : start + 50]))
        ]
        assert set(statuses) <= {400, 404}
        assert web.door.kept == []
        assert (await web.post()).status == 200
