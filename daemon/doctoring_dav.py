"""What the doctor asks of a CalDAV server: whether it lets us in, which calendars it has, who tells the guests."""

from collections.abc import Iterator

from agendad.daemon.config_accounts import CaldavAccount
from agendad.daemon.context import Context
from agendad.daemon.dav_sign_in import dav_sign_in
from agendad.daemon.doctoring_shapes import Check, bad, good, warn
from agendad.providers.errors import ProviderError


def of_dav(account: CaldavAccount, context: Context, name: str, patience: float) -> Iterator[Check]:
    """Whether an account can be read and written; `patience` is in seconds, for each answer."""
    from agendad.providers.caldav import CaldavProvider  # noqa: PLC0415 - only for those with such accounts
    from agendad.providers.dav_http import DavHttp  # noqa: PLC0415
    from agendad.providers.pacing import Pace  # noqa: PLC0415

    config = context.loaded.config
    sign_in = dav_sign_in(account, config)
    http = DavHttp(
        account.name,
        account.url,
        authorization=sign_in.authorization,
        refused=sign_in.refused,
        now=context.clock.now,
        pace=Pace(service=account.hosts()[0], tries=1),
        timeout=patience,
    )
    provider = CaldavProvider(account.name, account.calendars, http, me=config.me.emails, on_behalf=account.on_behalf)
    try:
        site = provider.site()
    except ProviderError as error:
        yield bad(name, f"{error.happened} {error.not_done}".strip(), error.next_step)
        return
    finally:
        provider.close()
    found = provider.chosen
    names = ", ".join(one.name or one.id for one in found)
    yield good(name, f"the sign-in works; it reads {names}")
    for one in found:
        shown = f"{one.name or one.id} ({one.id})"
        if not one.mine and not account.on_behalf:
            fix = "add `on_behalf: true` if you look after it for them, or take it out of `calendars`"
            yield warn(name, f"{shown} is shared by somebody else, so nothing in it is judged", fix)
        elif not one.writable:
            fix = "have it shared with the right to edit, if agendad is to act there"
            yield warn(name, f"{shown} can be read and not written, so nothing can be done about its events", fix)
    if not site.schedules:
        return
    mine = site.addresses & {email.lower() for email in config.me.emails}
    if mine:
        yield good(name, f"its server tells the guests of changes by {' and '.join(sorted(mine))}, and no mail of ours")
    else:
        known = ", ".join(sorted(site.addresses)) or "no address"
        fix = "add your address to the account there, or that one to `me.emails`; until then agendad mails the guests"
        yield warn(name, f"its server could tell the guests, and knows you by {known}", fix)
