"""A pass, wired: the configuration, the accounts, the database, the mail, and what may be done with them."""

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agendad.daemon import agenda_files, delivery, followups, mailing, tide
from agendad.daemon.agenda_files import AgendaFolder
from agendad.daemon.context import Context, holder, locked
from agendad.daemon.correspondence import Correspondence
from agendad.daemon.executor import Executor
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.means import Means, known_addresses
from agendad.daemon.opening import fingerprints
from agendad.daemon.outbox import Outbox
from agendad.daemon.pass_report import PassReport
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.progress import Progress, silent
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.user_mail import user_mail
from agendad.daemon.wording import Wording
from agendad.providers.model import Event
from agendad.rules.detect import detect
from agendad.rules.policy import Action, Mentorship
from agendad.rules.recalling import settled
from agendad.rules.relationship import Notes
from agendad.rules.roles import Effect

log = logging.getLogger(__name__)


def one_pass(
    context: Context,
    store: Store,
    *,
    acting: bool = True,
    decide_anew: bool = True,
    confirmed: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = silent,
    settles: timedelta = timedelta(0),
) -> PassReport:
    """Read every account, judge, decide, write down and do, once.

    Args:
        context: the command's.
        store: the database; the caller holds the lock on its folder, unless it is a copy.
        acting: False leaves everything as it is: what would be done stays planned.
        decide_anew: False does only what the user approved or wants back.
        confirmed: accounts whose sudden losses are real.
        only: the accounts that are read and acted on; all if None.
        stop: True from the moment at which no further action is to be begun.
        progress: shows how far it is.
        settles: how long agenda files must have been left alone to be read.
    """

    def warn(now: datetime) -> str:
        if delivery.warn(context, store, now):
            return ""
        return delivery.trouble(store) or delivery.aftermath(store)

    journal = Journal(store)
    if acting:
        tide.look(journal, (account.name for account in context.loaded.config.accounts))
        user_mail(context, store).settle()
    report = Pipeline(
        policy=context.policy,
        sync=context.loaded.config.sync,
        store=store,
        clock=context.clock,
        providers=context.providers,
        wording=wording_of(context, store),
        means=means_of(context),
        confirmed=confirmed,
        only=only,
        executor=executor_of(context, store, stop) if acting else None,
        warn=warn,
        sign_ins=fingerprints(context.accounts),
        notes=context.noted,
        progress=progress,
        agendas=agendas_of(context, settles),
    ).run(decide_anew=decide_anew)
    if acting and decide_anew:
        followups.prompt(context, store, context.clock.now())
    if acting:
        tide.keep(journal)
    return report


def done_at_once(context: Context) -> bool:
    """Do what the user has just answered; False where another process is at work on the state folder and does it."""
    if holder(context.state_dir):
        return False
    with locked(context.state_dir), closing(Store.open(context.state_dir)) as store:
        one_pass(context, store, decide_anew=False)
    return True


def wording_of(context: Context, store: Store) -> Wording:
    """The words of this installation."""
    means = means_of(context)

    def shares(event: Event, rung: Action, effect: Effect) -> bool:
        provider = context.providers.get(event.account)
        return provider is not None and means.shares(rung, effect, event, provider.capabilities(event.calendar))

    def notes() -> dict[str, Notes]:
        """What texts may repeat: the summary shows them, and others may read that."""
        alone = mailing.readers(context) == context.policy.me.emails[:1]
        return {name: one if alone else settled(one) for name, one in context.noted().items()}

    def file_of(event: Event) -> str:
        found = agenda_path(context, store, event)
        return str(found[1]) if found else ""

    return Wording(context.policy, context.templates, store, shares=shares, notes=notes, file_of=file_of)


def agendas_of(context: Context, settles: timedelta = timedelta(0)) -> AgendaFolder | None:
    """Where the user writes agendas as files; None where the configuration names no folder."""
    folder = context.loaded.config.agendas
    return AgendaFolder(folder, context.policy, settles=settles) if folder is not None else None


def agenda_path(context: Context, store: Store, event: Event) -> tuple[Mentorship, Path] | None:
    """The file of a session of a declared pair, there or not yet; None without a folder or a certain time."""
    folder, start = agendas_of(context), event.start.instant
    pair = detect(event, context.policy).mentorship if folder else None
    if folder is None or pair is None or start is None:
        return None
    now = context.clock.now()
    return pair, folder.path_for(pair, start, SessionStore(store).meetings(now).get(pair.name, ()), now)


def begin_agenda(context: Context, store: Store, event: Event) -> Path | None:
    """Put a skeleton where the session's agenda may be written, unless there is a file; its path, None without one.

    Raises:
        OSError: the folder cannot be written.
    """
    folder, found, start = agendas_of(context), agenda_path(context, store, event), event.start.instant
    if folder is None or found is None or start is None:
        return None
    pair, path = found
    day = start.astimezone(context.policy.me.zone_at(start) or UTC).date()
    with store.transaction():
        folder.begin(path, agenda_files.start_of(context.policy, pair, context.noted().get(pair.name), day), store)
    return path


def means_of(context: Context) -> Means:
    """What this installation can do."""
    readers = mailing.readers(context)
    addresses = known_addresses(context.policy, readers)
    mine = frozenset(context.policy.me.emails)
    return Means(mail=context.loaded.config.mail is not None, addresses=addresses, mine=mine)


def _ready_for(context: Context, store: Store) -> Callable[[ActionRow, Event], None]:
    """Makes the file that a reminder to the user tells of; the reminder goes also where it cannot be made."""

    def make(action: ActionRow, event: Event) -> None:
        reminds = (action.rung, action.rule) == (Action.NUDGE, "agenda")
        if reminds and all(map(context.policy.me.has, action.to)):
            try:
                begin_agenda(context, store, event)
            except OSError as error:
                log.warning("no agenda file could be made: %s", error)

    return make


def executor_of(context: Context, store: Store, stop: Callable[[], bool] = lambda: False) -> Executor:
    """What carries out decisions; `stop` is true from the moment at which no further one is to be begun."""
    return Executor(
        policy=context.policy,
        store=store,
        clock=context.clock,
        providers=context.providers,
        outbox=Outbox(store, lambda: mailing.transport(context), context.clock.now),
        letters=Correspondence(policy=context.policy, sender=mailing.sender(context)),
        means=means_of(context),
        stop=stop,
        before_mail=_ready_for(context, store),
    )
