"""Mail through real SMTP servers on loopback: one that works, and ones that fail at each step."""

import socket
import threading
from base64 import b64encode
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import keyring
import keyring.backend
import keyring.errors
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from simulators.loopback.certificates import certified

from agendad.daemon.config import ConfigError, load
from agendad.daemon.config_shapes import SmtpMail
from agendad.daemon.mailing import KEYRING_SERVICE, read_password
from agendad.providers.mail import MailNotSent
from agendad.providers.smtp import MailInDoubt, MailPartlySent, SmtpTransport

SECRET = "correct horse battery"  # noqa: S105 - of the test server
HANG_UP, STALL = "hang up", "stall"


def a_message(to="Ada <ada@example.com>", **headers):
    message = EmailMessage()
    fields = {"From": "Grace <grace@example.org>", "To": to, "Subject": "Grüße", "Message-ID": "<one@example.org>"}
    for name, value in {**fields, **headers}.items():
        message[name] = value
    message.set_content("Ein Gruß\n.\n..und Punkte\n")
    return message


class Inbox:
    """What the server got; refuses the addresses in `refused`."""

    def __init__(self):
        self.envelopes, self.refused, self.verdict = [], {}, "250 taken"

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if self.verdict.startswith("250"):
            self.envelopes.append(envelope)
        return self.verdict

    def read(self):
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]


