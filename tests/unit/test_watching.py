"""Folders that are watched: what counts, and what happens where the system tells nothing."""

import errno
import os
import time
from queue import Empty, SimpleQueue

import pytest
from watchdog.events import DirModifiedEvent, FileClosedNoWriteEvent, FileModifiedEvent, FileMovedEvent, FileOpenedEvent
from watchdog.observers import Observer

from agendad.daemon.config import load
from agendad.daemon.watching import (
    AGENDAS,
    NOTES,
    SETTINGS,
    Settling,
    Touched,
    Watched,
    Watching,
    is_remote,
    watched_for,
)

CONFIG = """\
version: 1
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
templates: words
accounts: [{name: home, provider: ics, path: calendar}]
"""


@pytest.fixture
def touched():
    """Everything that was touched; `watching(…)` makes what tells it."""
    made = []

    class Touches:
        def __init__(self):
            self.queue, self.told = SimpleQueue(), []

        def watching(self, **how):
            made.append(Watching(self.queue.put, self.told.append, **how))
            return made[-1]

        def within(self, seconds=10.0):
            try:
                return self.queue.get(timeout=seconds)
            except Empty:
                return None

        def forget(self):
            time.sleep(0.3)
            while not self.queue.empty():
                self.queue.get()

    yield Touches()
    for one in made:
        one.stop()


def test_reading_a_file_is_no_change():
    watched = Watched("home", "/calendar", ending=".ics")
    assert not watched.concerns(FileOpenedEvent("/calendar/one.ics"))
    assert not watched.concerns(FileClosedNoWriteEvent("/calendar/one.ics"))
    assert not watched.concerns(DirModifiedEvent("/calendar"))
    assert watched.concerns(FileModifiedEvent("/calendar/ONE.ICS"))
    assert not watched.concerns(FileModifiedEvent("/calendar/one.ics.tmp"))


def test_renamed_file_counts_by_both_its_names():
    watched = Watched(SETTINGS, "/etc", recursive=False, names=frozenset({"agendad.yaml"}))
    assert watched.concerns(FileMovedEvent("/etc/.agendad.yaml.swp", "/etc/agendad.yaml"))
    assert watched.concerns(FileMovedEvent("/etc/agendad.yaml", "/etc/agendad.yaml~"))
    assert not watched.concerns(FileMovedEvent("/etc/one", "/etc/two"))


def test_configuration_templates_and_accounts_are_watched(tmp_path):
    path = tmp_path / "agendad.yaml"
    path.write_text(CONFIG)
    found = list(watched_for(path, load(path).config))
    assert [(one.key, one.folder.name, one.recursive) for one in found] == [
        (SETTINGS, tmp_path.name, False),
        (SETTINGS, "words", True),
        ("home", "calendar", True),
    ]


def test_notes_are_watched_for_what_is_put_in_the_place_of_a_file(tmp_path):
    path = tmp_path / "agendad.yaml"
    path.write_text(f"{CONFIG}notes: notes\n")
    (watched,) = (one for one in watched_for(path, load(path).config) if one.key == NOTES)
    assert watched.folder == tmp_path / "notes"
    assert watched.concerns(FileMovedEvent("/notes/.agendad-1.tmp", "/notes/grace-ada.md"))
    assert watched.concerns(FileModifiedEvent("/notes/grace-ada.md"))
    assert not watched.concerns(FileModifiedEvent("/notes/.agendad-1.tmp"))


