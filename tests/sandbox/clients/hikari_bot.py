"""A bot written with hikari, as a stranger would: what it is asked for is in the command's prompt, or in its name."""

import asyncio
import json
import os
import sys
import traceback
from pathlib import Path

import hikari
from hikari.impl import special_endpoints as build

PNG = Path(__file__).with_name("fox.png").read_bytes()
V2 = hikari.MessageFlag.IS_COMPONENTS_V2
PRIVATE = hikari.MessageFlag.EPHEMERAL
Kind, Answer = hikari.OptionType, hikari.ResponseType

bot = hikari.GatewayBot(
    os.environ["DISCORD_TOKEN"],
    rest_url=os.environ["DISCORD_API"],
    banner=None,
    logs="ERROR",
    intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.GUILD_MEMBERS,
)


def file(name):
    return hikari.Bytes(PNG, name)


def layout(text, *pictures):
    box = build.ContainerComponentBuilder(accent_color=hikari.Color(0xFF8800))
    box.add_text_display(text)
    if pictures:
        box.add_media_gallery([build.MediaGalleryItemBuilder(media=one, description="A fox") for one in pictures])
    box.add_separator()
    button = build.InteractiveButtonBuilder(style=hikari.ButtonStyle.PRIMARY, custom_id="details", label="Details")
    box.add_component(build.SectionComponentBuilder(accessory=button).add_text_display("More of it"))
    row = bot.rest.build_message_action_row()
    row.add_interactive_button(hikari.ButtonStyle.SECONDARY, "words", label="Words", emoji="🔎")
    box.add_component(row)
    row = bot.rest.build_message_action_row()
    row.add_text_menu("pick").add_option("A", "a").add_option("B", "b")
    return box.add_component(row)


@bot.listen(hikari.StartedEvent)
async def register(_):
    option = hikari.CommandOption
    imagine = bot.rest.slash_command_builder("imagine", "Make a picture")
    imagine.add_option(option(type=Kind.STRING, name="prompt", description="What", is_required=True, max_length=100))
    imagine.add_option(option(type=Kind.STRING, name="model", description="How", autocomplete=True))
    imagine.add_option(option(type=Kind.ATTACHMENT, name="reference", description="From what"))
    imagine.add_option(option(type=Kind.USER, name="who", description="For whom"))
    look = bot.rest.slash_command_builder("look", "Look around")
    menu = bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Repeat")
    await bot.rest.set_application_commands(bot.get_me().id, [imagine, look, menu])


@bot.listen(hikari.CommandInteractionCreateEvent)
async def command(event):
    it = event.interaction
    options = {one.name: one.value for one in it.options or ()}
    if it.command_name == "Repeat":
        (said,) = it.resolved.messages.values()
        await it.create_initial_response(Answer.MESSAGE_CREATE, f"again: {said.content}")
    elif it.command_name == "look":
        await look_around(it)
    elif options["prompt"] == "now":
        (picture,), (who,) = it.resolved.attachments.values(), it.resolved.users.values()
        size = len(await picture.read())
        await it.create_initial_response(
            Answer.MESSAGE_CREATE, f"{picture.filename}, {size} bytes, for {who.username}", attachment=file("a.png")
        )
    elif options["prompt"] == "later":
        await it.create_initial_response(Answer.DEFERRED_MESSAGE_CREATE)
        shown = await it.edit_initial_response("later", attachments=[file("a.png"), file("b.png")])
        await it.edit_initial_response(attachments=[shown.attachments[0], file("c.png")])
        await it.execute("psst", flags=PRIVATE)
    elif options["prompt"] == "private":
        await it.create_initial_response(Answer.DEFERRED_MESSAGE_CREATE, flags=PRIVATE)
        await it.edit_initial_response(components=[layout("only you")])
    else:
        await it.create_initial_response(Answer.MESSAGE_CREATE, components=[layout("a fox")], flags=V2)
        await it.edit_initial_response(components=[layout("two foxes", file("a.png"), file("b.png"))])


async def look_around(it):
    await it.create_initial_response(Answer.DEFERRED_MESSAGE_CREATE)
    guild = await bot.rest.fetch_guild(it.guild_id)
    seen = {
        "guild": guild.name,
        "count": guild.approximate_member_count,
        "channels": len(await bot.rest.fetch_guild_channels(guild)),
        "roles": len(await bot.rest.fetch_roles(guild)),
        "members": len([one async for one in bot.rest.fetch_members(guild)]),
        "cached": len(bot.cache.get_members_view_for_guild(guild)),
        "history": len([one async for one in bot.rest.fetch_messages(it.channel_id).limit(2)]),
        "shards": bot.shard_count,
    }
    await it.edit_initial_response(json.dumps(seen))


@bot.listen(hikari.AutocompleteInteractionCreateEvent)
async def complete(event):
    typed = next(one.value for one in event.interaction.options if one.is_focused)
    await event.interaction.create_response([build.AutocompleteChoiceBuilder(f"{typed}-5", f"{typed}-5.0")])


@bot.listen(hikari.ComponentInteractionCreateEvent)
async def pressed(event):
    it = event.interaction
    if it.custom_id == "details":
        await it.create_initial_response(Answer.MESSAGE_CREATE, "details", flags=PRIVATE)
    elif it.custom_id == "words":
        row = build.ModalActionRowBuilder()
        row.add_text_input("said", "Words", max_length=50)
        await it.create_modal_response("Words", "modal", components=[row])
    else:
        await it.create_initial_response(Answer.DEFERRED_MESSAGE_UPDATE)
        await it.edit_initial_response(components=[layout(f"picked {it.values[0]}")], attachments=None)


@bot.listen(hikari.ModalInteractionCreateEvent)
async def submitted(event):
    said = event.interaction.components[0].components[0].value
    await event.interaction.create_initial_response(
        Answer.MESSAGE_UPDATE, components=[layout(f"said {said}")], attachments=None
    )


@bot.listen(hikari.GuildMessageCreateEvent)
async def spoken(event):
    if event.is_human and bot.get_me().id in event.message.user_mentions_ids:
        await event.message.add_reaction("🔥")
        embed = hikari.Embed(title="Fox").set_image(file("fox.png"))
        await event.message.respond("heard", embed=embed, reply=True, mentions_reply=True)


@bot.listen(hikari.ExceptionEvent)
async def failed(event):
    traceback.print_exception(event.exception, file=sys.stderr)


shards = int(os.environ.get("SHARDS", "1"))
asyncio.set_event_loop(asyncio.new_event_loop())
bot.run(shard_count=shards, check_for_updates=False, activity=hikari.Activity(name="foxes"))