class LoopbackServer(Controller):
    """Takes any free port."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def authenticator(_server, _session, _envelope, mechanism, credentials):
    known = (credentials.login, credentials.password) == (b"grace", SECRET.encode())
    return AuthResult(success=known, handled=False)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """(a file with the CA, the server's TLS context)."""
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def serve():
    """Start a server; gives (its port, its inbox)."""
    running = []

    def start(*, hostname="127.0.0.1", **options):
        inbox = Inbox()
        server = LoopbackServer(inbox, hostname=hostname, port=0, server_hostname="localhost", **options)
        server.start()
        running.append(server)
        return server.port, inbox

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def secure(serve, certificates):
    """A server with STARTTLS that wants a password; gives (a transport's maker, its inbox)."""
    ca_file, context = certificates
    port, inbox = serve(tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticator)

    def transport(username="grace", password=SECRET, host="localhost", ca_file=ca_file):
        return SmtpTransport(host, port, "starttls", username, password, timeout=5, ca_file=ca_file)

    return transport, inbox


class Scripted:
    """A server that answers each command by its verb as told; a verb may hang up or stall instead."""

    def __init__(self, answers):
        usual = {"": "220 hi", "EHLO": "250 hi", "DATA": "354 go on", ".": "250 taken"}
        self.answers = {**usual, **answers}
        self.heard, self.ended = [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._talk)
        self.thread.start()

    def _talk(self):
        connection, _ = self.listener.accept()
        with suppress(OSError), connection, connection.makefile("rb") as lines:  # the other side may hang up too
            verb, in_data = "", False
            while self._answer(connection, verb):
                if verb == "DATA":
                    in_data = True
                for raw in lines:
                    line = raw.decode("utf-8", "replace").rstrip("\r\n")
                    if not in_data or line == ".":
                        break
                else:
                    return
                verb, in_data = (line if in_data else line.partition(" ")[0].upper()), False
                self.heard.append(verb)

    def _answer(self, connection, verb):
        answer = self.answers.get(verb, "250 OK")
        if answer == STALL:
            self.ended.wait(10)
        if answer in (HANG_UP, STALL):
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return not answer.endswith(HANG_UP)

    def close(self):
        self.ended.set()
        self.thread.join(10)
        self.listener.close()


@pytest.fixture
def scripted():
    """Start a scripted server; gives (a transport to it, the server)."""
    running = []

    def start(answers, security="none", *, timeout=5, **login):
        server = Scripted(answers)
        running.append(server)
        return SmtpTransport("127.0.0.1", server.port, security, **login, timeout=timeout), server

    yield start
    for server in running:
        server.close()


def refusal(transport, message=None, kind=MailNotSent):
    with pytest.raises(kind) as caught:
        transport.send(message or a_message())
    assert type(caught.value) is kind
    assert caught.value.not_done
    assert caught.value.next_step
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_message_arrives_whole_over_starttls_with_a_password(secure):
    transport, inbox = secure
    transport().send(a_message(Cc="bob@example.com", Bcc="carol@example.com, ada@example.com"))
    (envelope,), (read,) = inbox.envelopes, inbox.read()
    assert envelope.mail_from == "grace@example.org"
    assert envelope.rcpt_tos == ["ada@example.com", "bob@example.com", "carol@example.com"]
    assert read["Subject"] == "Grüße"
    assert read.get_content() == "Ein Gruß\n.\n..und Punkte\n"
    assert read["Bcc"] is None
    assert envelope.content.isascii()


def test_looking_whether_mail_could_go_signs_in_and_sends_nothing(secure):
    transport, inbox = secure
    transport().check()
    assert inbox.envelopes == []
    with pytest.raises(MailNotSent, match="refused the user name"):
        transport(password="of yesterday").check()  # noqa: S106 - a wrong one


def test_message_arrives_over_tls_from_the_start(serve, certificates):
    ca_file, context = certificates
    port, inbox = serve(ssl_context=context)
    SmtpTransport("localhost", port, "tls", timeout=5, ca_file=ca_file).send(a_message())
    assert len(inbox.envelopes) == 1


def test_message_is_not_changed_by_sending(serve):
    port, _ = serve()
    message = a_message(Bcc="carol@example.com")
    before = message.as_bytes()
    SmtpTransport("127.0.0.1", port, "none", timeout=5).send(message)
    assert message.as_bytes() == before


def test_wrong_password_is_told_and_nothing_is_sent(secure):
    transport, inbox = secure
    said = refusal(transport(password="guessed"))  # noqa: S106
    assert "refused the user name grace" in said
    assert "guessed" not in said
    assert inbox.envelopes == []


def test_password_never_shows_when_the_server_quotes_it(scripted):
    plain = b64encode(f"\0grace\0{SECRET}".encode()).decode()
    for quoted in (SECRET, plain):
        transport, _ = scripted(
            {"EHLO": "250-hi\r\n250 AUTH PLAIN", "AUTH": f"535 no {quoted}"}, username="grace", password=SECRET
        )
        said = refusal(transport)
        assert "quotes the password" in said
        assert plain not in said
        assert SECRET not in repr(transport)


def test_password_beyond_ascii_is_told_without_a_letter_of_it(secure):
    transport, inbox = secure
    with pytest.raises(MailNotSent, match="beyond ASCII") as caught:
        transport(password="größer").send(a_message())  # noqa: S106
    assert "ö" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert inbox.envelopes == []


def test_certificate_nobody_vouches_for_is_refused(secure):
    transport, inbox = secure
    assert "cannot be trusted" in refusal(transport(ca_file=None))
    assert inbox.envelopes == []


def test_certificate_for_another_name_is_refused(serve, certificates):
    ca_file, context = certificates
    port, inbox = serve(hostname="127.0.0.2", ssl_context=context)
    said = refusal(SmtpTransport("127.0.0.2", port, "tls", timeout=5, ca_file=ca_file))
    assert "certificate" in said
    assert inbox.envelopes == []


def test_server_without_starttls_gets_neither_password_nor_mail(scripted):
    transport, server = scripted({"EHLO": "250-hi\r\n250 AUTH PLAIN"}, "starttls", username="grace", password=SECRET)
    assert "offers no STARTTLS" in refusal(transport)
    assert server.heard == ["EHLO"]


def test_server_that_takes_starttls_back_gets_no_mail(scripted):
    transport, server = scripted({"EHLO": "250-hi\r\n250 STARTTLS", "STARTTLS": "454 not now"}, "starttls")
    assert "does not start TLS: 454 not now" in refusal(transport)
    assert server.heard == ["EHLO", "STARTTLS"]


def test_tls_spoken_to_a_plain_port_is_told(scripted):
    transport, server = scripted({}, "tls")
    assert "no TLS in common" in refusal(transport)
    assert "MAIL" not in server.heard


def test_password_for_a_server_that_asks_for_none_is_told(scripted):
    transport, server = scripted({}, username="grace", password=SECRET)
    assert "lets nobody sign in this way" in refusal(transport)
    assert server.heard == ["EHLO"]


def test_unencrypted_mail_stays_on_this_machine(scripted):
    transport, server = scripted({})
    transport._only_to_this_machine(_Connection("127.0.0.2"))
    with pytest.raises(MailNotSent, match="another machine"):
        transport._only_to_this_machine(_Connection("192.0.2.7"))
    transport.send(a_message())
    assert "." in server.heard


class _Connection:
    """As `smtplib.SMTP`, for the one thing that is asked: there is no other machine in a test."""

    def __init__(self, address):
        self.sock = self
        self.address = address

    def getpeername(self):
        return self.address, 25


def test_server_that_is_not_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = refusal(SmtpTransport("127.0.0.1", port, "none", timeout=5))
    assert f"127.0.0.1:{port} could not be reached: Connection refused" in said


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"": "554 go away"}, "turns connections away: 554 go away"),
        ({"": HANG_UP}, "could not be reached"),
        ({"": STALL}, "could not be reached: Connection unexpectedly closed: timed out"),
        ({"MAIL": HANG_UP}, "broke the connection off"),
        ({"MAIL": "550 not you"}, "refused the sender grace@example.org: 550 not you"),
        ({"RCPT": "550 nobody\x07 here"}, "refused ada@example.com (550 nobody here)"),
        ({"RCPT": "450 later"}, "refused ada@example.com (450 later)"),
        ({"DATA": "451 not now"}, "refused the message: 451 not now"),
        ({"DATA": STALL}, "broke the connection off"),
        ({".": "554 spam"}, "refused the message: 554 spam"),
        ({".": "451 try later"}, "refused the message: 451 try later"),
    ],
)
def test_failure_is_certain_until_the_message_is_handed_over(scripted, answers, expected):
    transport, _ = scripted(answers, timeout=0.5 if STALL in answers.values() else 5)
    assert expected in refusal(transport)


