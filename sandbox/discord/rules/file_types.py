"""Which files an option or an upload takes: `file_types`. Source: Discord API reference, "File Type Filtering"."""

import re

from sandbox.discord.rules.node import Node, quoted

MOST_FILE_TYPES = 10
GROUPS = {
    "image": (".png", ".gif", ".jpg", ".jpeg", ".jfif", ".webp", ".avif"),
    "video": (".mp4", ".mov", ".qt", ".webm"),
    "audio": (".mp3", ".m4a", ".wav", ".ogg", ".opus", ".flac"),
}
EXTENSION = re.compile(r"\.[A-Za-z0-9]+")


def check_file_types(node: Node) -> None:
    """Check the file types that something is restricted to: groups by name, and extensions with their dot."""
    for index, value in enumerate(node.items("file_types", 0, MOST_FILE_TYPES)):
        if not isinstance(value, str) or (value not in GROUPS and not EXTENSION.fullmatch(value)):
            message = f'"{quoted(value)}" is neither a file type group nor a file extension.'
            node.fail("FILE_TYPE_INVALID", message, "file_types", index)


def takes(file_types: list[str] | None, name: str) -> bool:
    """Tell whether a file of this name is taken; only its extension counts, not what is in it."""
    extensions = [extension for value in file_types or () for extension in GROUPS.get(value, (value.lower(),))]
    return not extensions or f".{name.rpartition('.')[2].lower()}" in extensions
