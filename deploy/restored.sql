-- Run once in a restored database, before the bot starts: docs/operating.md has the command.
-- Jobs that were under way at the time of the backup have ended since. Without the first two statements, the bot would make
-- those that were waiting again, at your cost, and mark the others in their messages as expired or interrupted.
UPDATE jobs SET state = 'cancelled', settled = true, shown_version = version, finished_at = created_at
    WHERE state IN ('queued', 'running');
UPDATE charges SET settled = true, images = 0, from_grants = 0 WHERE NOT settled;
-- So that the commands are registered again.
DELETE FROM synced_commands;
