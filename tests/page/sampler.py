"""A bot with every kind of option, component and field that Discord has, to see the page draw and fill them.

`python -m tests.page.sampler` serves it in the local world, as `make demo` does the real bot.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path
from typing import Literal

import discord
import yarl
from discord import app_commands, ui
from PIL import Image

HERE = Path(__file__).resolve()
FRUITS = ("apple", "cherry", "plum")
CSV = "member,pictures\nada,4\nben,2\n"


def chart() -> io.BytesIO:
    data = io.BytesIO()
    Image.linear_gradient("L").resize((480, 240)).save(data, "PNG")
    data.seek(0)
    return data


def words(value: object) -> str:
    match value:
        case list() | tuple() | set():
            return " ".join(map(words, value)) or "none"
        case discord.Role() | discord.abc.GuildChannel() | app_commands.AppCommandChannel():
            return value.mention
        case discord.User() | discord.Member():
            return value.mention
        case discord.Attachment():
            return f"{value.filename} ({value.size})"
    return repr(value)


async def tell(interaction: discord.Interaction, **given: object) -> None:
    text = "\n".join(f"{name}: {words(value)}" for name, value in given.items())
    await interaction.response.send_message(text, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())


class Telling:
    """What an item chose is told."""

    async def callback(self, interaction: discord.Interaction) -> None:
        await tell(interaction, chosen=getattr(self, "values", None) or self.label)


class Button(Telling, ui.Button):
    pass


class StringSelect(Telling, ui.Select):
    pass


class UserSelect(Telling, ui.UserSelect):
    pass


class RoleSelect(Telling, ui.RoleSelect):
    pass


class MentionableSelect(Telling, ui.MentionableSelect):
    pass


class ChannelSelect(Telling, ui.ChannelSelect):
    pass


def fruits() -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=one.title(), value=one, description=f"a ripe {one}", emoji="🍒") for one in FRUITS
    ]


class Everything(ui.LayoutView):
    def __init__(self, me: discord.abc.Snowflake) -> None:
        super().__init__(timeout=None)
        styles = discord.ButtonStyle
        self.add_item(ui.TextDisplay("# Everything\nWords **outside** of a container, <t:1700000000:R>"))
        self.add_item(
            ui.Container(
                ui.Section(
                    "**A section**",
                    "with a thumbnail",
                    accessory=ui.Thumbnail("attachment://chart.png", description="A chart"),
                ),
                ui.Section("A section with a button", accessory=Button(label="Aside")),
                ui.Separator(),
                ui.TextDisplay("between"),
                ui.Separator(visible=False, spacing=discord.SeparatorSpacing.large),
                ui.MediaGallery(
                    discord.MediaGalleryItem("attachment://chart.png", description="A veiled chart", spoiler=True)
                ),
                ui.File("attachment://usage.csv"),
                ui.ActionRow(
                    Button(label="Primary", style=styles.primary),
                    Button(label="Secondary"),
                    Button(label="Success", style=styles.success, emoji="✅"),
                    Button(label="Danger", style=styles.danger),
                    Button(emoji="🎲"),
                ),
                ui.ActionRow(
                    ui.Button(label="A link", url="https://127.0.0.1/"),
                    Button(label="Disabled", disabled=True),
                ),
                accent_color=discord.Color.gold(),
            )
        )
        rows = (
            StringSelect(placeholder="One fruit", options=fruits()),
            StringSelect(placeholder="Several fruits", options=fruits(), min_values=0, max_values=3),
            UserSelect(placeholder="A person", default_values=[me]),
            RoleSelect(placeholder="A role"),
            MentionableSelect(placeholder="A person or role", max_values=2),
            ChannelSelect(placeholder="A channel", channel_types=[discord.ChannelType.text]),
        )
        for row in rows:
            self.add_item(ui.ActionRow(row))


class Words(ui.Modal, title="Words and files"):
    intro = ui.TextDisplay("What is filled in here is **told**.")
    line = ui.Label(text="A line", component=ui.TextInput(max_length=20, default="as it was"))
    page = ui.Label(
        text="A page",
        description="It may be empty",
        component=ui.TextInput(style=discord.TextStyle.long, required=False),
    )
    files = ui.Label(text="Files", component=ui.FileUpload(max_values=3, required=False))
    fruits = ui.Label(text="Fruits", component=ui.Select(options=fruits(), max_values=3))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        fields = (self.line, self.page, self.files, self.fruits)
        given = {one.text: getattr(one.component, "values", None) or one.component.value for one in fields[2:]}
        await tell(interaction, line=self.line.component.value, page=self.page.component.value, **given)


class Switches(ui.Modal, title="Switches"):
    one = ui.Label(
        text="One of them",
        component=ui.RadioGroup(options=[discord.RadioGroupOption(label=f.title(), value=f) for f in FRUITS]),
    )
    some = ui.Label(
        text="Some of them",
        component=ui.CheckboxGroup(
            required=False,
            options=[
                discord.CheckboxGroupOption(label=f.title(), value=f, description=f"a ripe {f}", default=f == "plum")
                for f in FRUITS
            ],
        ),
    )
    yes = ui.Label(text="Yes or no", component=ui.Checkbox(default=True))
    role = ui.Label(text="Roles", component=ui.RoleSelect(max_values=3))
    channel = ui.Label(text="A channel", component=ui.ChannelSelect(required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await tell(
            interaction,
            one=self.one.component.value,
            some=self.some.component.values,
            yes=self.yes.component.value,
            role=self.role.component.values,
            channel=self.channel.component.values,
        )


class Sampler(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.5)
        self.tree = app_commands.CommandTree(self)
        for command in (options, complete, everything, mosaic, spoilers, files, form, switches, quota, inspect):
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        await self.tree.sync()


@app_commands.command(description="Every kind of option")
async def options(
    interaction: discord.Interaction,
    text: app_commands.Range[str, 2, 10],
    whole: app_commands.Range[int, 1, 5] | None = None,
    number: float | None = None,
    yes: bool | None = None,
    member: discord.Member | None = None,
    channel: discord.TextChannel | None = None,
    role: discord.Role | None = None,
    who: discord.Member | discord.Role | None = None,
    fruit: Literal["apple", "plum"] | None = None,
    level: Literal[1, 2, 3] | None = None,
    file: discord.Attachment | None = None,
) -> None:
    given = {"text": text, "whole": whole, "number": number, "yes": yes, "member": member, "channel": channel,
             "role": role, "who": who, "fruit": fruit, "level": level, "file": file}  # fmt: skip
    await tell(interaction, **{name: value for name, value in given.items() if value is not None})


@app_commands.command(description="An option that completes itself with numbers")
async def complete(interaction: discord.Interaction, amount: int) -> None:
    await tell(interaction, amount=amount)


@complete.autocomplete("amount")
async def amounts(_interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[int]]:
    return [
        app_commands.Choice(name=f"{one} credits", value=one) for one in (10, 100, 1000) if str(one).startswith(typed)
    ]


@app_commands.command(description="Every kind of component")
async def everything(interaction: discord.Interaction) -> None:
    attached = [discord.File(chart(), "chart.png"), discord.File(io.BytesIO(CSV.encode()), "usage.csv")]
    await interaction.response.send_message(view=Everything(interaction.user), files=attached)


@app_commands.command(description="So many pictures")
async def mosaic(interaction: discord.Interaction, pictures: int) -> None:
    names = [f"{number}.png" for number in range(pictures)]
    view = ui.LayoutView()
    view.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(f"attachment://{name}") for name in names)))
    await interaction.response.send_message(view=view, files=[discord.File(chart(), name) for name in names])


@app_commands.command(description="What is hidden until it is pressed")
async def spoilers(interaction: discord.Interaction) -> None:
    view = ui.LayoutView()
    view.add_item(ui.Container(ui.TextDisplay("a hidden card"), ui.ActionRow(Button(label="Hidden")), spoiler=True))
    view.add_item(ui.File("attachment://usage.csv", spoiler=True))
    await interaction.response.send_message(view=view, files=[discord.File(io.BytesIO(CSV.encode()), "usage.csv")])


@app_commands.command(description="Files of every kind, with an embed")
async def files(interaction: discord.Interaction) -> None:
    embed = discord.Embed(title="Usage", description="of **this** month", color=0x3BA55D).add_field(
        name="ada", value="4"
    )
    attached = [discord.File(io.BytesIO(CSV.encode()), "usage.csv"), discord.File(io.BytesIO(b"words\n"), "words.txt"),
                discord.File(chart(), "chart.png")]  # fmt: skip
    await interaction.response.send_message("The report", files=attached, embed=embed)


@app_commands.command(description="A modal with words and files")
async def form(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Words())


@app_commands.command(description="A modal with switches and lists")
async def switches(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Switches())


class Members(app_commands.Group, name="member", description="Of a member"):
    @app_commands.command(name="set", description="Set it")
    async def put(self, interaction: discord.Interaction, member: discord.Member, amount: int) -> None:
        await tell(interaction, member=member, amount=amount)


quota = app_commands.Group(
    name="quota", description="For admins", default_permissions=discord.Permissions(manage_guild=True)
)
quota.add_command(Members())


@app_commands.context_menu(name="Inspect")
async def inspect(interaction: discord.Interaction, message: discord.Message) -> None:
    await tell(interaction, files=[one.filename for one in message.attachments])


def main() -> None:
    if "DISCORD_TOKEN" in os.environ:
        discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
        Sampler().run(os.environ["DISCORD_TOKEN"], log_handler=None)
        return
    from sandbox.demo import demo  # noqa: PLC0415 - the bot itself needs nothing of it

    sys.exit(asyncio.run(demo([sys.executable, str(HERE)], None)))


if __name__ == "__main__":
    main()
