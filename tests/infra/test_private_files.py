"""Files of earlier versions, which every user of the machine could read."""

from __future__ import annotations

import os

import pytest

from infra.private_files import make_private


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture
def database(tmp_path):
    (tmp_path / "spool").mkdir()
    for name in ("bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock", "notes.txt", "spool/job-0.png"):
        (tmp_path / name).write_bytes(b"secret words")
        (tmp_path / name).chmod(0o664)
    (tmp_path / "spool").chmod(0o775)
    tmp_path.chmod(0o755)
    return tmp_path / "bot.db"


def test_they_become_private_which_is_logged_once(database, caplog):
    folder = database.parent
    for _ in range(2):
        make_private(database, folder / "spool")
    modes = {name: mode(folder / name) for name in ("bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock")}
    assert set(modes.values()) == {0o600}
    assert (mode(folder / "spool"), mode(folder / "spool/job-0.png")) == (0o700, 0o600)
    (line,) = caplog.messages
    assert str(database) in line
    assert line.endswith("and 1 more")


def test_what_is_not_the_bots_keeps_its_mode(database):
    make_private(database, database.parent / "spool")
    assert (mode(database.parent / "notes.txt"), mode(database.parent)) == (0o664, 0o755)


def test_a_link_in_the_spool_leads_to_no_other_file(database):
    (database.parent / "spool" / "link").symlink_to(database.parent / "notes.txt")
    make_private(database, database.parent / "spool")
    assert mode(database.parent / "notes.txt") == 0o664


def test_a_device_keeps_its_mode(tmp_path, caplog):
    """Who names /dev/null as the database must not take it from all other programs."""
    os.mkfifo(tmp_path / "device")
    (tmp_path / "device").chmod(0o666)
    (tmp_path / "bot.db").symlink_to("device")
    for name in ("device", "bot.db"):
        make_private(tmp_path / name, tmp_path / "spool")
    assert mode(tmp_path / "device") == 0o666
    assert not caplog.messages


def test_nothing_is_said_where_there_is_nothing_yet(tmp_path, caplog):
    make_private(tmp_path / "bot.db", tmp_path / "spool")
    make_private(None, tmp_path / "spool")
    assert not caplog.messages
    assert not list(tmp_path.iterdir())
