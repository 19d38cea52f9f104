"""`bot.py --check`: whether the bot can work with these settings; with `--spend`, whether the services are as it
expects.

program.py    the two checks in order, the question in between, the exit status
rows.py       what a check found, and how it is printed
free.py       settings, database, Discord, the API's key: costs nothing
network.py    what stands between this machine and a service; trouble.py: what the service's errors mean to the operator
knowledge.py  what is known of the service, and what follows for requests: pure
plan.py       what the live test makes, and what it costs: pure
live.py       the live test: opens what it needs, and keeps and tells what came of it
service.py    the SeeDream service: its models; ways.py: each way of sending; tasks.py: what is looked up; inbox.py: the
              web server for the one callback; spending.py: what it has cost; facts.py: what the bot relies on: pure
channel.py    a Discord channel
memory.py     what was learned, for the bot
recorder.py   the service's answers as they came; scrubbing.py: without what is nobody's business; samples.py: as files
"""

from check.program import FAILED, OK, UNANSWERED, Options, check

__all__ = ["FAILED", "OK", "UNANSWERED", "Options", "check"]