@pytest.mark.parametrize("ending", [HANG_UP, STALL])
def test_message_is_in_doubt_when_no_answer_to_it_comes(scripted, ending):
    transport, server = scripted({".": ending}, timeout=0.5)
    assert "may have been sent or not" in refusal(transport, kind=MailInDoubt)
    assert server.heard[-1] == "."


def test_message_cut_off_in_its_middle_is_certainly_not_sent(scripted):
    transport, server = scripted({"DATA": f"354 go on, and I {HANG_UP}"})
    long = a_message()
    long.set_content(f"{'a' * 70}\n" * 200_000)  # more than the network holds on the way
    assert "broke the connection off" in refusal(transport, long)
    assert server.heard[-1] == "DATA"


@pytest.mark.parametrize("goodbye", [HANG_UP, "500 what?"])
def test_accepted_message_is_sent_whatever_becomes_of_the_goodbye(scripted, goodbye):
    transport, server = scripted({"QUIT": goodbye})
    transport.send(a_message())
    assert "." in server.heard


def test_some_readers_refused_is_told_and_the_others_get_it(serve):
    port, inbox = serve()
    inbox.refused = {"bob@example.com": "550 no such user"}
    transport = SmtpTransport("127.0.0.1", port, "none", timeout=5)
    with pytest.raises(MailPartlySent, match=r"refused bob@example\.com") as caught:
        transport.send(a_message(to="ada@example.com, bob@example.com"))
    assert caught.value.refused == {"bob@example.com": "550 no such user"}
    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["ada@example.com"]]


def test_address_beyond_ascii_is_sent_where_the_server_takes_it(serve):
    port, inbox = serve(enable_SMTPUTF8=True)
    transport = SmtpTransport("127.0.0.1", port, "none", timeout=5)
    transport.send(a_message(to="ädä@exämple.com"))
    transport.send(a_message())
    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["ädä@exämple.com"], ["ada@example.com"]]
    assert [envelope.smtp_utf8 for envelope in inbox.envelopes] == [True, False]


def test_address_beyond_ascii_is_refused_where_the_server_does_not_take_it(serve):
    port, inbox = serve(enable_SMTPUTF8=False)
    said = refusal(SmtpTransport("127.0.0.1", port, "none", timeout=5), a_message(to="ädä@example.com"))
    assert "offers no SMTPUTF8" in said
    assert inbox.envelopes == []


def test_nothing_is_known_of_a_message_afterwards(serve):
    port, _ = serve()
    assert SmtpTransport("127.0.0.1", port, "none").find("<one@example.org>") is None


@pytest.mark.parametrize("left_out", ["Message-ID", "From", "To"])
def test_message_without_what_it_needs_is_refused_before_connecting(left_out):
    message = a_message()
    del message[left_out]
    with pytest.raises(ValueError, match="a message is sent"):
        SmtpTransport("127.0.0.1", 9, "none").send(message)


def smtp(**auth):
    given = {"transport": "smtp", "host": "mail.example.org", "username": "grace"}
    return SmtpMail.model_validate({**given, "auth": {"method": "password", **auth}})


