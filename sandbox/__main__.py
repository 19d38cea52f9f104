"""`python -m sandbox --port 0`: a local SeeDream and a local Discord. The first line printed is JSON: where."""

import sys

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from sandbox.serving import main

if __name__ == "__main__":
    sys.exit(
        main(
            "A local SeeDream and a local Discord.",
            lambda options: [
                LocalSeeDream(options.host, 0, delay=options.delay),
                LocalDiscord(options.host, options.port),
            ],
        )
    )
