"""The embeds of a message. Source: Discord, "Message Resource", Embed RateLimits."""

from sandbox.discord.rules.node import WEB, Node

MOST_EMBEDS = 10
MOST_CHARACTERS = 6000
MOST_FIELDS = 25
LONGEST_TITLE = 256
LONGEST_DESCRIPTION = 4096
LONGEST_FIELD_VALUE = 1024
LONGEST_FOOTER = 2048
LARGEST_COLOR = 0xFFFFFF
IMAGE_SCHEMES = (*WEB, "attachment")
VISIBLE = ("title", "description", "fields", "author", "footer", "image", "thumbnail")


def check_embeds(message: Node) -> None:
    """Check the `embeds` of a message, each by itself and their text in all."""
    characters = sum(_check_embed(embed) for embed in message.children("embeds", 0, MOST_EMBEDS))
    if characters > MOST_CHARACTERS:
        text = f"Embed size exceeds maximum size of {MOST_CHARACTERS}"
        message.fail("MAX_EMBED_SIZE_EXCEEDED", text, "embeds")


def _check_embed(embed: Node) -> int:
    """Check one embed and count the characters that it adds to the message's total."""
    if not any(embed.value.get(key) for key in VISIBLE):
        embed.fail("BASE_TYPE_REQUIRED", "This field is required", "description")
    embed.url("url")
    embed.integer("color", 0, LARGEST_COLOR)
    embed.time("timestamp")
    for key in ("image", "thumbnail"):
        if image := embed.child(key):
            image.url("url", IMAGE_SCHEMES)
    title = embed.text("title", 0, LONGEST_TITLE)
    description = embed.text("description", 0, LONGEST_DESCRIPTION)
    counted = len(title or "") + len(description or "")
    counted += _check_signed(embed, "author", "name", LONGEST_TITLE)
    counted += _check_signed(embed, "footer", "text", LONGEST_FOOTER)
    return counted + sum(map(_check_field, embed.children("fields", 0, MOST_FIELDS)))


def _check_signed(embed: Node, key: str, label: str, most: int) -> int:
    """Check the author or the footer: a text with an icon."""
    node = embed.child(key)
    if node is None:
        return 0
    node.url("url")
    node.url("icon_url", IMAGE_SCHEMES)
    return len(node.text(label, 0, most) or "")


def _check_field(field: Node) -> int:
    field.boolean("inline")
    counted = 0
    for key, most in (("name", LONGEST_TITLE), ("value", LONGEST_FIELD_VALUE)):
        text = field.text(key, 0, most, required=True)
        if text == "":
            field.fail("BASE_TYPE_REQUIRED", "This field is required", key)
        counted += len(text or "")
    return counted
