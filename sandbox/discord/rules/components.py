"""The component tree of a message. Source: Discord, "Component Reference"."""

from collections import Counter

from sandbox.discord.rules.filenames import SCHEME, cleansed
from sandbox.discord.rules.interactive import BUTTON, SELECTS, Check, Seen, check_button, check_select
from sandbox.discord.rules.node import LONGEST_URL, WEB, Node, quoted

ACTION_ROW, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 9, 10, 11, 12, 13, 14, 17

IN_CONTAINER = (ACTION_ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
TOP_LEVEL = (*IN_CONTAINER, CONTAINER)
TOP_LEVEL_LEGACY = (ACTION_ROW,)
IN_ROW = (BUTTON, *SELECTS)

MOST_COMPONENTS = 40
MOST_CHARACTERS = 4000
MOST_ROWS = 5
ROW_WIDTH = 5
MOST_SECTION_TEXTS = 3
MOST_GALLERY_ITEMS = 10
LONGEST_DESCRIPTION = 1024
LARGEST_COLOR = 0xFFFFFF
SPACINGS = (1, 2)
ATTACHMENT = "attachment"


def check_components(message: Node, files: Counter[str], *, v2: bool) -> None:
    """Check the `components` of a message; `files` counts the names that `attachment://` may refer to."""
    seen = Seen(files)
    allowed, most = (TOP_LEVEL, MOST_COMPONENTS) if v2 else (TOP_LEVEL_LEGACY, MOST_ROWS)
    for node in message.children("components", 0, most):
        _visit(node, allowed, seen)
    if v2 and seen.components > MOST_COMPONENTS:
        text = f"Total number of components cannot exceed {MOST_COMPONENTS}"
        message.fail("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text, "components")
    if seen.characters > MOST_CHARACTERS:
        text = f"Components displayable text size exceeds maximum size of {MOST_CHARACTERS}"
        message.fail("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text, "components")


def check_text(node: Node, seen: Seen) -> None:
    """Check a text display and count its characters in."""
    content = node.text("content", 1, MOST_CHARACTERS, required=True)
    seen.characters += len(content or "")


def _visit(node: Node, allowed: tuple[int, ...], seen: Seen) -> None:
    seen.visit(node, allowed, CHECKS)


def _check_row(row: Node, seen: Seen) -> None:
    """Check an action row: five units wide; a button takes one, a select all of it."""
    width = 0
    for node in row.children("components", 1, ROW_WIDTH, required=True):
        _visit(node, IN_ROW, seen)
        width += 1 if node.value.get("type") == BUTTON else ROW_WIDTH
        if width > ROW_WIDTH:
            message = "The specified component exceeds the maximum width"
            node.fail("COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _check_section(node: Node, seen: Seen) -> None:
    for text in node.children("components", 1, MOST_SECTION_TEXTS, required=True):
        _visit(text, (TEXT,), seen)
    if accessory := node.child("accessory", required=True):
        _visit(accessory, (BUTTON, THUMBNAIL), seen)


def _check_container(node: Node, seen: Seen) -> None:
    node.integer("accent_color", 0, LARGEST_COLOR)
    node.boolean("spoiler")
    for child in node.children("components", 1, MOST_COMPONENTS, required=True):
        _visit(child, IN_CONTAINER, seen)


def _check_gallery(node: Node, seen: Seen) -> None:
    for item in node.children("items", 1, MOST_GALLERY_ITEMS, required=True):
        _check_media(item, "media", (*WEB, ATTACHMENT), seen)


def _check_thumbnail(node: Node, seen: Seen) -> None:
    _check_media(node, "media", (*WEB, ATTACHMENT), seen)


def _check_file(node: Node, seen: Seen) -> None:
    _check_media(node, "file", (ATTACHMENT,), seen)


def _check_media(node: Node, key: str, schemes: tuple[str, ...], seen: Seen) -> None:
    """Check a shown medium: where it is, its alt text, whether it is veiled."""
    node.text("description", 1, LONGEST_DESCRIPTION)
    node.boolean("spoiler")
    media = node.child(key, required=True)
    if media is None:
        return
    url = media.value.get("url")
    if isinstance(url, str) and url.startswith(SCHEME) and len(url) <= LONGEST_URL:
        _check_reference(media, url, seen)
    else:
        media.url("url", schemes, required=True)


def _check_reference(media: Node, url: str, seen: Seen) -> None:
    """Check that exactly one file has the name. Source of the first refusal: api-docs #7754.

    No source says which of two files with one name is shown, so that is refused: nobody should depend on it.
    """
    number = seen.files[cleansed(url.removeprefix(SCHEME))]
    if number == 0:
        message = f'The referenced attachment ("{quoted(url)}") was not found'
        media.fail("UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message, "url")
    elif number > 1:
        message = f'The referenced attachment ("{quoted(url)}") is ambiguous'
        media.fail("UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_AMBIGUOUS", message, "url")


def _check_separator(node: Node, _seen: Seen) -> None:
    node.boolean("divider")
    node.choice("spacing", SPACINGS)


CHECKS: dict[int, Check] = {
    ACTION_ROW: _check_row,
    BUTTON: check_button,
    SECTION: _check_section,
    TEXT: check_text,
    THUMBNAIL: _check_thumbnail,
    GALLERY: _check_gallery,
    FILE: _check_file,
    SEPARATOR: _check_separator,
    CONTAINER: _check_container,
    **dict.fromkeys(SELECTS, check_select),
}
