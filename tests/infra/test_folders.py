"""Folders that the bot can't work with, each named in a line with what to do."""

from __future__ import annotations

import errno
import os

import pytest

from infra import folders
from infra.db.engine import try_file
from infra.folders import FolderError, explain_refusal, try_folder
from infra.images.spool_health import SpoolHealth
from tests.support.disks import mounted, needs_mounts

as_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to be another user")


def test_a_folder_that_is_not_there_is_created_and_nothing_is_left_in_it(tmp_path):
    try_folder(tmp_path / "data" / "spool", locks=True)
    assert list((tmp_path / "data" / "spool").iterdir()) == []


@pytest.fixture
def another_user(tmp_path):
    """The user 10001, while the test lasts."""
    for above in (tmp_path, *tmp_path.parents[:3]):
        above.chmod(0o711)
    os.seteuid(10001)
    yield
    os.seteuid(0)


@as_root
@pytest.mark.usefixtures("another_user")
@pytest.mark.parametrize("name", ["", "data"], ids=["there", "in one that is"])
def test_a_folder_of_another_user_is_named_with_both_users_and_the_command(tmp_path, name):
    with pytest.raises(FolderError) as caught:
        try_folder(tmp_path / name)
    line = caught.value.strerror
    assert f"{tmp_path} can't be written to: it belongs to user 0, and the bot runs as user 10001" in line
    assert "chown -R 10001:" in line
    assert f" {tmp_path} " in line


@as_root
@pytest.mark.usefixtures("another_user")
def test_a_folder_that_the_user_may_not_enter_is_not_to_be_given_away(tmp_path):
    os.seteuid(0)
    tmp_path.chmod(0o700)
    os.seteuid(10001)
    with pytest.raises(FolderError) as caught:
        try_folder(tmp_path / "data" / "spool")
    line = caught.value.strerror
    assert f"{tmp_path} can't be entered: it belongs to user 0, and the bot runs as user 10001" in line
    assert f"chown :{os.getegid()} {tmp_path} && chmod g+x {tmp_path}" in line
    assert "chown -R" not in line
    assert "o+x" not in line


@as_root
@pytest.mark.usefixtures("another_user")
@pytest.mark.parametrize(
    ("owner", "mode", "remedy"),
    [
        (10001, 0o500, "chmod u+rwx "),
        (10001, 0o300, "chmod u+rwx "),
        (10001, 0o600, "chmod u+rwx "),
        (10001, 0o077, "chmod u+rwx "),
        (0, 0o770, "chown -R 10001:"),
        (0, 0o700, "chown -R 10001:"),
        (0, 0o755, "chown -R 10001:"),
    ],
)
def test_what_to_change_of_a_folder_is_its_mode_or_its_owner_but_never_for_everybody(tmp_path, owner, mode, remedy):
    folder = tmp_path / "my data"
    os.seteuid(0)
    folder.mkdir()
    os.chown(folder, owner, 12345)
    folder.chmod(mode)
    os.seteuid(10001)
    line = explain_refusal(folder, OSError(errno.EACCES, ""))
    assert f"Run: {remedy}" in line
    assert f"'{folder}'" in line
    assert "o+" not in line
    assert "belongs to user 10001" not in line


@as_root
@pytest.mark.usefixtures("another_user")
@pytest.mark.parametrize(("owner", "mode"), [(10001, 0o700), (0, 0o777)])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_folder_that_is_refused_though_its_mode_is_right_is_not_to_be_given_to_anybody(tmp_path, owner, mode, number):
    os.seteuid(0)
    os.chown(tmp_path, owner, 0)
    tmp_path.chmod(mode)
    os.seteuid(10001)
    line = explain_refusal(tmp_path, OSError(number, ""))
    assert all(word in line for word in ("SELinux", ":Z", f"chattr -i {tmp_path}", f"getfacl {tmp_path}"))
    assert "chown" not in line
    assert "chmod" not in line


@as_root
@pytest.mark.usefixtures("another_user")
def test_a_file_of_ones_own_that_is_read_only_needs_a_mode(tmp_path):
    os.seteuid(0)
    file = tmp_path / "bot.db"
    file.touch(0o400)
    os.chown(file, 10001, 0)
    tmp_path.chmod(0o777)
    os.seteuid(10001)
    with pytest.raises(FolderError, match=f"chmod u.rw {file}"):
        try_folder(tmp_path, files=[file])


