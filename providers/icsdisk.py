"""Putting a file's new content on the disk so that at every moment either the old or the new one is there."""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path


class UnwritableFile(Exception):
    """The file was left as it is; the message says why."""


class FileChanged(Exception):
    """Another program wrote the file since it was read; it was left as that program wrote it."""


def look(path: Path) -> os.stat_result:
    """What the disk says of a file, before it is read to be replaced.

    Raises:
        UnwritableFile: it is gone, or not ours to write.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise UnwritableFile(f"it cannot be reached ({error.strerror or error})") from None
    # A rename needs no permission on the file itself: what its owner locked would be overwritten.
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise UnwritableFile("it is read-only")
    return status


def replace(path: Path, content: bytes, seen: os.stat_result) -> None:
    """Replace a file's content, keeping its mode, owner and attributes; a link keeps pointing to it.

    The new content is on the disk before the name points to it (write, fsync, rename, fsync of the folder).
    A crash may leave a hidden `.agendad-*.tmp` beside the file, which nothing reads.

    Args:
        path: the file.
        content: what it is to hold.
        seen: from `look`, before the content that this one is made from was read.

    Raises:
        FileChanged: it is not what was seen.
        UnwritableFile: the disk refuses.
    """
    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".agendad-", suffix=".tmp", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            if os.fstat(file.fileno()).st_uid != seen.st_uid or os.fstat(file.fileno()).st_gid != seen.st_gid:
                os.fchown(file.fileno(), seen.st_uid, seen.st_gid)
            file.write(content)
            file.flush()
            shutil.copystat(target, temporary)
            os.utime(temporary)
            os.fsync(file.fileno())
        if _identity(target.stat()) != _identity(seen):
            raise FileChanged
        os.replace(temporary, target)  # noqa: PTH105, beside its siblings of the os module
        temporary = ""
        _sync_folder(target.parent)
    except OSError as error:
        raise UnwritableFile(f"the disk refuses ({error.strerror or error})") from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _sync_folder(folder: Path) -> None:
    """Make the rename last. Where the file system cannot, the new content is there all the same."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
