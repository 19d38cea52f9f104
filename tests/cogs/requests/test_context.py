"""What the bot needs where it is asked: refused before anything is spent, and only where it is really missing."""

from __future__ import annotations

import re
from pathlib import Path

import discord
import pytest

from cogs.delivery.channels import ChannelKind
from cogs.requests.context import NEEDED, READING, Answer, can_read, check_permissions, invite_permissions
from cogs.texts.refusal import RefusalError

ROOT = Path(__file__).parents[3]

# What Discord asks for, by its documentation.
ASKED = {
    (Answer.RESPONSE, ChannelKind.TEXT): set(),
    (Answer.RESPONSE, ChannelKind.THREAD): set(),
    (Answer.RESPONSE, ChannelKind.VOICE): set(),
    (Answer.MESSAGE, ChannelKind.TEXT): {"View Channel", "Send Messages", "Attach Files"},
    (Answer.MESSAGE, ChannelKind.THREAD): {"View Channel", "Send Messages in Threads", "Attach Files"},
    (Answer.MESSAGE, ChannelKind.VOICE): {"View Channel", "Send Messages", "Attach Files", "Connect"},
    (Answer.REPLY, ChannelKind.TEXT): {"View Channel", "Send Messages", "Attach Files", "Read Message History"},
    (Answer.REPLY, ChannelKind.THREAD): {
        "View Channel",
        "Send Messages in Threads",
        "Attach Files",
        "Read Message History",
    },
    (Answer.REPLY, ChannelKind.VOICE): {
        "View Channel",
        "Send Messages",
        "Attach Files",
        "Read Message History",
        "Connect",
    },
}
BY_WAY = [(way, kind, labels) for (way, kind), labels in ASKED.items()]


def permissions(labels: set[str], *, without: str = "") -> discord.Permissions:
    names = {label.lower().replace(" ", "_") for label in labels - {without}}
    return discord.Permissions(**dict.fromkeys(names, True))


def test_every_way_is_told_for_every_kind_of_channel():
    assert {(way, kind) for way, kinds in NEEDED.items() for kind in kinds} == set(ASKED)
    assert set(READING) == set(ChannelKind)


@pytest.mark.parametrize(("way", "kind", "labels"), BY_WAY)
def test_what_discord_asks_for_is_enough_and_each_that_is_missing_is_named(way, kind, labels):
    check_permissions(way, kind, permissions(labels))
    for label in labels:
        with pytest.raises(RefusalError, match=f"Missing permissions: {label}. Ask"):
            check_permissions(way, kind, permissions(labels, without=label))


@pytest.mark.parametrize("kind", ChannelKind)
def test_to_read_voice_chats_one_has_to_be_able_to_connect(kind):
    reads = {"View Channel", "Read Message History"}
    assert can_read(permissions({*reads, "Connect"}), kind)
    assert can_read(permissions(reads), kind) is (kind is not ChannelKind.VOICE)
    for label in reads:
        assert not can_read(permissions({*reads, "Connect"}, without=label), kind)


def test_the_bot_is_invited_with_what_it_needs_and_operators_read_why():
    operating = (ROOT / "docs" / "operating.md").read_text()
    links = re.findall(r"permissions=(\d+)", (ROOT / "README.md").read_text() + operating)
    assert links == [str(invite_permissions().value)]
    table = operating[operating.index("| permission | why |") : operating.index("### Message Content")]
    named = re.findall(r"^\| ([^|-]+) \|", table, re.MULTILINE)[1:]
    needed = {label for labels in ASKED.values() for label in labels}
    assert {label for row in named for label in row.split(", ")} == needed
