"""What `agendad check` says of the agenda files: without a calendar, from the files and from what is remembered."""

from contextlib import closing
from datetime import datetime

from agendad.daemon.agenda_files import AgendaFolder, FileProblem, Shelf, problems_of
from agendad.daemon.context import Context
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import DATABASE, Store
from agendad.rules.agenda_file import local, match
from agendad.rules.relationship import Meeting


def to_be_told(context: Context) -> list[FileProblem]:
    """Every file that is not used and why; that no session is on a day is only known once there was a pass.

    Raises:
        StateError: the database cannot be used.
    """
    folder = context.loaded.config.agendas
    if folder is None:
        return []
    if not folder.is_dir():
        hint = "make it, or wait: it is made when agendad first reminds you of an agenda"
        return [FileProblem(str(folder), "there is no such folder yet", hint)]
    now, read = context.clock.now(), AgendaFolder(folder, context.policy)
    if not (context.state_dir / DATABASE).exists():
        return _told(read.read(None, now), None, context, now)
    with closing(Store.open(context.state_dir)) as store:
        meetings = SessionStore(store).meetings(now) if store.remembered("last_pass") else None
        return _told(read.read(store, now), meetings, context, now)


def _told(
    shelf: Shelf, meetings: dict[str, list[Meeting]] | None, context: Context, now: datetime
) -> list[FileProblem]:
    me = context.policy.me
    today = local(now, me).date()
    unusable = [
        FileProblem(file.path, file.problem.partition(";")[0], file.problem.partition("; ")[2] or "look at the file")
        for files in shelf.files.values()
        for file in files
        if file.problem and file.day >= today
    ]
    matched = (
        {name: match(files, meetings.get(name, ()), me, now) for name, files in shelf.files.items()}
        if meetings is not None
        else {}
    )
    return sorted([*unusable, *problems_of(shelf, matched)])
