"""`python -m sandbox --port 0`: runs both local services and their page. The first line printed is JSON."""

import sys

from sandbox.discord.server import LocalDiscord
from sandbox.page.server import LocalPage
from sandbox.seedream.server import LocalSeeDream
from sandbox.serving import add_pace, pace_of, parser, run

if __name__ == "__main__":
    options = parser("A local SeeDream and a local Discord.", port="of the local Discord; SeeDream takes a free one")
    add_pace(options)
    arguments = options.parse_args()
    seedream, discord = (
        LocalSeeDream(arguments.host, 0, **pace_of(arguments)),
        LocalDiscord(arguments.host, arguments.port),
    )
    sys.exit(run(seedream, discord, LocalPage(discord, seedream, arguments.host)))
