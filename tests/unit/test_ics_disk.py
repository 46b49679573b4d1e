"""Files on the disk while they are written: locked, linked, changed by others, and cut short by a crash."""

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import agendad
from agendad.providers import icsdisk
from agendad.providers.base import Cancel, RestoreTo, Window
from agendad.providers.errors import ChangeRefused, PreconditionFailed
from agendad.providers.icsfolder import IcsFolderProvider

YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
CANCEL = Cancel(mark="key", at=datetime(2026, 5, 1, tzinfo=UTC))
TEXT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260601T100000Z\r\nSUMMARY:Mentoring\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def file(tmp_path):
    folder = tmp_path / "calendars"
    folder.mkdir()
    path = folder / "a.ics"
    path.write_text(TEXT, newline="")
    return path


@pytest.fixture
def provider(file):
    return IcsFolderProvider("home", file.parent, writable=True)


def read(provider):
    (event,) = (event for page in provider.changes(".", None, YEAR) for event in page.events)
    return event


def test_mode_and_owner_stay_and_nothing_is_left_beside_the_file(file, provider):
    file.chmod(0o664)
    before = file.stat()
    provider.apply(read(provider), CANCEL, notify=False)
    after = file.stat()
    assert stat.S_IMODE(after.st_mode) == 0o664
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_mtime_ns >= before.st_mtime_ns
    assert [path.name for path in file.parent.iterdir()] == ["a.ics"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_file_of_another_owner_stays_theirs(file, provider):
    os.chown(file, 12345, 23456)
    provider.apply(read(provider), CANCEL, notify=False)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_read_only_file_is_refused_and_says_what_to_do(file, provider):
    event = read(provider)
    file.chmod(0o444)
    with pytest.raises(ChangeRefused, match="read-only") as refusal:
        provider.apply(event, CANCEL, notify=False)
    assert "a.ics" in refusal.value.happened
    assert refusal.value.not_done
    assert refusal.value.next_step
    assert file.read_bytes() == TEXT.encode()


def test_linked_file_is_written_where_it_is(file, provider, tmp_path):
    real = tmp_path / "elsewhere.ics"
    file.rename(real)
    file.symlink_to(real)
    provider.apply(read(provider), CANCEL, notify=False)
    assert file.is_symlink()
    assert "STATUS:CANCELLED" in real.read_text()


def test_file_that_another_program_writes_meanwhile_is_left_to_it(file, provider, monkeypatch):
    event = read(provider)
    other = TEXT.replace("Mentoring", "Somebody was here")
    look = icsdisk.look

    def look_then_write(path):
        seen = look(path)
        path.write_text(other, newline="")
        os.utime(path, ns=(1, 1))
        return seen

    monkeypatch.setattr(icsdisk, "look", look_then_write)
    with pytest.raises(PreconditionFailed):
        provider.apply(event, CANCEL, notify=False)
    assert file.read_bytes() == other.encode()


def test_other_program_that_comes_last_before_the_rename_wins(file, tmp_path):
    seen = icsdisk.look(file)
    file.write_text("theirs")
    with pytest.raises(icsdisk.FileChanged):
        icsdisk.replace(file, b"ours", seen)
    assert file.read_text() == "theirs"
    assert [path.name for path in file.parent.iterdir()] == ["a.ics"]


@pytest.mark.parametrize("step", ["fsync", "replace", "utime"])
def test_disk_that_fails_at_any_step_leaves_the_old_content(file, provider, monkeypatch, step):
    event = read(provider)

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(ChangeRefused, match="No space left"):
        provider.apply(event, CANCEL, notify=False)
    assert file.read_bytes() == TEXT.encode()
    assert [path.name for path in file.parent.iterdir()] == ["a.ics"]


def test_leftover_of_a_crash_is_no_calendar(file, provider):
    (file.parent / ".agendad-x.tmp").write_text(TEXT)
    (file.parent / ".agendad-y.ics").write_text(TEXT)
    assert read(provider).source == "a.ics"


_WRITE_FOREVER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from agendad.providers.base import Cancel, RestoreTo, Window
from agendad.providers.icsfolder import IcsFolderProvider
provider = IcsFolderProvider("home", Path(sys.argv[1]), writable=True)
window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
(event,) = [e for page in provider.changes(".", None, window) for e in page.events]
change = Cancel(mark="key", at=datetime(2026, 5, 1, tzinfo=UTC))
print("ready", flush=True)
while True:
    applied = provider.apply(event, change, notify=False)
    event = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=False).event
"""


def test_killed_at_any_moment_the_file_holds_the_old_or_the_new_content(file, provider):
    big = TEXT.replace("SUMMARY", f"X-BIG:{'x' * 200_000}\r\nSUMMARY")  # so that a write takes its time
    file.write_text(big, newline="")
    applied = provider.apply(read(provider), CANCEL, notify=False)
    new = file.read_bytes()
    provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=False)
    assert file.read_bytes() == big.encode()
    source = Path(agendad.__file__).parent.parent
    for number in range(8):
        file.write_text(big, newline="")
        command = [sys.executable, "-c", _WRITE_FOREVER, str(file.parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(source)}) as writer:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(0.02 + number * 0.0237)
            writer.send_signal(signal.SIGKILL)
            assert writer.wait() == -signal.SIGKILL
        assert file.read_bytes() in (big.encode(), new)
        read(provider)