def test_password_comes_from_the_environment():
    assert read_password(smtp(env="MAIL_PASSWORD"), {"MAIL_PASSWORD": SECRET}) == SECRET
    with pytest.raises(MailNotSent, match="MAIL_PASSWORD is empty or not set"):
        read_password(smtp(env="MAIL_PASSWORD"), {})


def test_password_comes_from_a_file_that_nobody_else_reads(tmp_path):
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    assert read_password(smtp(file=str(path)), {}) == SECRET
    path.chmod(0o640)
    with pytest.raises(MailNotSent, match=f"chmod 600 {path}") as caught:
        read_password(smtp(file=str(path)), {})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"), [(None, "No such file"), (b"", "is empty"), (b"\xff\xfe", "no UTF-8 text")]
)
def test_password_file_that_holds_none_is_told(tmp_path, content, expected):
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(MailNotSent, match=expected):
        read_password(smtp(file=str(path)), {})


def test_password_comes_from_a_command():
    assert read_password(smtp(command=["printf", f"{SECRET}\\nuser: grace\\n"]), {}) == SECRET


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["sh", "-c", f"echo {SECRET}; exit 3"], "ended with status 3"),
        (["true"], "What true printed is empty"),
        (["no-such-program-here"], "could not be started: No such file"),
    ],
)
def test_command_that_gives_no_password_is_told_without_what_it_printed(command, expected):
    with pytest.raises(MailNotSent, match=expected) as caught:
        read_password(smtp(command=command), {})
    assert SECRET not in str(caught.value)


def test_password_comes_from_systemds_credential_unless_another_place_is_named(tmp_path):
    (tmp_path / "mail-password").write_text(SECRET)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "MAIL_PASSWORD": "other"}
    assert read_password(smtp(), environ) == SECRET
    assert read_password(smtp(env="MAIL_PASSWORD"), environ) == "other"
    with pytest.raises(MailNotSent, match="LoadCredential=mail-password"):
        read_password(smtp(), {})


class FakeDesktop(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, entries, failure=None):
        super().__init__()
        self.entries, self.failure = entries, failure

    def get_password(self, service, username):
        if self.failure:
            raise self.failure
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        del self.entries[service, username]


@pytest.fixture
def desktop():
    before = keyring.get_keyring()
    yield lambda entries, failure=None: keyring.set_keyring(FakeDesktop(entries, failure))
    keyring.set_keyring(before)


def test_password_comes_from_the_keyring(desktop):
    desktop({(KEYRING_SERVICE, "grace"): SECRET})
    assert read_password(smtp(keyring=True), {}) == SECRET


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (None, "keyring set agendad-mail grace"),
        (keyring.errors.NoKeyringError(), "no keyring"),
        (keyring.errors.KeyringLocked(), "is locked"),
        (keyring.errors.InitError(), "could not be read: InitError"),
    ],
)
def test_keyring_without_the_password_is_told_with_the_other_places(desktop, failure, expected):
    desktop({}, failure)
    with pytest.raises(MailNotSent, match=expected) as caught:
        read_password(smtp(keyring=True), {})
    assert "env, keyring, file or command" in str(caught.value)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("username: grace", "no place to read its password from; add auth: {method: password, env: NAME}"),
        ("auth: {method: password, env: X}", "a password without a user name; add `username:`"),
        ("username: grace, auth: {method: password, env: X, file: y}", "env and file both name the password"),
        ("username: grace, auth: {method: password, command: []}", "this is empty"),
        ("username: grace, auth: {method: password, password: hunter2}", "a secret in the configuration"),
    ],
)
def test_configuration_that_does_not_say_where_the_password_is_is_refused(tmp_path, monkeypatch, rest, expected):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "config.yaml"
    me = "version: 1\nme: {name: Grace, emails: [grace@example.org], timezone: Europe/London}\n"
    path.write_text(f"{me}mail: {{transport: smtp, host: mail.example.org, {rest}}}\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert expected in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("verb", "kind"), [("", MailNotSent), ("EHLO", MailNotSent), ("MAIL", MailNotSent), (".", MailInDoubt)]
)
def test_reply_without_end_is_cut_and_told(scripted, verb, kind):
    code = 250 if verb else 220
    transport, _ = scripted({verb: f"{code}-on\r\n" * 20_000 + f"{code} end"})
    assert "reply has more than 200 lines" in str(refusal(transport, kind=kind))


def test_reply_of_many_lines_is_read(scripted):
    extensions = "".join(f"250-X-{number}\r\n" for number in range(150))
    transport, server = scripted({"EHLO": f"{extensions}250 end"})
    transport.send(a_message())
    assert "." in server.heard
