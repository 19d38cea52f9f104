"""`bot.py --check`: tests whether the bot can work with these settings; `--spend` also tests the real services.

command.py            runs both, asks before money is spent, returns the exit status
results.py            the result of one check, and how results are printed
storage.py            the database and the folder for pictures in transit
free_checks.py        settings, Discord, network and API key: everything that costs nothing
network.py            problems between this machine and a service: DNS, proxies, web pages in place of answers
machine.py            what the bot needs of this machine: its port, its public address
error_advice.py       what the operator can do about an error of the SeeDream service
service_knowledge.py  what is known of the service, and what follows for requests: pure
live.py               the live test: opens what it needs, reports and stores what it found
plan.py               the images that the live test makes, and their cost: pure
service.py            the live test of the SeeDream service
deliveries.py         one image by each way of delivery
tasks.py              looking up tasks
callback_listener.py  the web server that waits for one callback
channel.py            the live test of a Discord channel
expectations.py       what the bot relies on, compared with what the service did: pure
spending.py           what the live test has cost so far
findings.py           what the live test has found so far
findings_store.py     stores the findings for the bot
recorder.py           records the service's answers
scrubbing.py          removes private data from recorded answers
samples.py            writes recorded answers as files
"""

from check.command import FAILED, OK, UNANSWERED, Options, check

__all__ = ["FAILED", "OK", "UNANSWERED", "Options", "check"]
