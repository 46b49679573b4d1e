"""A pass, wired: the configuration, the accounts, the database, the mail, and what may be done with them."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from agendad.daemon import config as configuration
from agendad.daemon import delivery, mailing, tide
from agendad.daemon.context import Context, holder, locked
from agendad.daemon.correspondence import Correspondence
from agendad.daemon.executor import Executor
from agendad.daemon.journal import Journal
from agendad.daemon.means import Means, known_addresses
from agendad.daemon.opening import fingerprints
from agendad.daemon.outbox import Outbox
from agendad.daemon.pass_report import PassReport
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.progress import Progress, silent
from agendad.daemon.store import Store
from agendad.daemon.user_mail import user_mail
from agendad.daemon.wording import Wording
from agendad.providers.model import Event
from agendad.rules.policy import Action
from agendad.rules.roles import Effect


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
        failed=configuration.unsupported_accounts(context.loaded.config),
        confirmed=confirmed,
        only=only,
        executor=executor_of(context, store, stop) if acting else None,
        warn=warn,
        sign_ins=fingerprints(context.accounts),
        progress=progress,
    ).run(decide_anew=decide_anew)
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

    return Wording(context.policy, context.templates, store, shares=shares)


def means_of(context: Context) -> Means:
    """What this installation can do."""
    readers = mailing.readers(context)
    addresses = known_addresses(context.policy, readers)
    mine = frozenset(context.policy.me.emails)
    return Means(mail=context.loaded.config.mail is not None, addresses=addresses, mine=mine)


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
    )
