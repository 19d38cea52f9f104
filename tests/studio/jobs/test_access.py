"""No way in goes around the rules: `ImageService.submit` checks them itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seedream import ImageRequest
from studio.guilds.errors import AccessDeniedError
from studio.guilds.settings import AccessRule, GuildSettings
from studio.jobs.access import check_sources
from studio.jobs.errors import AgeRestrictedSourceError
from studio.jobs.job import PictureSource, PreparedRequest
from studio.quota.limits import Member
from tests.support.core import a_world
from tests.support.jobs import ORIGIN
from tests.support.virtual_time import in_virtual_time

SERVER, CHANNEL, USER = ORIGIN.guild_id, ORIGIN.channel_id, ORIGIN.user_id
RESTRICTED = PictureSource(channel_id=21, message_id=1, age_restricted=True)
OPEN = PictureSource(channel_id=21, message_id=1)
REFUSING = {
    AccessRule.BANNED: {"banned": {USER}},
    AccessRule.ROLE: {"roles_allowed": {5}},
    AccessRule.CHANNEL_DENIED: {"channels_denied": {CHANNEL}},
    AccessRule.CHANNEL_NOT_ALLOWED: {"channels_allowed": {99}},
    AccessRule.NOT_AGE_RESTRICTED: {"age_restricted_only": True},
    AccessRule.MODEL: {"models": {"doubao-seedream-4.0"}},
    AccessRule.BLOCKED_WORD: {"blocked_words": ("fox",)},
}


async def submit(process, *, origin=ORIGIN, server=SERVER, sources=()):
    member = Member(user_id=USER, server_id=server) if server else Member(user_id=USER)
    prepared = PreparedRequest(request=ImageRequest(prompt="a red fox", model="4.5"), sources=sources)
    return await process.service.submit(origin, prepared, member=member, channels=(CHANNEL,))


def test_every_rule_is_tried():
    assert set(REFUSING) == set(AccessRule)


@pytest.mark.parametrize("rule", REFUSING)
@in_virtual_time
async def test_what_a_servers_settings_refuse_is_not_accepted_and_writes_nothing(rule):
    async with a_world() as world:
        process = await world.start()
        world.guilds.set[SERVER] = GuildSettings(**REFUSING[rule])
        with pytest.raises(AccessDeniedError) as denied:
            await submit(process)
        assert denied.value.refusal.rule is rule
        assert not list(world.jobs)
        assert not world.store.charges


@in_virtual_time
async def test_the_settings_of_one_server_refuse_nothing_elsewhere():
    async with a_world() as world:
        process = await world.start()
        world.guilds.set[SERVER] = GuildSettings(banned={USER})
        assert await submit(process, server=SERVER + 1)
        assert await submit(process, origin=replace(ORIGIN, guild_id=None), server=None)


@pytest.mark.parametrize("required", [True, False])
@in_virtual_time
async def test_a_watermark_that_the_server_requires_is_in_every_request(required):
    async with a_world() as world:
        process = await world.start()
        world.guilds.set[SERVER] = GuildSettings(watermark=False, watermark_required=required)
        assert (await submit(process)).request.watermark is required
        assert not (await submit(process, server=SERVER + 1)).request.watermark


@in_virtual_time
async def test_a_picture_from_an_age_restricted_channel_is_not_accepted_elsewhere():
    async with a_world() as world:
        process = await world.start()
        with pytest.raises(AgeRestrictedSourceError):
            await submit(process, sources=(None, OPEN, RESTRICTED))
        assert not list(world.jobs)


@pytest.mark.parametrize(
    ("origin", "sources"),
    [
        ({"age_restricted": True}, (RESTRICTED,)),
        ({"channel_id": 21}, (RESTRICTED,)),
        ({"guild_id": None}, (RESTRICTED,)),
        ({}, (OPEN, None)),
    ],
    ids=["an age-restricted channel", "its own channel", "the member's direct messages", "no such picture"],
)
def test_such_a_picture_may_be_used_in(origin, sources):
    check_sources(sources, replace(ORIGIN, **origin))


def test_direct_messages_between_other_people_are_not_the_members_own():
    with pytest.raises(AgeRestrictedSourceError):
        check_sources([RESTRICTED], replace(ORIGIN, guild_id=None, token_only=True))
