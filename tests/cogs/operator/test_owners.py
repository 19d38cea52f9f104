"""Who runs the bot, as Discord tells of an application."""

from __future__ import annotations

import discord
import pytest
from discord.appinfo import AppInfo

from cogs.operator.owners import owners_of

ACCEPTED, INVITED = 2, 1


def user(identity):
    return {"id": str(identity), "username": f"u{identity}", "discriminator": "0", "avatar": None, "global_name": None}


def application(team=None):
    return AppInfo(
        discord.Client(intents=discord.Intents.none())._connection,
        {
            "id": "1", "name": "SeeDream", "description": "", "icon": None, "summary": "", "verify_key": "0",
            "bot_public": True, "bot_require_code_grant": False, "owner": user(10), "team": team, "flags": 0,
        },
    )  # fmt: skip


def team(*members, owner=20):
    return {
        "id": "2", "name": "Team", "icon": None, "owner_user_id": str(owner),
        "members": [
            {"user": user(one), "team_id": "2", "membership_state": state, "role": role, "permissions": ["*"]}
            for one, state, role in members
        ],
    }  # fmt: skip


async def test_an_application_without_a_team_has_one_owner():
    assert owners_of(application()) == {10}


@pytest.mark.parametrize(
    ("member", "owns"),
    [
        ((21, ACCEPTED, "admin"), True),
        ((21, ACCEPTED, "developer"), True),
        ((21, ACCEPTED, "read_only"), False),
        ((21, INVITED, "admin"), False),
        ((21, ACCEPTED, "something new"), False),
    ],
)
async def test_a_teams_owner_admins_and_developers_are_owners(member, owns):
    assert owners_of(application(team((20, ACCEPTED, "admin"), member))) == ({20, 21} if owns else {20})
