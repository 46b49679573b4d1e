"""What a CalDAV account signs in with, and when it is not tried again."""

import pytest
from conformance.caldav_backing import http_for

from agendad.daemon.config_accounts import CaldavAccount
from agendad.daemon.dav_sign_in import DavSignIn
from agendad.providers.errors import SignInNeeded


def sign_in(auth, *, environ=None, now=None):
    account = CaldavAccount.model_validate(
        {"name": "dav", "provider": "caldav", "url": "https://dav.example.org", "auth": auth}
    )
    return DavSignIn(account=account, username="grace", environ=environ or {}, clock=now or (lambda: 0.0))


def test_password_and_token_become_headers():
    basic = sign_in({"method": "password", "env": "A"}, environ={"A": "pässword"})
    assert basic.authorization() == "Basic Z3JhY2U6cMOkc3N3b3Jk"
    bearer = sign_in({"method": "token", "env": "A"}, environ={"A": " abc\n"})
    assert bearer.authorization() == "Bearer abc"


def test_credential_of_systemd_is_taken_where_no_place_is_named(tmp_path):
    (tmp_path / "caldav-dav").write_text("secret\n")
    signed = sign_in({"method": "password"}, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert signed.authorization() == "Basic Z3JhY2U6c2VjcmV0"
    with pytest.raises(SignInNeeded, match="There is no credential caldav-dav") as missing:
        sign_in({"method": "password"}).authorization()
    assert missing.value.next_step


def test_refused_secret_is_not_sent_again_for_an_hour_and_another_one_at_once():
    environ, now = {"A": "old"}, [0.0]
    signed = sign_in({"method": "password", "env": "A"}, environ=environ, now=lambda: now[0])
    signed.authorization()
    told = signed.refused('Basic realm="x"')
    assert "old" not in str(told)
    with pytest.raises(SignInNeeded):
        signed.authorization()
    environ["A"] = "new"
    assert signed.authorization()
    environ["A"] = "old"
    signed.refused("Basic")
    now[0] = 3601.0
    assert signed.authorization()


def test_server_that_wants_another_way_is_told_of():
    signed = sign_in({"method": "password", "env": "A"}, environ={"A": "x"})
    signed.authorization()
    assert "neither Basic nor Bearer" in signed.refused('Digest realm="x"').next_step


def test_secret_is_not_in_what_is_shown():
    signed = sign_in({"method": "password", "env": "A"}, environ={"A": "hunter2"})
    signed.authorization()
    assert "hunter2" not in repr(signed)
    assert signed.authorization() not in repr(signed)


@pytest.mark.parametrize(
    "url", ["http://dav.example.org", "http://127.0.0.1.example.org", "ftp://127.0.0.1", "http://"]
)
def test_password_for_caldav_goes_to_https_or_to_this_machine(url):
    with pytest.raises(ValueError, match="secrets go to https"):
        http_for(url)
    for fine in ("https://dav.example.org", "http://127.0.0.1:5232", "http://localhost:5232/"):
        http_for(fine).close()
