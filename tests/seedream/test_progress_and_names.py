"""The command line's progress bar, and the names of the files that it saves."""

from __future__ import annotations

import io

import pytest

from seedream.cli.progress import Progress, bar
from seedream.cli.saving import prepare, slug
from seedream.cli.screen import Screen
from seedream.errors import InvalidRequest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_progress_on_a_terminal_is_one_line_drawn_again_and_wiped():
    terminal, now = Terminal(), iter([0.0, 5.0])
    with Screen(None, terminal) as screen:
        async with Progress(4, screen, lambda: next(now)) as progress:
            progress.advance()
            screen.say("hello")
    line = bar(1, 4, 5)
    wiped = f"\r{' ' * len(line)}\r"
    assert terminal.getvalue() == f"\r{line}{wiped}hello\n"


def test_a_bar_fills():
    assert bar(2, 4, 31) == "[############---->-------] 2/4  0:31"
    assert bar(9, 4, 605) == "[########################] 9/4  10:05"


def test_a_bar_of_one_picture_moves_while_it_is_made():
    assert len({bar(0, 1, tenths / 4).split()[0] for tenths in range(24)}) == 24


def test_a_slug_is_a_safe_file_name():
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("红色 狐狸!") == "红色-狐狸"
    assert slug("...") == "seedream"
    assert len(slug("word " * 100)) <= 40


@pytest.mark.parametrize(
    ("prompt", "encoding", "name"),
    [
        ("赤狐在雪中", "ascii", "seedream"),
        ("赤狐 fox", "latin-1", "fox"),
        ("ein Füchschen", "ascii", "ein-fuchschen"),
        ("ein Füchschen", "latin-1", "ein-füchschen"),
        ("5 µm", "latin-1", "5-m"),
        ("fox \ud83d in snow", "utf-8", "fox-in-snow"),
    ],
)
def test_a_slug_is_in_ascii_where_an_encoding_is_too_narrow(prompt, encoding, name):
    assert slug(prompt, "utf-8", encoding) == name


def test_an_unwritable_folder_is_refused_before_anything_is_paid(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidRequest, match="out"):
        prepare(tmp_path / "file" / "folder")
