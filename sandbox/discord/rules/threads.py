"""A thread as it is started or changed. Source: API reference, "Start Thread without Message", "Modify Channel"."""

from sandbox.discord.rules.node import Node
from sandbox.discord.rules.problems import Problem, Problems, invalid_form, not_an_object

LONGEST_NAME = 100
DURATIONS = (60, 1440, 4320, 10080)
TYPES = (10, 11, 12)
LONGEST_SLOWMODE = 21600
MOST_TAGS = 5


def check_thread(payload: object, *, new: bool = True) -> Problems | None:
    """Check a thread's fields; a new one needs a name. What a forum's `message` holds is judged as a message."""
    if not isinstance(payload, dict):
        return invalid_form([not_an_object()])
    problems: list[Problem] = []
    node = Node(payload, (), problems)
    node.text("name", 1, LONGEST_NAME, required=new)
    node.choice("auto_archive_duration", DURATIONS)
    node.choice("type", TYPES)
    node.integer("rate_limit_per_user", 0, LONGEST_SLOWMODE)
    node.snowflakes("applied_tags", MOST_TAGS)
    node.child("message")
    for key in ("archived", "locked", "invitable"):
        node.boolean(key)
    return invalid_form(problems)
