"""The command in processes that are forked from one which has imported it: each is a process of its own, that may be
killed like any other, and starts in a tenth of the time."""

import os
import runpy
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, get_context
from pathlib import Path

from agendad.daemon import cli

_TESTS = Path(__file__).parents[1]
_processes = get_context("forkserver")
_processes.set_forkserver_preload(["end_to_end.preloaded"])


def _start_server() -> None:
    """Begin the process to fork from. It does not know of what pytest added to the path."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_TESTS), before]))
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def run(
    arguments: Sequence[str], *, folder: Path, environ: Mapping[str, str], timeout: float = 60
) -> tuple[int, str, str]:
    """(exit status, standard output, standard error); a status below 0 is the signal that killed it.

    Raises:
        TimeoutError: it ran for longer than `timeout` seconds, and was killed.
    """
    _start_server()
    with tempfile.TemporaryDirectory() as scratch:
        streams = [Path(scratch) / name for name in ("out", "err")]
        process = _processes.Process(target=_child, args=(list(arguments), str(folder), dict(environ), streams))
        with _no_main():
            process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"agendad {' '.join(arguments)} ran for longer than {timeout} s")
        out, err = (stream.read_text("utf-8") if stream.exists() else "" for stream in streams)
        return process.exitcode, out, err


@contextmanager
def _no_main() -> Iterator[None]:
    """So that the child does not import what the process that starts it was started with."""
    main = sys.modules["__main__"].__dict__
    kept = {name: main.pop(name) for name in ("__spec__", "__file__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        del main["__spec__"]
        main.update(kept)


def _child(arguments: list[str], folder: str, environ: Mapping[str, str], streams: Sequence[Path]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), *(os.fdopen(n, "w", encoding="utf-8") for n in (1, 2))
    for path in environ.get("PYTHONPATH", "").split(os.pathsep):
        customize = Path(path) / "sitecustomize.py"
        if path and customize.exists():
            runpy.run_path(str(customize))
    sys.argv = ["agendad", *arguments]
    try:
        sys.exit(cli.main())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
