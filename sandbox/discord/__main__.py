"""`python -m sandbox.discord --port 0`: a local Discord. The first line printed is JSON: where it is, and its token."""

import sys

from sandbox.discord.server import LocalDiscord
from sandbox.serving import parser, run

if __name__ == "__main__":
    given = parser("A local Discord.").parse_args()
    sys.exit(run(LocalDiscord(given.host, given.port)))
