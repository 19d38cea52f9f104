"""The real bot with a shorter patience: who waits for a dead process waits seconds here, not minutes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from studio.jobs import recovery, task_results

recovery.LEASE_SECONDS = 2.0
recovery.BEAT_SECONDS = 0.4
recovery.ROUND_SECONDS = 1.0
recovery.CALLBACKS_SECONDS = 0.2
recovery.POSTING_SECONDS = 5.0
task_results.CALLBACK_LATE_SECONDS = 1.5
task_results.CALLBACK_PATIENCE_SECONDS = 6.0

import bot  # noqa: E402 - it reads them when it is put together

sys.exit(bot.main())
