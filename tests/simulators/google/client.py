"""Google's own client, pointed at the simulator."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import google_auth_httplib2
import httplib2
from google.auth.credentials import Credentials as AnyCredentials
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from .simulator import GoogleSimulator


@contextmanager
def service(
    simulator: GoogleSimulator,
    person: str,
    scopes: Iterable[str] | None = None,
    *,
    credentials: AnyCredentials | None = None,
    timeout: float = 10,
) -> Iterator[Any]:
    """A calendar client with a token of that person's, or with the given credentials."""
    held = credentials or Credentials(simulator.token_for(person, scopes))
    http = google_auth_httplib2.AuthorizedHttp(held, http=httplib2.Http(timeout=timeout))
    # The endpoint must include the path: the client replaces all of its base address with it.
    built = build("calendar", "v3", http=http, client_options={"api_endpoint": simulator.api_root + "/"})
    try:
        yield built
    finally:
        built.close()
