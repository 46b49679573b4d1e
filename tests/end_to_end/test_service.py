"""The service as a manager starts it: what it says, what it notices, and what it does when things go wrong."""

import fcntl
import json
import os
import pty
import queue
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from end_to_end.conftest import COMMAND, NOW, spoken
from end_to_end.offices import google_office

SOON = 20
"""Seconds that a busy machine may need for what takes one."""
INVITED = {"start": "20261203T150000Z", "end": "20261203T153000Z"}
LINUX = pytest.mark.skipif(not hasattr(socket, "SO_PASSCRED"), reason="abstract sockets are Linux's")


class Serving:
    """A service that runs, and what it has said so far."""

    def __init__(self, home, environ=None, **how):
        kept, home.environ = home.environ, {**home.environ, **(environ or {})}
        self.process = home.start("run", **how)
        home.environ = kept
        self.raw = []
        self.lines, self._new = [], queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stderr:
            self.raw.append(line)
            self._new.put(spoken(line))
        self._new.put(None)

    def says(self, text, within=SOON):
        """Wait for a line with this text in it; fail with all that was said."""
        for line in self.until(within):
            if text in line:
                return line
        raise AssertionError(f"{text!r} was not said within {within} s, but: {self.lines}")

    def until(self, seconds):
        """Lines that come within so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._new.get(timeout=left)
            except queue.Empty:
                return
            if line is None:
                return
            self.lines.append(line)
            yield line

    def silent(self, seconds):
        return list(self.until(seconds)) == []

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(10)


class Manager:
    """What systemd hears: a datagram socket, and the messages on it, each as its lines."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self.heard = []

    def hears(self, wanted, within=SOON):
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                told = self.socket.recv(4096).decode().split("\n")
            except TimeoutError:
                break
            self.heard.append(told)
            if told[0].startswith(wanted):
                return told
        return None

    def count(self, wanted, during):
        """How often it is told within so many seconds."""
        before, end = len(self.heard), time.monotonic() + during
        while time.monotonic() < end:
            self.hears("nothing of the kind", within=end - time.monotonic())
        return sum(told[0].startswith(wanted) for told in self.heard[before:])


@pytest.fixture
def serve(home):
    running = []

    def start(environ=None, **how):
        made = Serving(home, environ, **how)
        running.append(made)
        return made

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        one.process.stderr.close()


@pytest.fixture(params=[pytest.param("abstract", marks=LINUX), "path"])
def manager(request):
    with tempfile.TemporaryDirectory() as folder:
        name = f"@agendad-{os.getpid()}-{time.monotonic_ns()}" if request.param == "abstract" else f"{folder}/notify"
        made = Manager(name)
        yield made
        made.socket.close()


@pytest.fixture
def listening():
    """A manager on a path."""
    with tempfile.TemporaryDirectory() as folder:
        made = Manager(f"{folder}/notify")
        yield made
        made.socket.close()


@pytest.fixture
def seldom(home):
    """A configuration whose service looks every five hours: what happens sooner has another reason."""
    home.configure(f"sync: {{every: 5h}}\nmail: {{transport: file}}\n{home.config}")
    return home


