"""Whether a picture that an earlier request used is still there, and what is put in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.errors import DeliveryDelayedError
from studio.jobs.job import PictureSource
from studio.jobs.references import References, completed

NOW = 1_000_000.0
HERE = PictureSource(channel_id=1, message_id=2)
MESSAGE_GONE, DISCORD_DOWN = object(), object()


def link(seconds: int) -> str:
    """A link that lives so long from now."""
    return f"https://cdn.example/a.png?ex={int(NOW) + seconds:x}&is=1&hm=2"


class Discord:
    """`message`: what comes of asking for a fresh link. `gone`: the links whose file is not there."""

    def __init__(self, message: object = MESSAGE_GONE, *gone: str) -> None:
        self._message = message
        self._gone = gone

    async def fresh_link(self, _source: PictureSource, _url: str) -> str | None:
        if self._message is DISCORD_DOWN:
            raise DeliveryDelayedError
        return None if self._message is MESSAGE_GONE else str(self._message)

    async def gone(self, url: str) -> bool:
        return url in self._gone

    def references(self) -> References:
        return References(self, self, lambda: NOW)


@pytest.mark.parametrize(
    ("url", "source", "discord", "found"),
    [
        (link(3600), None, Discord(), link(3600)),
        (link(3600), HERE, Discord("fresh"), link(3600)),
        ("https://elsewhere.example/a.png", None, Discord(), "https://elsewhere.example/a.png"),
        (link(3600), None, Discord(MESSAGE_GONE, link(3600)), None),
        (link(3600), HERE, Discord("fresh", link(3600)), "fresh"),
        (link(3600), HERE, Discord("fresh", link(3600), "fresh"), None),
        (link(-1), None, Discord(), None),
        (link(-1), HERE, Discord("fresh"), "fresh"),
        (link(-1), HERE, Discord(MESSAGE_GONE), None),
        (link(-1), HERE, Discord(DISCORD_DOWN), link(-1)),
        (link(30), None, Discord(), link(30)),
        (link(30), HERE, Discord("fresh"), "fresh"),
        (link(30), HERE, Discord(MESSAGE_GONE, link(30)), None),
    ],
)
async def test_a_link_that_works_is_found_where_there_is_one(url, source, discord, found):
    assert await discord.references().living(url, source) == found


async def test_pictures_are_looked_for_in_their_order_also_where_their_messages_were_not_kept():
    references = Discord("fresh").references()
    placed = await references.all_living([link(-1), link(-1), link(90)], [None, HERE])
    assert placed == [(None, None), ("fresh", HERE), (link(90), None)]


def test_new_pictures_take_the_places_of_those_that_are_gone_and_the_rest_follows():
    pictures = [(None, None), ("a", HERE), (None, HERE)]
    assert completed(pictures, ["x"]) == [("x", None), ("a", HERE), (None, None)]
    assert completed(pictures, ["x", "y", "z"]) == [("x", None), ("a", HERE), ("y", None), ("z", None)]


@given(
    pictures=st.lists(st.tuples(st.none() | st.text(min_size=1), st.none() | st.just(HERE))),
    new=st.lists(st.text(min_size=1)),
)
def test_no_picture_is_lost_and_none_moves(pictures, new):
    found = completed(pictures, new)
    missing = sum(url is None for url, _ in pictures)
    assert [found[at] for at, (url, _) in enumerate(pictures) if url is not None] == [
        one for one in pictures if one[0] is not None
    ]
    assert sum(url is None for url, _ in found) == max(0, missing - len(new))
    assert len(found) == len(pictures) + max(0, len(new) - missing)
