"""Where a report is written: whole or not at all, and what is no file stays what it is."""

import os
import threading

import pytest

from govern_mirror.errors import InputError
from govern_mirror.report.output import atomic_write


def test_a_report_that_fails_leaves_the_one_that_was_there(tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(b"the last one")
    with pytest.raises(ZeroDivisionError), atomic_write(path) as stream:
        stream.write(b"half of")
        raise ZeroDivisionError
    assert path.read_bytes() == b"the last one" and list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    with atomic_write(path) as stream:
        stream.write(b"a report")
    reader.join(10)
    assert read == [b"a report"] and path.is_fifo()


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "latest.json"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_write(link) as stream:
        stream.write(b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"


def test_a_folder_is_refused_before_the_work(tmp_path):
    with pytest.raises(InputError, match="choose another path"), atomic_write(tmp_path):
        raise AssertionError("nothing may begin")
