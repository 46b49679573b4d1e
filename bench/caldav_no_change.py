"""A look at 2,000 events on Radicale of which none changed, beside the one bare request that it takes."""

import httpx

from agendad.providers.dav_xml import ETAG, multistatus, sync_collection
from bench.caldav import EVENTS, PASSWORD, database, radicale, read
from bench.measure import Row, best, span


def row() -> Row:
    bench = radicale()
    with database(bench.scratch / "state") as calendars:
        provider = bench.provider()
        assert read(calendars, provider) == EVENTS
        with httpx.Client(auth=("grace", PASSWORD), trust_env=False, timeout=60) as client:

            def asked(token: str) -> str | None:
                body = sync_collection(token, (ETAG,))
                return multistatus(
                    client.request("REPORT", bench.url, content=body, headers={"Depth": "0"}).content
                ).token

            token = asked("") or ""

            def bare() -> None:
                assert asked(token) == token

            def ours() -> None:
                before = bench.requests()
                assert read(calendars, provider) == 0
                assert bench.requests() == before + 1

            taken, floor = best(ours, bare)
        provider.close()
    return Row(ours=span(taken), beside=span(floor), ratio=taken / floor, allowed=1.3)