def listens(port):
    """Whether anybody answers there."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def until(what, within=SOON):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def in_place(path, text):
    path.write_text(text, "utf-8")


def renamed_over(path, text):
    """As vim and most editors save."""
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def moved_from_elsewhere(path, text):
    """As tools save that write into a folder of their own; the folder is told of no source."""
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as folder:
        beside = Path(folder) / "new"
        beside.write_text(text, "utf-8")
        beside.replace(path)


def written_anew(path, text):
    """As some save: the old one goes first."""
    path.unlink()
    path.write_text(text, "utf-8")


# the manager


def test_manager_hears_of_the_start_of_life_and_of_the_end(home, serve, manager):
    home.invite("one.ics", **INVITED)
    service = serve({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000"})
    assert manager.hears("READY=1")
    assert manager.hears("STATUS=agendad observes; looks again by ")
    assert manager.count("WATCHDOG=1", during=3) in (4, 5, 6, 7)
    service.process.send_signal(signal.SIGTERM)
    assert manager.hears("STOPPING=1")
    assert service.process.wait(10) == 0


def test_watchdog_for_another_process_is_not_fed(home, serve, listening):
    serve({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "400000", "WATCHDOG_PID": "1"})
    assert listening.hears("READY=1")
    assert listening.count("WATCHDOG=1", during=1.5) == 0


def test_manager_that_does_not_listen_is_no_reason_to_stop(home, serve):
    service = serve({"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "400000"})
    service.says("observes")
    assert service.stop() == 0


def test_watchdog_is_not_fed_while_a_server_keeps_a_pass_waiting(home, serve, listening):
    with google_office(home) as office:
        office.google.faults.add("stall", times=1, delay=6.0)
        token = office.google.token_for("grace@example.org")
        serve({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "1000000", "TOKEN": token})
        assert listening.hears("READY=1")
        assert until(lambda: office.google.requests)
        listening.count("WATCHDOG=1", during=0.5)  # what was on its way
        assert listening.count("WATCHDOG=1", during=3) == 0
        assert listening.hears("WATCHDOG=1"), "the server answers again"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_service_stops_at_once(home, serve, number):
    home.invite("one.ics", **INVITED)
    service = serve()
    service.says("would nudge")
    begun = time.monotonic()
    assert service.stop(number) == 0
    assert time.monotonic() - begun < 3


def test_terminal_that_is_closed_stops_the_service_on_it(home):
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, "run"],
        cwd=home.folder,
        env={**home.environ, "AGENDAD_NOW": NOW},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads of ours in there
    )
    os.close(theirs)
    said = b""
    while b"Ctrl-C" not in said:
        said += os.read(own, 4096)
    time.sleep(0.5)
    os.close(own)
    process.wait(10)
    assert home.run("run", "--once").status == 0, "nobody holds the state folder any more"


# settings


def test_sighup_reads_the_configuration_anew_and_tells_the_manager(seldom, serve, listening):
    service = serve({"NOTIFY_SOCKET": listening.address})
    assert listening.hears("STATUS=agendad observes")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    service.process.send_signal(signal.SIGHUP)
    _, at = listening.hears("RELOADING=1")
    assert int(at.removeprefix("MONOTONIC_USEC=")) >= before
    assert listening.hears("READY=1")
    service.says("the configuration was read anew and is in force")
    assert service.stop() == 0


@pytest.mark.parametrize("save", [in_place, renamed_over, moved_from_elsewhere, written_anew])
def test_saved_configuration_is_in_force_at_once(seldom, serve, save):
    seldom.invite("one.ics", **INVITED)
    service = serve()
    service.says("would nudge")
    path = seldom.folder / "agendad.yaml"
    save(path, "mode: approve\n" + path.read_text("utf-8"))
    service.says("the configuration was read anew")
    service.says("from now on agendad asks before it acts")
    service.says("pending")
    assert len(seldom.run("pending", "--json").json["actions"]) == 1


def test_file_that_is_touched_and_not_changed_is_not_read_anew(seldom, serve):
    seldom.invite("one.ics", **INVITED)
    service = serve()
    service.says("would nudge")
    path = seldom.folder / "agendad.yaml"
    path.touch()
    renamed_over(path, path.read_text("utf-8"))
    (seldom.folder / "other.yaml").write_text("version: 7")
    assert service.silent(2.5)


def test_broken_configuration_is_told_once_with_its_line_and_the_last_good_one_holds(seldom, serve):
    seldom.invite("one.ics", **INVITED)
    service = serve()
    service.says("would nudge")
    path = seldom.folder / "agendad.yaml"
    good = path.read_text("utf-8")
    renamed_over(path, good.replace("timezone: Europe/London", "timezone: Europe/Lundon"))
    service.says("cannot be used; the one from before stays in force")
    assert f"{path}:9:71:" in service.says("Europe/Lundon")
    renamed_over(path, good.replace("timezone: Europe/London", "timezone: Europe/Lundon") + "# more\n")
    assert service.silent(2.5), "the same is said once"
    seldom.invite("two.ics", **INVITED)
    service.says("nudge")
    renamed_over(path, good)
    service.says("the configuration is right again and is in force")
    renamed_over(path, good + "# more\n")
    service.says("the configuration was read anew and is in force")
    assert service.stop() == 0


def test_summary_tells_of_a_configuration_that_was_not_taken_over(seldom, serve):
    path = seldom.folder / "agendad.yaml"
    good = path.read_text("utf-8")
    service = serve()
    service.says("observes")
    in_place(path, f"{good}sumary: {{}}\n")
    service.says("sumary")
    other = seldom.folder / "good.yaml"
    other.write_text(good, "utf-8")
    told = " ".join(seldom.run("summary", "--config", str(other)).out.split())
    assert "the one from before is in force" in told
    assert "did you mean `summary`?" in told
    in_place(path, good)
    service.says("right again")
    assert until(lambda: "from before" not in seldom.run("summary").out)


def test_saved_template_is_used_and_a_broken_one_is_told_with_its_line(seldom, serve):
    words = seldom.folder / "words" / "en"
    words.mkdir(parents=True)
    path = seldom.folder / "agendad.yaml"
    good = seldom.folder / "good.yaml"
    good.write_text(f"mode: approve\n{path.read_text('utf-8')}", "utf-8")
    path.write_text(f"templates: words\n{good.read_text('utf-8')}", "utf-8")
    service = serve()
    service.says("asks before it acts")
    template = words / "nudge.self.txt.j2"
    template.write_text("Subject: All mine\n\nOne\nTwo {{ nobody_knows }}\n", "utf-8")
    service.says("cannot be used")
    assert f"{template}:4: " in service.says("nobody_knows")
    renamed_over(template, "Subject: All mine\n\nOne and two.\n")
    service.says("right again")
    template.write_text("Subject: All mine\n\n{{ broken\n", "utf-8")
    assert f"{template}:3: unexpected end of template" in service.says("print statement")
    seldom.invite("one.ics", **INVITED)
    service.says("nudge")
    (asked,) = seldom.run("pending", "--config", str(good), "--json").json["actions"]
    assert "One and two." in str(asked["text"]), "the set that was good is used, not the file as it stands"


def test_account_that_is_added_is_read_without_a_restart(seldom, serve):
    second = seldom.folder / "second"
    second.mkdir()
    service = serve()
    service.says("observes")
    seldom.invite("one.ics", **INVITED)
    service.says("nudge")
    shutil.copy(seldom.invite("two.ics", **INVITED), second)
    (seldom.calendar / "two.ics").unlink()
    path = seldom.folder / "agendad.yaml"
    more = "accounts:\n  - {name: more, provider: ics, path: second}\n"
    renamed_over(path, path.read_text("utf-8").replace("accounts:\n", more))
    service.says("nudge")
    shutil.copy(seldom.invite("three.ics", **INVITED), second)
    (seldom.calendar / "three.ics").unlink()
    service.says("nudge")


def test_state_folder_does_not_change_under_a_running_service(seldom, serve):
    environ = {name: value for name, value in seldom.environ.items() if name != "AGENDAD_STATE_DIR"}
    seldom.environ = environ
    path = seldom.folder / "agendad.yaml"
    path.write_text(f"state_dir: state\n{path.read_text('utf-8')}", "utf-8")
    service = serve()
    service.says("observes")
    in_place(path, path.read_text("utf-8").replace("state_dir: state", "state_dir: elsewhere"))
    told = service.says("the state folder would change")
    assert f"{path}:1:" in told
    assert "start agendad again" in told
    assert not (seldom.folder / "elsewhere").exists()
    assert service.stop() == 0


# calendars


@pytest.mark.parametrize("save", [in_place, renamed_over, moved_from_elsewhere])
def test_invite_that_is_saved_in_a_folder_is_read_soon(seldom, serve, save):
    service = serve()
    service.says("observes")
    made = seldom.invite("one.ics", **INVITED)
    text = made.read_text("utf-8")
    service.says("nudge")
    save(made, text.replace("one@example.org", "other@example.org"))
    service.says("nudge")


def test_folder_that_is_not_there_yet_is_watched_once_it_is(seldom, serve):
    seldom.calendar.rmdir()
    service = serve()
    service.says("account home")
    seldom.calendar.mkdir()
    service.process.send_signal(signal.SIGHUP)
    service.says("account home: it is read again")
    seldom.invite("one.ics", **INVITED)
    service.says("nudge")


# alone, and with a disk that refuses


def test_second_service_is_refused_and_leaves_the_first_alone(home, serve):
    first = serve()
    first.says("observes")
    second = serve()
    second.says(f"agendad is already at work on {home.folder / 'state'} (process {first.process.pid})")
    assert second.process.wait(10) == 2
    assert first.stop() == 0


@contextmanager
def small_disk(folder, size="16m"):
    """A disk of its own at a folder, that a test may fill."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("NOT TESTED HERE: a disk of its own can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_state_folder_that_cannot_be_written_is_refused_with_what_to_do(home, serve):
    state = home.folder / "state"
    with small_disk(state):
        subprocess.run(["mount", "-o", "remount,ro", state], check=True)
        service = serve()
        assert "cannot be written" in service.says(str(state))
        assert service.process.wait(10) == 2


