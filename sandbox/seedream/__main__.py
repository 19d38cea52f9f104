"""`python -m sandbox.seedream --port 0`: runs a local SeeDream. The first line printed is JSON: its URL and key."""

import sys

from sandbox.seedream.errors import LocalApiError
from sandbox.seedream.server import LocalSeeDream
from sandbox.serving import add_pace, pace_of, parser, run

if __name__ == "__main__":
    options = parser("A local SeeDream Images API.")
    add_pace(options)
    arguments = options.parse_args()
    try:
        api = LocalSeeDream(arguments.host, arguments.port, **pace_of(arguments))
    except LocalApiError as problem:
        options.error(problem.message)
    sys.exit(run(api))