def test_configuration_behind_links_is_watched_where_it_lies_and_where_it_is_named(tmp_path, touched):
    """As Kubernetes mounts it: the folder that the link goes through is another one all at once."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "agendad.yaml").write_text(CONFIG)
    (tmp_path / "..data").symlink_to("first")
    path = tmp_path / "agendad.yaml"
    path.symlink_to("..data/agendad.yaml")
    touched.watching().watch(watched_for(path, load(path).config))
    touched.forget()
    (tmp_path / "..tmp").symlink_to("second")
    (tmp_path / "..tmp").rename(tmp_path / "..data")
    assert touched.within() == Touched(SETTINGS)


def test_linked_file_that_is_edited_in_its_own_place_is_noticed(tmp_path, touched):
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "agendad.yaml").write_text(CONFIG)
    (tmp_path / "etc").mkdir()
    path = tmp_path / "etc" / "agendad.yaml"
    path.symlink_to(tmp_path / "dotfiles" / "agendad.yaml")
    touched.watching().watch(watched_for(path, load(path).config))
    touched.forget()
    (tmp_path / "dotfiles" / "new").write_text(CONFIG)
    (tmp_path / "dotfiles" / "new").rename(tmp_path / "dotfiles" / "agendad.yaml")
    assert touched.within() == Touched(SETTINGS)


def test_folder_that_was_replaced_is_watched_again(tmp_path, touched):
    folder = tmp_path / "calendar"
    folder.mkdir()
    watching = touched.watching()
    watching.watch([Watched("home", folder, ending=".ics")])
    folder.rmdir()
    folder.mkdir()
    touched.forget()
    watching.mend()
    assert touched.within() == Touched("home"), "something may have been missed"
    touched.forget()
    (folder / "one.ics").write_text("")
    assert touched.within() == Touched("home")
    touched.forget()
    folder.rename(tmp_path / "old")
    folder.mkdir()
    watching.mend()
    touched.forget()
    (folder / "two.ics").write_text("")
    assert touched.within() == Touched("home")


def test_folder_that_is_watched_for_two_reasons_keeps_one_when_the_other_goes(tmp_path, touched):
    settings = Watched(SETTINGS, tmp_path, recursive=True)
    account = Watched("home", tmp_path, ending=".ics")
    watching = touched.watching()
    watching.watch([settings, account])
    watching.watch([account])
    touched.forget()
    (tmp_path / "one.ics").write_text("")
    assert touched.within() == Touched("home")
    touched.forget()
    assert touched.within(0.5) is None


class NoRoom:
    """An observer on a system whose limit of watches is reached."""

    def __init__(self, error):
        self.error, self.daemon, self.emitters = error, False, ()

    def start(self):
        pass

    def stop(self):
        pass

    def schedule(self, _handler, _path, *, recursive):  # noqa: ARG002
        raise OSError(self.error, os.strerror(self.error))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EMFILE])
def test_system_without_room_for_watches_is_told_once_and_the_folder_is_looked_at(
    tmp_path, touched, error, monkeypatch
):
    monkeypatch.setattr("agendad.daemon.watching._POLL", 0.2)
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    watching = touched.watching(native=lambda: NoRoom(error))
    watching.watch([Watched("home", one, ending=".ics"), Watched("work", two, ending=".ics")])
    (two / "one.ics").write_text("")
    assert touched.within() == Touched("work")
    assert len(touched.told) == 2
    assert "fs.inotify.max_user_watches" in touched.told[0]
    watching.mend()
    assert len(touched.told) == 2


def test_process_without_file_descriptors_left_goes_on(tmp_path, touched):
    def none_left():
        raise OSError(errno.EMFILE, "Too many open files")

    watching = touched.watching(native=none_left)
    watching.watch([Watched("home", tmp_path, ending=".ics")])
    assert len(touched.told) == 1


MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /home/grace/My\\040Share rw,relatime shared:2 - nfs4 server:/share rw
31 21 0:41 / /home/grace/phone rw - fuse.sshfs phone: rw
32 30 8:2 / /home/grace/My\\040Share/local rw - xfs /dev/sdb1 rw
33 21 0:42 / /mnt/usb rw - fuseblk /dev/sdc1 rw
broken line
"""


