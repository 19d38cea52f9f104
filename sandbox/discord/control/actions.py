"""Acts as a member: commands, buttons, modals, messages, reactions, and the client's language."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import commands, component_input, member_actions, messages, reactions
from sandbox.discord.client_refusals import ClientRefusal, a_list, an_object
from sandbox.discord.control.common import (
    guild_named,
    interaction_answer,
    interaction_named,
    message_named,
    place_of,
    read_call,
    shown,
    user_named,
)
from sandbox.discord.member_actions import upload_of
from sandbox.discord.message_input import message_from
from sandbox.discord.rest import answer
from sandbox.discord.rules.options import LOCALE

routes = web.RouteTableDef()


@routes.post("/control/command")
async def command(request: web.Request) -> web.Response:
    """Run a slash command with `options` and `attachments`, or a menu command on a `target`."""
    state, data = await read_call(request)
    user, channel = place_of(state, data)
    name = str(data.get("name"))
    if data.get("target") is not None:
        interaction = commands.run_on(state, user, channel, name, str(data["target"]))
    else:
        files = member_actions.uploads_of(data.get("attachments"))
        interaction = commands.run(state, user, channel, name, data.get("options"), files)
    return await interaction_answer(state, interaction, data)


@routes.post("/control/autocomplete")
async def autocomplete(request: web.Request) -> web.Response:
    """Return the choices for the `focused` option of a command."""
    state, data = await read_call(request)
    user, channel = place_of(state, data)
    interaction = commands.complete(
        state, user, channel, str(data.get("name")), data.get("options"), str(data.get("focused"))
    )
    response = await state.until(lambda: interaction.answer, state.settings.interaction_window)
    if not response:
        return answer({"failed": "Loading options failed"}, 504)
    return answer({"choices": response["data"]["choices"]})


@routes.post("/control/press")
async def press(request: web.Request) -> web.Response:
    """Press a `button` of a `message`, or choose `values` in a select."""
    state, data = await read_call(request)
    user, stored = user_named(state, data.get("user")), message_named(state, data.get("message"))
    interaction = component_input.press(state, user, stored, str(data.get("button")), data.get("values"))
    return await interaction_answer(state, interaction, data)


@routes.post("/control/modal")
async def modal(request: web.Request) -> web.Response:
    """Submit the modal that an `interaction` opened, with `fields` and `attachments` by custom id."""
    state, data = await read_call(request)
    user, opener = user_named(state, data.get("user")), interaction_named(state, data.get("interaction"))
    attachments = an_object("attachments", data.get("attachments"))
    files = {key: [upload_of(key, file) for file in a_list(key, uploads)] for key, uploads in attachments.items()}
    submitted = component_input.submit(state, user, opener, data.get("fields"), files)
    return await interaction_answer(state, submitted, data)


@routes.post("/control/message")
async def message(request: web.Request) -> web.Response:
    """Send `content`, `attachments`, `stickers`, a `poll` or a `voice` message, or `forward` a message.

    `reply_to` makes it a reply, with `ping` and `reference`: the original is `loaded`, `deleted` or `absent`.
    """
    state, data = await read_call(request)
    user, channel = place_of(state, data)
    if data.get("forward") is not None:
        original = message_named(state, data["forward"])
        return answer(shown(state, member_actions.forward(state, user, channel, original)))
    payload, files = message_from(state, data)
    reply = {"to": data.get("reply_to"), "reference": data.get("reference", "loaded"), "ping": data.get("ping", True)}
    return answer(shown(state, member_actions.send(state, user, channel, payload, files, **reply)))


@routes.post("/control/locale")
async def locale(request: web.Request) -> web.Response:
    """Set the language of a `user`'s client, or the preferred language of a `guild`."""
    state, data = await read_call(request)
    chosen = str(data.get("locale"))
    if not LOCALE.fullmatch(chosen):
        raise ClientRefusal(f"Discord doesn't support the language {chosen}. Use a code such as de, fr or ja.")
    if "guild" in data:
        guild = guild_named(state, data["guild"])
        guild.data["preferred_locale"] = chosen
        state.dispatch("GUILD_UPDATE", guild.data, guild_id=guild.id)
    else:
        state.world.locales[user_named(state, data.get("user"))["id"]] = chosen
    return answer({})


@routes.post("/control/react")
async def react(request: web.Request) -> web.Response:
    """Add the reaction of a `user`; with `remove`, remove it."""
    state, data = await read_call(request)
    user, stored = user_named(state, data.get("user")), message_named(state, data.get("message"))
    if stored.seen_by is not None:
        raise ClientRefusal("You can't react to an ephemeral message.")
    if data.get("remove"):
        reactions.remove(state, stored, user["id"], str(data.get("emoji")))
    else:
        reactions.add(state, stored, user, str(data.get("emoji")))
    return answer(shown(state, stored))


@routes.post("/control/delete-message")
async def delete_message(request: web.Request) -> web.Response:
    state, data = await read_call(request)
    messages.remove(state, message_named(state, data.get("message")))
    return answer({})
