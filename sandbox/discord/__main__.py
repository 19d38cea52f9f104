"""`python -m sandbox.discord --port 0`: a local Discord. The first line printed is JSON: where it is, and its token."""

import sys

from sandbox.discord.server import LocalDiscord
from sandbox.serving import main

if __name__ == "__main__":
    sys.exit(main("A local Discord.", lambda options: [LocalDiscord(options.host, options.port)]))