@pytest.mark.parametrize(
    ("folder", "remote"),
    [
        ("/home/grace/calendar", False),
        ("/home/grace/My Share/calendar", True),
        ("/home/grace/My Share", True),
        ("/home/grace/My Share/local/calendar", False),
        ("/home/grace/phone/calendar", True),
        ("/mnt/usb", False),
    ],
)
def test_network_file_systems_are_known_by_the_nearest_mount(tmp_path, folder, remote):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert is_remote(type(tmp_path)(folder), mounts) is remote


def test_system_that_tells_no_mounts_has_local_folders(tmp_path):
    assert not is_remote(tmp_path, tmp_path / "nothing")


def test_folder_on_a_network_is_looked_at(tmp_path, touched, monkeypatch):
    monkeypatch.setattr("agendad.daemon.watching._POLL", 0.2)
    mounts = tmp_path / "mountinfo"
    folder = tmp_path / "calendar"
    folder.mkdir()
    mounts.write_text(f"30 21 0:40 / {folder} rw - nfs4 server:/share rw\n")

    def native():
        raise AssertionError("no notices are asked for")

    touched.watching(native=native, mounts=mounts).watch([Watched("home", folder, ending=".ics")])
    (folder / "one.ics").write_text("")
    assert touched.within() == Touched("home")
    assert touched.told == []


def test_what_is_touched_settles_once_it_is_quiet():
    settling = Settling()
    assert settling.due_in(0.0) == float("inf")
    settling.touch("home", 0.0)
    settling.touch("home", 1.5)
    settling.touch(SETTINGS, 1.5)
    assert settling.ripe(1.7) == frozenset()
    assert settling.ripe(1.8) == {SETTINGS}
    assert settling.due_in(2.0) == pytest.approx(1.5)
    assert settling.ripe(3.5) == {"home"}
    assert settling.ripe(9.0) == frozenset()


def test_folder_that_is_written_all_the_time_is_looked_at_all_the_same():
    settling = Settling()
    looks = 0
    for tenth in range(600):
        settling.touch("home", tenth / 10)
        looks += bool(settling.ripe(tenth / 10))
    assert looks == 5


def test_observer_of_the_system_is_the_usual_one():
    assert Watching(print, print)._native is Observer


def test_agendas_are_watched_for_what_editors_make_of_a_save_and_not_for_what_they_put_beside_it(tmp_path, touched):
    path = tmp_path / "agendad.yaml"
    path.write_text(CONFIG.replace("templates: words", "agendas: agendas"))
    folder = tmp_path / "agendas" / "pair"
    folder.mkdir(parents=True)
    watching = touched.watching()
    watching.watch(one for one in watched_for(path, load(path).config) if one.key == AGENDAS)
    file, beside = folder / "2026-12-01.md", folder / ".2026-12-01.md.swp"
    for name in ("4913", ".2026-12-01.md.swp", "2026-12-01.md~", ".#2026-12-01.md.lock"):
        (folder / name).write_text("- half of")
    assert touched.within(0.5) is None
    file.write_text("- one")
    assert touched.within() == Touched(AGENDAS)
    touched.forget()
    beside.write_text("- two")
    beside.rename(file)
    assert touched.within() == Touched(AGENDAS)
    touched.forget()
    file.read_text()
    assert touched.within(0.5) is None
    file.unlink()
    assert touched.within() == Touched(AGENDAS)
    touched.forget()
    (tmp_path / "agendas" / "another").mkdir()
    assert touched.within() == Touched(AGENDAS)


def test_agenda_settles_a_minute_after_the_last_save_and_is_looked_at_in_five_in_any_case():
    settling = Settling()
    settling.touch(AGENDAS, 0.0)
    settling.touch(AGENDAS, 30.0)
    assert settling.ripe(90.0) == frozenset()
    assert settling.ripe(91.0) == {AGENDAS}
    for second in range(100, 400, 20):
        settling.touch(AGENDAS, float(second))
    assert settling.ripe(399.0) == frozenset()
    assert settling.ripe(400.0) == {AGENDAS}
