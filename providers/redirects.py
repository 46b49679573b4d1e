"""How the answer of a vendor's sign-in page comes back: to a small server on this machine, or pasted by hand."""

import html
from collections.abc import Callable, Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
_LONGEST_FORM = 65_536
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>agendad</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto"><p>{}</p></body></html>
"""


class NotTheAddress(Exception):
    """A text is not the address of the page that a sign-in ends at. The message says what is wrong."""


class Denied(Exception):
    """The person, or the vendor, said no. The message is the vendor's word for it."""


def code_in(answer: Mapping[str, str], state: str) -> str:
    """The code that is exchanged for a sign-in.

    Args:
        answer: the parameters that came back.
        state: ours, which comes back with them.

    Raises:
        NotTheAddress: something is missing, or it is the end of another sign-in.
        Denied: there is no code because the answer was no.
    """
    if "state" not in answer or not (answer.get("code") or answer.get("error")):
        raise NotTheAddress("This is not the whole address: `state=` and `code=` belong to it.")
    if not compare_digest(answer["state"].encode(), state.encode()):
        raise NotTheAddress("This address belongs to another sign-in.")
    if answer.get("error"):
        raise Denied(answer["error"])
    return answer["code"]


def parameters(address: str) -> dict[str, str]:
    """The parameters in an address, also in one without its beginning.

    >>> parameters(" 127.0.0.1:8080/?state=a&code=b%2Fc ")
    {'state': 'a', 'code': 'b/c'}
    """
    text = "".join(address.split()).strip("'\"<>")  # a terminal may have broken it into lines
    try:
        query = urlsplit(text).query or text.rpartition("?")[2]
        return {name: values[0] for name, values in parse_qs(query).items()}
    except ValueError:
        return {}


class Redirects:
    """A server on loopback that waits for a vendor's answer and lets nothing else disturb it.

    Browsers ask for icons, open connections that they never use, and reload; each request has its own thread.
    """

    def __init__(
        self, answered: Callable[[dict[str, str]], None], *, vendor: str, redirect: str, posted: bool = False
    ) -> None:
        """Listen on a free port.

        Args:
            answered: is given the parameters of the answer, once its `state` is right.
            vendor: whose answer it is, for the page that the browser shows at the end.
            redirect: the address that the browser is sent to, with `{port}` in it.
            posted: whether the answer comes in a form that the browser posts, rather than in the address.
        """
        self.state, self.posted = "", posted
        self._answered, self._vendor, self._redirect = answered, vendor, redirect
        self._server = _Server((HOST, 0), _Handler)
        self._server.redirects = self

    @property
    def uri(self) -> str:
        return self._redirect.format(port=self._server.server_port)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="redirect", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, target: str, form: str = "") -> tuple[int, str]:
        """Look at a request, and at the form that came with it; gives (status, what the page says)."""
        answer = parameters(f"?{form}") if form else parameters(target)
        if urlsplit(target).path != "/" or "state" not in answer:
            return 404, "There is nothing here."
        try:
            code_in(answer, self.state)
        except NotTheAddress as error:
            return 400, f"{error} Go back to the terminal."
        except Denied:
            said = "You did not allow it. The terminal says how to go on; this window can be closed."
        else:
            said = f"agendad has {self._vendor}'s answer. Go back to the terminal; this window can be closed."
        self._answered(answer)
        return 200, said


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    redirects: Redirects

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10  # seconds, for a connection that says nothing
    server_version, sys_version = "agendad", ""

    def do_GET(self) -> None:
        self._show(*self.server.redirects.take(self.path))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not self.server.redirects.posted or not length.isdecimal() or int(length) > _LONGEST_FORM:
            self.send_error(501)
            return
        form = self.rfile.read(int(length)).decode("ascii", "replace")
        self._show(*self.server.redirects.take(self.path, form))

    def _show(self, status: int, said: str) -> None:
        page = _PAGE.format(html.escape(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_anything: Any) -> None:
        """Requests hold the code: they are not shown."""
