"""Acting as a member: commands, buttons, modals, messages."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import commands, component_input, member_actions, messages, reactions
from sandbox.discord.client_refusals import ClientRefusal, a_list, an_object
from sandbox.discord.control.common import begun_answer, given, message_named, place_of, shown
from sandbox.discord.member_actions import upload_of
from sandbox.discord.message_input import message_from
from sandbox.discord.rest import answer, state_of
from sandbox.discord.rules.options import LOCALE

routes = web.RouteTableDef()


@routes.post("/control/command")
async def command(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, channel = place_of(state, data)
    name = str(data.get("name"))
    if data.get("target") is not None:
        begun = commands.run_on(state, user, channel, name, str(data["target"]))
    else:
        files = member_actions.uploads_of(data.get("attachments"))
        begun = commands.run(state, user, channel, name, data.get("options"), files)
    return await begun_answer(state, begun, data)


@routes.post("/control/autocomplete")
async def autocomplete(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, channel = place_of(state, data)
    begun = commands.complete(
        state, user, channel, str(data.get("name")), data.get("options"), str(data.get("focused"))
    )
    found = await state.until(lambda: begun.answer, state.settings.interaction_window)
    if not found:
        return answer({"failed": "Loading options failed"}, 504)
    return answer({"choices": found["data"]["choices"]})


@routes.post("/control/press")
async def press(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user = state.world.user(str(data.get("user")))
    if user is None:
        raise ClientRefusal(f"There is no user {data.get('user')}.")
    stored = message_named(state, data.get("message"))
    begun = component_input.press(state, user, stored, str(data.get("button")), data.get("values"))
    return await begun_answer(state, begun, data)


@routes.post("/control/modal")
async def modal(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user = state.world.user(str(data.get("user")))
    opened = state.find_interaction(str(data.get("interaction")))
    if user is None or opened is None:
        raise ClientRefusal("There is no such user or interaction.")
    given_files = an_object("attachments", data.get("attachments"))
    files = {key: [upload_of(key, one) for one in a_list(key, each)] for key, each in given_files.items()}
    return await begun_answer(state, component_input.submit(state, user, opened, data.get("fields"), files), data)


@routes.post("/control/message")
async def message(request: web.Request) -> web.Response:
    """`{"user", "channel"}` with any of `content`, `attachments`, `stickers`, a `poll`, `voice`; a `reply_to`, with
    `ping`, and `reference`: the message replied to is `loaded`, `deleted` or `absent`; or a `forward`.
    """
    state, data = state_of(request), await given(request)
    user, channel = place_of(state, data)
    if data.get("forward") is not None:
        return answer(shown(state, member_actions.forward(state, user, channel, message_named(state, data["forward"]))))
    payload, files = message_from(state, data)
    reply = {"to": data.get("reply_to"), "reference": data.get("reference", "loaded"), "ping": data.get("ping", True)}
    return answer(shown(state, member_actions.send(state, user, channel, payload, files, **reply)))


@routes.post("/control/locale")
async def locale(request: web.Request) -> web.Response:
    """A `user` chooses the language of their client, or who manages a `guild` that of the server."""
    state, data = state_of(request), await given(request)
    chosen = str(data.get("locale"))
    if not LOCALE.fullmatch(chosen):
        raise ClientRefusal(f"Discord has no language {chosen}: it has de, fr, ja and others.")
    if "guild" in data:
        guild = state.world.guild(str(data["guild"]))
        if guild is None:
            raise ClientRefusal(f"There is no server {data['guild']}.")
        guild.data["preferred_locale"] = chosen
        state.dispatch("GUILD_UPDATE", guild.data, guild_id=guild.id)
        return answer({})
    user = state.world.user(str(data.get("user")))
    if user is None:
        raise ClientRefusal(f"There is no user {data.get('user')}.")
    state.world.locales[user["id"]] = chosen
    return answer({})


@routes.post("/control/react")
async def react(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, stored = state.world.user(str(data.get("user"))), message_named(state, data.get("message"))
    if user is None or stored.seen_by is not None:
        raise ClientRefusal(f"{data.get('user')} can't react to that message.")
    if data.get("remove"):
        reactions.remove(state, stored, user["id"], str(data.get("emoji")))
    else:
        reactions.add(state, stored, user, str(data.get("emoji")))
    return answer(shown(state, stored))


@routes.post("/control/delete-message")
async def delete_message(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    messages.remove(state, message_named(state, data.get("message")))
    return answer({})