def test_state_folder_that_is_a_file_is_refused_with_what_to_do(home, serve):
    (home.folder / "state").write_text("")
    service = serve()
    assert "--state-dir" in service.says("cannot be written")
    assert service.process.wait(10) == 2


def test_full_disk_breaks_off_a_pass_and_the_service_goes_on_once_there_is_room(seldom, serve):
    state = seldom.folder / "state"
    with small_disk(state):
        service = serve()
        service.says("observes")
        assert seldom.run("sessions").status == 0
        filler = state / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue
        for number in range(60):
            seldom.invite(f"s{number}.ics", **INVITED)
        assert "broken off" in service.says("is not full, and writable")
        assert service.process.poll() is None
        filler.unlink()
        service.process.send_signal(signal.SIGHUP)
        service.says("passes come to their end again")
        assert len(seldom.run("sessions", "--json").json["sessions"]) == 60
        assert service.stop() == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="NOT TESTED HERE: the system has no prlimit")
def test_disk_that_takes_nothing_any_more_stops_no_service(seldom, serve):
    service = serve()
    service.says("observes")
    seldom.invite("one.ics", **INVITED)
    service.says("nudge")
    limits = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    seldom.invite("two.ics", **INVITED)
    service.says("broken off")
    assert service.process.poll() is None
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, limits)
    service.process.send_signal(signal.SIGHUP)
    service.says("nudge")
    assert service.stop() == 0