PATHS = {
    "a file": (lambda data: data.touch(), "data", "is a file, but must be a folder. Move the file away"),
    "below a file": (lambda data: data.touch(), "data/spool", "is a file, but must be a folder. Move the file away"),
    "a link to nothing": (lambda data: data.symlink_to("gone"), "data", "is a link to gone, which isn't a folder"),
    "below such a link": (lambda data: data.symlink_to("gone"), "data/spool", "is a link to gone, which isn't"),
    "a link to itself": (lambda data: data.symlink_to(data), "data", "is a link that leads back to itself"),
    "below that": (lambda data: data.symlink_to(data), "data/spool", "is a link that leads back to itself"),
    "a long name": (lambda _: None, "d" * 300, "its name is too long"),
}


@pytest.mark.parametrize(("make", "name", "words"), PATHS.values(), ids=PATHS)
def test_a_path_that_can_be_no_folder_is_named_with_the_part_that_is_wrong(tmp_path, make, name, words):
    make(tmp_path / "data")
    with pytest.raises(FolderError) as caught:
        try_folder(tmp_path / name)
    assert words in caught.value.strerror
    assert ". " in caught.value.strerror
    assert name.startswith("d" * 300) or caught.value.strerror.startswith(f"{tmp_path}/data is")


@needs_mounts
def test_a_disk_without_room_for_more_files_is_not_called_full(tmp_path):
    with mounted(tmp_path, "size=1m,nr_inodes=3"):
        for name in "ab":
            (tmp_path / name).touch()
        with pytest.raises(FolderError, match=f"as many files as it can.*df -i {tmp_path}"):
            try_folder(tmp_path)


@needs_mounts
def test_a_full_disk_and_a_read_only_one_are_told_apart(tmp_path):
    with mounted(tmp_path, "size=64k"):
        (tmp_path / "large").write_bytes(bytes(64 * 1024))
        with pytest.raises(FolderError, match="the disk is full"):
            try_folder(tmp_path)
    with mounted(tmp_path, "ro"), pytest.raises(FolderError, match="read-only file system"):
        try_folder(tmp_path)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EDQUOT, "the disk quota is used up. Free some space"),
        (errno.EROFS, "is on a read-only file system. Mount it writable"),
        (errno.EIO, "can't be written to: Input/output error. The disk fails"),
        (errno.ESTALE, "mount it again"),
        (errno.ENOTCONN, "mount it again"),
        (errno.EHOSTDOWN, "mount it again"),
        (errno.EMFILE, "LimitNOFILE"),
        (errno.ENOMEM, "more memory"),
        (errno.EBUSY, "Use another folder"),
    ],
)
def test_each_refusal_of_the_system_has_its_remedy(tmp_path, number, words):
    line = explain_refusal(tmp_path / "spool", OSError(number, os.strerror(number)))
    assert line.startswith(str(tmp_path))
    assert words in line


def test_a_folder_without_locks_is_called_a_network_drive(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.lockf", refused)
    try_folder(tmp_path)
    with pytest.raises(FolderError, match=r"can't be locked.*network drive"):
        try_folder(tmp_path, locks=True)


def test_a_folder_that_hangs_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "TEST_SECONDS", 0.2)
    pipe_read, pipe_write = os.pipe()
    monkeypatch.setattr("os.fsync", lambda _: os.read(pipe_read, 1))
    with pytest.raises(FolderError, match=r"doesn't answer within 0\.2 s.*network drive"):
        try_folder(tmp_path)
    os.write(pipe_write, b"x")


async def test_the_spool_is_watched_and_what_changes_is_logged_once(tmp_path, caplog):
    folder = tmp_path / "spool"
    health = SpoolHealth(folder)
    assert await health.probe()
    folder.rmdir()
    folder.write_text("a file in its place")
    assert [await health.probe() for _ in range(3)] == [False] * 3
    assert caplog.text.count("Results are only linked") == 1
    folder.unlink()
    assert await health.probe()
    assert caplog.text.count("can be kept in") == 1


@pytest.mark.parametrize("name", ["bot.db", "bot.db-wal", "bot.db.lock"])
def test_a_folder_where_the_database_should_be_is_named_with_how_it_came_there(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(FolderError) as caught:
        try_file(tmp_path / "bot.db")
    assert f"{name} is a folder, but must be a file" in caught.value.strerror
    assert "Docker creates a folder" in caught.value.strerror
