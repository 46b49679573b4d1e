"""A folder and files that only their owner can read, written so that either the old or the new content is there."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = ".lock"


def make_folder(folder: Path) -> None:
    """Make a folder its owner's alone; what is above it is made too.

    Raises:
        OSError: the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def write(path: Path, content: bytes) -> None:
    """Put a file in place of an older one, mode 0600; it is on the disk before its name points to it.

    Raises:
        OSError: the disk refuses; what was there is still there.
    """
    with _written_beside(path, content) as temporary:
        temporary.replace(path)
    _sync(path.parent)


def create(path: Path, content: bytes) -> None:
    """The same where there must be no file yet: of two that try at once, one is told.

    Raises:
        FileExistsError: there is one, and it stays as it is.
        OSError: the disk refuses; there is none.
    """
    with _written_beside(path, content) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            if path.exists():
                raise FileExistsError(path) from None
            temporary.replace(path)
    _sync(path.parent)


@contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """A file with this content, on the disk; gone afterwards, unless it was given another name."""
    descriptor, name = tempfile.mkstemp(prefix=".agendad-", suffix=".tmp", dir=path.parent)  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    with suppress(OSError):  # where a folder cannot be synced, the file is there all the same
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(path: Path) -> bytes | None:
    """A file's content, None where there is none. A mode that lets others read it is mended.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                with suppress(PermissionError):  # not ours, and readable
                    path.chmod(0o600)
            return file.read()
    except FileNotFoundError:
        return None


def mode_of(path: Path) -> int:
    """Who may do what with a file or folder; 0 where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


@contextmanager
def alone(folder: Path, lock: str = _LOCK) -> Iterator[None]:
    """Wait for the folder, so that what is read and then written has no other writer in between.

    `lock`: the name of the file that is held; another name is for another matter in the same folder.

    Raises:
        OSError: the folder cannot be written.
    """
    descriptor = os.open(folder / lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
