"""What Discord refuses, in Discord's own words: pure checks of what a bot sends.

Each check takes decoded JSON as it came, and answers `None` when Discord would accept it, or the `Problems`
whose `body()` is Discord's answer. Shapes, lengths and codes follow Discord's documentation and OpenAPI
description, and error bodies that its users quote; where only the rule is documented, not its code, the code
is a likely one of the same family.
"""

from sandbox.discord.rules.commands import check_choices, check_command, check_commands
from sandbox.discord.rules.messages import Kind, check_message, check_sizes
from sandbox.discord.rules.modals import check_modal
from sandbox.discord.rules.problems import Problem, Problems
from sandbox.discord.rules.threads import check_thread

__all__ = [
    "Kind",
    "Problem",
    "Problems",
    "check_choices",
    "check_command",
    "check_commands",
    "check_message",
    "check_modal",
    "check_sizes",
    "check_thread",
]
