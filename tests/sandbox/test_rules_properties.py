"""What holds for any input: the rules never raise, and let pass what discord.py and Discord's own description do."""

import discord
import pytest
from discord import app_commands, ui
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.discord.rules import Problems, check_choices, check_commands, check_message, check_modal
from tests import contract
from tests.sandbox.refusals import refused

PATH, WHY = contract.find()
described = pytest.mark.skipif(PATH is None, reason=WHY)
CONTRACT = contract.Contract.load(PATH) if PATH else None

# Time is no subject here, and a busy machine no fault.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

V2 = 32768
KINDS = ("create", "edit", "webhook", "callback", "defer", "update")

# Words and numbers that mean something to the rules, so that nonsense gets past the first check.
KEYS = (
    *("type", "id", "components", "content", "embeds", "flags", "attachments", "url", "media", "items", "custom_id"),
    *("style", "options", "choices", "name", "value", "label", "accessory", "component", "emoji", "description"),
    *("default_values", "min_values", "max_values", "allowed_mentions", "parse", "users", "poll", "question"),
    *("answers", "file", "title", "message_reference", "nonce", "fields", "timestamp", "name_localizations"),
    *("channel_types", "_errors"),
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 25) | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["attachment://a.png", "https://a.b/c", "http://[", "users", "go", "🎨", "de", V2])
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=40,
)
PAYLOADS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8) | JSON


def renders(problems):
    """Tell whether an answer is None, or a refusal with a body."""
    return problems is None or (isinstance(problems, Problems) and problems.body()["code"] > 0)


@calm
@given(PAYLOADS, st.sampled_from(KINDS))
def test_any_json_as_a_message_is_accepted_or_refused_and_never_raises(payload, kind):
    existing = {"flags": V2, "content": "", "components": [{"type": 10}], "attachments": []}
    assert renders(check_message(payload, files={0: "a.png"}, kind=kind))
    assert renders(check_message(payload, files={}, kind=kind, existing=existing))


@calm
@given(PAYLOADS)
def test_any_json_as_a_modal_is_accepted_or_refused_and_never_raises(payload):
    assert renders(check_modal(payload))


@calm
@given(PAYLOADS | st.lists(PAYLOADS, max_size=3))
def test_any_json_as_commands_or_choices_is_accepted_or_refused_and_never_raises(payload):
    assert renders(check_commands(payload))
    assert renders(check_choices(payload))


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Zs", "Cc", "Zl", "Zp")), min_size=1, max_size=20
)


def given_or_null(strategy):
    return st.none() | strategy


@st.composite
def trees(draw):
    """Draw the components of a right V2 message, each custom id of its own."""
    ids = iter(range(1000))

    def button():
        return {"type": 2, "style": draw(st.integers(1, 4)), "label": draw(words), "custom_id": f"b{next(ids)}"}

    def select():
        values = draw(st.lists(words, min_size=1, max_size=5, unique=True))
        options = [{"label": value, "value": value} for value in values]
        return {
            "type": 3,
            "custom_id": f"s{next(ids)}",
            "options": options,
            "max_values": draw(st.integers(1, len(values))),
        }

    def row():
        inside = [select()] if draw(st.booleans()) else [button() for _ in range(draw(st.integers(1, 3)))]
        return {"type": 1, "components": inside}

    def text():
        return {"type": 10, "content": draw(words)}

    def medium():
        url = draw(st.sampled_from(["attachment://a.png", "https://a.b/c.png"]))
        return {
            "media": {"url": url},
            "description": draw(given_or_null(words)),
            "spoiler": draw(given_or_null(st.booleans())),
        }

    def section():
        accessory = button() if draw(st.booleans()) else {"type": 11, **medium()}
        return {"type": 9, "components": [text() for _ in range(draw(st.integers(1, 3)))], "accessory": accessory}

    def gallery():
        return {"type": 12, "items": [medium() for _ in range(draw(st.integers(1, 3)))]}

    def separator():
        return {"type": 14, "spacing": draw(given_or_null(st.integers(1, 2)))}

    leaves = (row, text, section, gallery, separator)

    def container():
        inside = [draw(st.sampled_from(leaves))() for _ in range(draw(st.integers(1, 3)))]
        return {"type": 17, "components": inside, "accent_color": draw(given_or_null(st.integers(0, 0xFFFFFF)))}

    return [draw(st.sampled_from((*leaves, container)))() for _ in range(draw(st.integers(1, 3)))]


@st.composite
def embeds(draw):
    fields = st.fixed_dictionaries({"name": words, "value": words, "inline": st.booleans()})
    return {
        "title": draw(words),
        "description": draw(given_or_null(words)),
        "color": draw(given_or_null(st.integers(0, 0xFFFFFF))),
        "fields": draw(st.lists(fields, max_size=3)),
        "footer": draw(given_or_null(st.fixed_dictionaries({"text": words}))),
        "image": draw(given_or_null(st.just({"url": "https://a.b/c.png"}))),
    }


