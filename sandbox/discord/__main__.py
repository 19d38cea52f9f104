"""`python -m sandbox.discord --port 0`: runs a local Discord. The first line printed is JSON: URLs and token."""

import sys

from sandbox.discord.server import LocalDiscord
from sandbox.serving import parser, run

if __name__ == "__main__":
    arguments = parser("A local Discord.").parse_args()
    sys.exit(run(LocalDiscord(arguments.host, arguments.port)))
