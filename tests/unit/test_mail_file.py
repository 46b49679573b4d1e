import stat
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from pathlib import Path

import pytest

from agendad.providers.mail import FileTransport, MailNotSent

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def a_message(message_id="<one@agendad.invalid>", sent=NOON):
    message = EmailMessage()
    message["From"] = "Grace <grace@example.org>"
    message["To"] = "Ada <ada@example.org>"
    message["Subject"] = "Agenda für Dienstag"
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = message_id
    message.set_content("Grüße\n")
    return message


def test_message_reads_back_the_same_when_it_was_sent(tmp_path):
    path = FileTransport(tmp_path / "new" / "outbox").send(a_message())
    read = message_from_bytes(path.read_bytes(), policy=default)
    assert read["Subject"] == "Agenda für Dienstag"
    assert read.get_content().replace("\r\n", "\n") == "Grüße\n"
    assert b"\r\n" in path.read_bytes()


def test_file_is_only_the_users_and_the_only_one_in_the_folder(tmp_path):
    path = FileTransport(tmp_path).send(a_message())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_second_send_returns_the_first_file_when_the_message_id_is_the_same(tmp_path):
    first = FileTransport(tmp_path).send(a_message())
    again = FileTransport(tmp_path).send(a_message(sent=NOON + timedelta(days=1)))
    assert again == first
    assert list(tmp_path.iterdir()) == [first]


def test_files_are_in_the_order_of_time_when_sent_in_any_order(tmp_path):
    late = FileTransport(tmp_path).send(a_message("<late@x.test>", NOON + timedelta(hours=1)))
    early = FileTransport(tmp_path).send(a_message("<early@x.test>", NOON))
    assert sorted(tmp_path.iterdir()) == [early, late]


def test_name_stays_in_the_folder_when_the_message_id_holds_a_path(tmp_path):
    path = FileTransport(tmp_path / "outbox").send(a_message("<../../escape@x.test>"))
    assert path.parent == tmp_path / "outbox"


def test_message_is_found_only_after_it_was_sent(tmp_path):
    transport = FileTransport(tmp_path / "outbox")
    assert not transport.find("<one@agendad.invalid>")
    transport.send(a_message())
    assert transport.find("<one@agendad.invalid>")
    assert not transport.find("<two@agendad.invalid>")


def test_partial_file_is_no_message_when_a_write_was_cut_off(tmp_path):
    (tmp_path / ".abc.partial").write_bytes(b"From: x")
    assert not FileTransport(tmp_path).find("<one@agendad.invalid>")


def test_nothing_is_left_behind_when_the_rename_fails(tmp_path, monkeypatch):
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(MailNotSent, match="No space left"):
        FileTransport(tmp_path).send(a_message())
    assert list(tmp_path.iterdir()) == []


def test_error_says_what_to_do_when_the_folder_is_a_file(tmp_path):
    place = tmp_path / "outbox"
    place.write_text("in the way")
    with pytest.raises(MailNotSent) as sending:
        FileTransport(place).send(a_message())
    with pytest.raises(MailNotSent) as finding:
        FileTransport(place).find("<one@agendad.invalid>")
    assert sending.value.not_done
    assert "mail.path" in sending.value.next_step
    assert "nothing was sent" in finding.value.not_done


def test_message_is_refused_when_it_has_no_message_id(tmp_path):
    message = EmailMessage()
    message.set_content("x")
    with pytest.raises(ValueError, match="Message-ID"):
        FileTransport(tmp_path).send(message)
