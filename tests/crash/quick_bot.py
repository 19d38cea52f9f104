"""The real bot with a shorter patience: who waits for a dead process waits seconds here, not minutes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from studio import outcomes, reconciler

reconciler.LEASE_SECONDS = 2.0
reconciler.BEAT_SECONDS = 0.4
reconciler.ROUND_SECONDS = 1.0
reconciler.LETTERS_SECONDS = 0.2
reconciler.POSTING_SECONDS = 5.0
outcomes.CALLBACK_LATE_SECONDS = 1.5
outcomes.CALLBACK_PATIENCE_SECONDS = 6.0

import bot  # noqa: E402 - it reads them when it is put together

sys.exit(bot.main())