@described
@calm
@given(trees())
def test_a_valid_v2_message_passes_the_rules_and_discords_schema(components):
    message = {"flags": V2, "components": components, "attachments": [{"id": "0", "filename": "a.png"}]}
    assert refused(check_message(message, files={0: "a.png"}, kind="callback")) == []
    assert CONTRACT.check_request("POST", "/channels/1/messages", message) == []
    assert CONTRACT.check_request("POST", "/interactions/1/t/callback", {"type": 4, "data": message}) == []


@described
@calm
@given(st.lists(embeds(), min_size=1, max_size=3), given_or_null(words))
def test_a_valid_message_with_embeds_passes_the_rules_and_discords_schema(parts, content):
    message = {"content": content, "embeds": parts, "allowed_mentions": {"parse": [], "users": [1]}}
    assert refused(check_message(message, files={}, kind="create")) == []
    assert CONTRACT.check_request("POST", "/channels/1/messages", message) == []


def places(value, path=()):
    """List the paths of all values inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


def replaced(value, path, other):
    """Copy a JSON value with the part at `path` replaced."""
    if not path:
        return other
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], other)
    return copied


@calm
@given(st.data(), trees(), embeds(), st.sampled_from(KINDS))
def test_a_message_with_one_invalid_value_is_refused_in_the_form_of_discords_schema(data, components, embed, kind):
    message = {"flags": V2, "components": components, "embeds": [embed], "attachments": [{"id": "0"}]}
    spoilt = replaced(message, data.draw(st.sampled_from(places(message))), data.draw(JSON))
    problems = check_message(spoilt, files={0: "a.png"}, kind=kind)
    assert renders(problems)
    if problems and CONTRACT:
        assert CONTRACT.check_answer("POST", "/channels/1/messages", problems.status, problems.body()) == []


class Result(ui.LayoutView):
    """A view of every component that discord.py has for a message."""

    box = ui.Container(
        ui.TextDisplay("# A picture"),
        ui.Section("one", "two", accessory=ui.Thumbnail("attachment://a.png", description="alt")),
        ui.Separator(spacing=discord.SeparatorSpacing.large),
        ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png", description="alt", spoiler=True)),
        ui.File("attachment://a.png"),
        accent_color=discord.Color.blurple(),
    )
    row = ui.ActionRow()
    picks = ui.ActionRow(ui.UserSelect(custom_id="who"))

    @row.button(label="Again", emoji="🔁", custom_id="again")
    async def again(self, interaction, button): ...

    @row.button(style=discord.ButtonStyle.danger, emoji="<:cat:123456789012345678>", custom_id="stop")
    async def stop_it(self, interaction, button): ...


class Question(ui.Modal, title="Edit image"):
    prompt = ui.Label(text="Prompt", description="What to change", component=ui.TextInput(style=discord.TextStyle.long))
    picture = ui.Label(text="Picture", component=ui.FileUpload(max_values=3, required=False))
    size = ui.Label(
        text="Size", component=ui.Select(options=[discord.SelectOption(label="2K"), discord.SelectOption(label="4K")])
    )
    note = ui.TextDisplay("It takes a minute.")


@app_commands.command()
@app_commands.describe(prompt="What to paint", seed="The same again")
@app_commands.choices(size=[app_commands.Choice(name="2K", value="2K")])
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.default_permissions(manage_guild=True)
async def imagine(
    interaction: discord.Interaction,
    prompt: app_commands.Range[str, 1, 2000],
    size: str = "2K",
    seed: app_commands.Range[int, -1, 2147483647] = -1,
    strength: app_commands.Range[float, 1.0, 10.0] = 2.5,
    reference: discord.Attachment | None = None,
    where: discord.TextChannel | None = None,
): ...


@app_commands.context_menu(name="Edit image")
async def edit_image(interaction: discord.Interaction, message: discord.Message): ...


def command_tree():
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    group = app_commands.Group(name="quota", description="Quotas")
    group.add_command(app_commands.Command(name="show", description="Show it", callback=_show))
    for command in (imagine, edit_image, group):
        tree.add_command(command)
    return tree


async def _show(interaction: discord.Interaction): ...


@described
async def test_a_view_of_discord_py_passes_the_rules_and_discords_schema():
    message = {"flags": V2, "components": Result().to_components(), "attachments": [{"id": 0, "filename": "a.png"}]}
    assert refused(check_message(message, files={0: "a.png"}, kind="callback")) == []
    assert CONTRACT.check_request("POST", "/interactions/1/t/callback", {"type": 4, "data": message}) == []


@described
async def test_a_modal_of_discord_py_passes_the_rules_and_discords_schema():
    data = Question().to_dict()
    assert refused(check_modal(data)) == []
    assert CONTRACT.check_request("POST", "/interactions/1/t/callback", {"type": 9, "data": data}) == []


@described
async def test_a_command_tree_of_discord_py_passes_the_rules_and_discords_schema():
    tree = command_tree()
    commands = [command.to_dict(tree) for command in tree.get_commands()]
    assert [command["name"] for command in commands] == ["imagine", "quota", "Edit image"]
    assert refused(check_commands(commands)) == []
    assert CONTRACT.check_request("PUT", "/applications/1/commands", commands) == []