# watched by others


def test_figures_and_signs_of_life_follow_the_configuration(seldom, serve):
    asked = queue.SimpleQueue()

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.put(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    monitor = ThreadingHTTPServer(("127.0.0.1", 0), Monitor)
    threading.Thread(target=monitor.serve_forever, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    path = seldom.folder / "agendad.yaml"
    plain = path.read_text("utf-8")
    try:
        environ = {"BEAT": f"http://127.0.0.1:{monitor.server_port}/ping"}
        path.write_text(f"{plain}metrics: {{port: {port}}}\nheartbeat: {{env: BEAT}}\n", "utf-8")
        seldom.invite("one.ics", **INVITED)
        service = serve(environ)
        service.says("nudge")
        assert asked.get(timeout=SOON) == "/ping"
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'agendad_account_ok{account="home"} 1.0' in figures
        assert 'agendad_passes_total{result="ok"} 1.0' in figures
        seldom.calendar.rename(seldom.folder / "away")
        service.process.send_signal(signal.SIGHUP)
        service.says("account home: ")
        assert asked.get(timeout=SOON) == "/ping/fail"
        path.write_text(plain, "utf-8")
        service.says("the configuration was read anew")
        assert until(lambda: not listens(port))
    finally:
        monitor.shutdown()
        monitor.server_close()
    assert service.stop() == 0


def test_log_is_one_object_a_line_with_no_title_address_or_uid(seldom, serve):
    seldom.invite("one.ics", **INVITED, title="Mentoring: a secret plan")
    service = serve()
    service.says("nudge")
    assert service.stop() == 0
    lines = [json.loads(line) for line in service.raw]
    decision = next(line for line in lines if line["event"] == "decision")
    assert {"id", "state", "action", "code", "account", "level", "timestamp"} <= decision.keys()
    assert not any(word in "".join(service.raw) for word in ("secret", "@example", "Ada"))
