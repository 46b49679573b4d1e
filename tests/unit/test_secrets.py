"""Sign-ins at rest, on real files and with a keyring that is one of the `keyring` package's own kind."""

import json
import os
import stat
import threading
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from simulators import desktop_keyring

from agendad.daemon import token_keys
from agendad.daemon.config_shapes import SecretSource
from agendad.daemon.secret_sources import KeyringEntry, SecretMissing, read
from agendad.daemon.secrets import StoredToken, TokenVault, file_name
from agendad.daemon.store import StateError
from agendad.daemon.token_keys import derive
from agendad.providers.errors import AccountUnavailable, SignInNeeded

KEY = "9wN8kq0mOQ1hWcVd3pS7xLrT2yZaBfUe"
OTHER_KEY = "aaaabbbbccccddddeeeeffffgggghhhh"
TOKEN = StoredToken("google", {"refresh_token": "1//do-not-show", "scopes": ["a", "b"]})


@pytest.fixture(autouse=True)
def no_keyring():
    """A machine without a desktop, unless a test takes `desktop`."""
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def desktop(tmp_path, monkeypatch, no_keyring):
    monkeypatch.setenv("DESKTOP_KEYRING", str(tmp_path / "desktop.json"))
    keyring.set_keyring(desktop_keyring.Keyring())
    return tmp_path / "desktop.json"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def vault(state, environ=None, **source):
    return TokenVault(state, SecretSource(**source) if source else None, environ or {})


def by_env(state, key=KEY):
    return vault(state, {"KEY": key}, env="KEY")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refusal(action, kind=SignInNeeded):
    """The error, which says what happened, what was not done and what to do next, and no secret."""
    with pytest.raises(kind) as caught:
        action()
    error = caught.value
    assert error.happened
    assert error.not_done
    assert error.next_step
    assert KEY not in str(error)
    assert "do-not-show" not in str(error)
    return str(error)


def test_sign_in_comes_back_as_it_was_stored(state):
    stored = by_env(state).save("work", TOKEN)
    loaded = by_env(state).load("work")
    assert (loaded.provider, loaded.secret, loaded.sign_in) == ("google", TOKEN.secret, stored.sign_in)
    assert by_env(state).load("home") is None


def test_nothing_of_a_sign_in_is_readable_on_the_disk_or_in_a_repr(state):
    stored = by_env(state).save("work", TOKEN)
    for path in (state / "tokens").rglob("*"):
        assert b"do-not-show" not in path.read_bytes()
        assert KEY.encode() not in path.read_bytes()
    assert "do-not-show" not in repr(stored)
    assert str(derive(KEY, "here").fernet) not in repr(derive(KEY, "here"))


def test_folder_and_files_are_their_owners_alone_and_loose_modes_are_mended(state):
    vault(state).save("work", TOKEN)
    folder = state / "tokens"
    files = [folder / "work.token", folder / "key"]
    assert [mode(folder), *map(mode, files)] == [0o700, 0o600, 0o600]
    for path in (folder, *files):
        path.chmod(0o755)
    vault(state).load("work")
    assert list(map(mode, files)) == [0o600, 0o600]
    vault(state).save("work", TOKEN)
    assert mode(folder) == 0o700


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b", ".", "key", "Work", "work\n", "Gräce", "x" * 300, "\udcff"]
)
def test_any_account_name_has_a_file_of_its_own_in_the_folder(state, name):
    keeper = by_env(state)
    keeper.save("work", StoredToken("google", {"whose": "work"}))
    keeper.save(name, StoredToken("google", {"whose": "other"}))
    assert keeper.load(name).secret == {"whose": "other"}
    assert keeper.load("work").secret == {"whose": "work"}
    assert {path.parent for path in state.rglob("*.token")} == {state / "tokens"}
    assert file_name(name).lower() != "work.token"


def test_file_under_another_accounts_name_is_refused(state):
    by_env(state).save("work", TOKEN)
    (state / "tokens" / "work.token").rename(state / "tokens" / "home.token")
    assert "sign-in of account home is damaged" in refusal(lambda: by_env(state).load("home"))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"{}", b'{"version": 1}', b'{"version": "1", "account": 3}'],
)
def test_damaged_file_is_told_with_the_command_that_mends_it(state, content):
    by_env(state).save("my work", TOKEN)
    (path,) = (state / "tokens").glob("*.token")
    path.write_bytes(content)
    said = refusal(lambda: by_env(state).load("my work"))
    assert "is damaged" in said
    assert "agendad login 'my work'" in said
    assert by_env(state).fingerprint("my work") == ""
    by_env(state).save("my work", TOKEN)
    assert by_env(state).load("my work").secret == TOKEN.secret


def changed(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_file_changed_by_another_hand_is_damaged_and_not_from_another_key(state):
    by_env(state).save("work", TOKEN)
    path = state / "tokens" / "work.token"
    sealed = json.loads(path.read_text())["sealed"]
    for change in ({"sealed": sealed[:-8] + "AAAAAAA="}, {"sign_in": "00"}, {"provider": "outlook"}, {"sealed": ""}):
        before = path.read_text()
        changed(path, **change)
        assert "is damaged" in refusal(lambda: by_env(state).load("work")), change
        path.write_text(before)
    changed(path, version=2)
    assert "newer agendad" in refusal(lambda: by_env(state).load("work"))


def test_another_key_is_told_apart_from_damage(state):
    by_env(state).save("work", TOKEN)
    said = refusal(lambda: by_env(state, OTHER_KEY).load("work"))
    assert "was encrypted with a key in the environment variable KEY" in said
    assert "damaged" not in said


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Each place that the configuration can name, holding KEY: (what is written there, the environment)."""
    private = tmp_path / "private"
    private.write_text(f"{KEY}\r\nsecond line\n")
    private.chmod(0o600)
    return {"env": "KEY", "file": private, "command": ("echo", KEY)}, {"KEY": KEY}


@pytest.mark.parametrize("kind", ["env", "file", "command"])
def test_key_comes_from_the_place_that_the_configuration_names(state, sources, kind):
    places, environ = sources
    vault(state, environ, **{kind: places[kind]}).save("work", TOKEN)
    assert by_env(state).load("work").secret == TOKEN.secret
    assert not (state / "tokens" / "key").exists()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"env": "GONE"}, "GONE is empty or not set"),
        ({"env": "SHORT"}, "has less than 20 characters"),
        ({"file": Path("/nowhere/key")}, "key file /nowhere/key could not be read"),
        ({"command": ("false",)}, "false gave no key: it ended with status 1"),
        ({"command": ("/nowhere/pass",)}, "could not be started"),
        ({"keyring": True}, "no keyring here that is encrypted"),
    ],
)
def test_place_that_gives_no_key_stores_nothing_and_says_every_other_way(state, source, expected):
    said = refusal(lambda: vault(state, {"SHORT": "hunter2"}, **source).save("work", TOKEN))
    assert expected in said
    assert "secrets: {key: {file: PATH}}" in said
    assert "LoadCredential=agendad-key" in said
    assert not list(state.rglob("*.token"))
    assert "hunter2" not in said


def test_key_file_of_the_configuration_that_others_may_use_is_refused(state, tmp_path):
    loose = tmp_path / "loose"
    loose.write_text(KEY)
    loose.chmod(0o644)
    assert f"chmod 600 {loose}" in refusal(lambda: vault(state, file=loose).save("work", TOKEN))


def test_place_named_in_the_configuration_is_the_only_one(state, desktop):
    vault(state).save("work", TOKEN)
    said = refusal(lambda: by_env(state).load("work"))
    assert "encrypted with a key in the keyring" in said


def test_systemd_credential_is_the_key_where_there_is_one(state, tmp_path, desktop):
    (tmp_path / "agendad-key").write_text(f"{KEY}\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    vault(state, environ).save("work", TOKEN)
    assert by_env(state).load("work").secret == TOKEN.secret
    (tmp_path / "agendad-key").write_text("")
    assert "agendad-key is empty" in refusal(lambda: vault(state, environ).load("work"))


def test_first_sign_in_makes_a_key_in_the_keyring_and_later_ones_use_it(state, desktop):
    keeper = vault(state)
    assert keeper.key_place() == ""
    keeper.save("work", TOKEN)
    assert keeper.key_place() == "the keyring"
    made = json.loads(desktop.read_text())["entries"]["agendad/token-key"]
    assert len(made) >= 40
    vault(state).save("home", TOKEN)
    assert json.loads(desktop.read_text())["entries"]["agendad/token-key"] == made
    assert vault(state).load("work").secret == TOKEN.secret
    assert not (state / "tokens" / "key").exists()


def test_first_sign_in_without_a_keyring_makes_a_key_file(state):
    keeper = vault(state)
    keeper.save("work", TOKEN)
    assert keeper.key_place() == f"the key file {state / 'tokens' / 'key'}"
    assert vault(state).load("work").secret == TOKEN.secret


def test_keyring_asked_for_by_the_configuration_gets_the_key(state, desktop):
    vault(state, keyring=True).save("work", TOKEN)
    assert "agendad/token-key" in json.loads(desktop.read_text())["entries"]
    assert vault(state, keyring=True).load("work").secret == TOKEN.secret


class InTheClear(desktop_keyring.Keyring):
    __module__ = "keyrings.alt.file"


class Chained(keyring.backends.chainer.ChainerBackend):
    backends = ()


@pytest.mark.parametrize("backend", [InTheClear, keyring.backends.null.Keyring])
def test_keyring_that_keeps_nothing_or_keeps_it_in_the_clear_is_not_used(state, desktop, backend):
    keyring.set_keyring(backend())
    vault(state).save("work", TOKEN)
    assert (state / "tokens" / "key").exists()
    assert not desktop.exists()
    assert "no keyring here that is encrypted" in refusal(lambda: vault(state, keyring=True).save("work", TOKEN))


def test_fit_keyring_is_found_among_several(state, desktop):
    Chained.backends = (InTheClear(), desktop_keyring.Keyring())
    keyring.set_keyring(Chained())
    vault(state).save("work", TOKEN)
    assert vault(state).key_place() == "the keyring"


@pytest.mark.parametrize(("how", "expected"), [("locked", "is locked"), ("broken", "could not be used: Connection")])
def test_keyring_that_is_locked_or_fails_pauses_the_account_and_no_other_key_is_taken(state, desktop, how, expected):
    vault(state).save("work", TOKEN)
    (state / "tokens" / "key").write_text(OTHER_KEY)
    desktop_keyring.put_in_state(how)
    said = refusal(lambda: vault(state).load("work"), AccountUnavailable)
    assert expected in said
    assert "account work" in said
    with pytest.raises(AccountUnavailable) as caught:
        vault(state).load("work")
    assert not isinstance(caught.value, SignInNeeded), "it is tried again, nobody needs to sign in"
    desktop_keyring.put_in_state("open")
    assert vault(state).load("work").secret == TOKEN.secret


class Waiting(desktop_keyring.Keyring):
    """Its dialog stands open until somebody answers it."""

    dialogs, answered = 0, threading.Event()

    def get_password(self, service, username):
        Waiting.dialogs += 1
        self.answered.wait()
        return super().get_password(service, username)


def test_dialog_that_nobody_answers_holds_up_nothing_and_is_not_opened_twice(state, desktop, monkeypatch):
    vault(state).save("work", TOKEN)
    monkeypatch.setattr(token_keys, "_KEYRING_PATIENCE", 0.1)
    keyring.set_keyring(Waiting())
    assert "did not answer in 0.1 seconds" in refusal(lambda: vault(state).load("work"), AccountUnavailable)
    assert "still waits for an answer" in refusal(lambda: vault(state).load("work"), AccountUnavailable)
    assert Waiting.dialogs == 1
    Waiting.answered.set()
    for thread in token_keys._unanswered:
        thread.join()
    assert vault(state).load("work").secret == TOKEN.secret


def test_locked_keyring_stores_no_new_sign_in_elsewhere(state, desktop):
    desktop_keyring.put_in_state("locked")
    assert "Unlock it" in refusal(lambda: vault(state).save("work", TOKEN))
    assert not list(state.rglob("*.token"))
    assert not (state / "tokens" / "key").exists()


def test_locked_keyring_does_not_matter_to_a_sign_in_under_the_key_file(state, desktop):
    keyring.set_keyring(keyring.backends.fail.Keyring())
    vault(state).save("work", TOKEN)
    keyring.set_keyring(desktop_keyring.Keyring())
    desktop_keyring.put_in_state("locked")
    assert vault(state).load("work").secret == TOKEN.secret
    vault(state).save("home", TOKEN)
    assert not desktop_keyring._file().exists() or "entries" not in json.loads(desktop.read_text())


def test_service_without_the_keyring_says_what_to_do(state, desktop):
    vault(state).save("work", TOKEN)
    keyring.set_keyring(keyring.backends.fail.Keyring())
    said = refusal(lambda: vault(state).load("work"))
    assert "a service that starts without a desktop has no keyring" in said
    assert "agendad login work" in said
    assert not (state / "tokens" / "key").exists(), "only a sign-in makes a key"


def test_key_file_that_is_gone_is_told_apart_from_damage(state):
    vault(state).save("work", TOKEN)
    (state / "tokens" / "key").unlink()
    said = refusal(lambda: vault(state).load("work"))
    assert f"a key in the key file {state / 'tokens' / 'key'}" in said
    assert not (state / "tokens" / "key").exists()


def test_fingerprint_changes_with_a_new_sign_in_and_not_with_a_refresh(state):
    keeper = by_env(state)
    assert keeper.fingerprint("work") == ""
    keeper.save("work", TOKEN)
    first = keeper.fingerprint("work")
    loaded = keeper.load("work")
    assert keeper.renew("work", StoredToken("google", {"refresh_token": "rotated"}, loaded.sign_in))
    assert TokenVault(state, None, {}).fingerprint("work") == first != ""
    assert keeper.load("work").secret == {"refresh_token": "rotated"}
    keeper.save("work", TOKEN)
    assert keeper.fingerprint("work") != first
    assert keeper.forget("work") is True
    assert (keeper.fingerprint("work"), keeper.load("work"), keeper.forget("work")) == ("", None, False)


def test_refresh_does_not_overwrite_a_newer_sign_in_or_bring_back_a_forgotten_one(state):
    service = by_env(state)
    service.save("work", TOKEN)
    old = service.load("work")
    by_env(state).save("work", StoredToken("google", {"refresh_token": "new"}))
    assert service.renew("work", old) is False
    assert service.load("work").secret == {"refresh_token": "new"}
    service.forget("work")
    assert service.renew("work", old) is False
    assert service.load("work") is None


def test_readers_and_writers_at_once_never_see_half_a_file(state):
    by_env(state).save("work", StoredToken("google", {"n": 0}))
    wrong, over = [], threading.Event()

    def write(number):
        keeper = by_env(state)
        for _ in range(10):
            keeper.save("work", StoredToken("google", {"n": number}))
            keeper.renew("work", keeper.load("work"))

    def watch():
        keeper = by_env(state)
        while not over.is_set():
            try:
                keeper.load("work").secret["n"]
            except Exception as error:  # noqa: BLE001 - whatever it is, it is wrong
                wrong.append(error)

    watcher = threading.Thread(target=watch)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in (watcher, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    watcher.join()
    assert wrong == []
    assert {path.name for path in (state / "tokens").iterdir()} == {".lock", "work.token"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written_is_told_and_the_old_sign_in_stays(state):
    by_env(state).save("work", TOKEN)
    (state / "tokens").chmod(0o500)
    with pytest.raises(StateError, match=r"cannot be written.*No sign-in was stored"):
        by_env(state).save("work", TOKEN)
    (state / "tokens").chmod(0o700)
    assert by_env(state).load("work").secret == TOKEN.secret


def test_file_in_the_place_of_the_folder_is_told(state):
    state.mkdir()
    (state / "tokens").write_text("")
    with pytest.raises(StateError, match=r"tokens cannot be written.*--state-dir"):
        by_env(state).save("work", TOKEN)


def test_secret_source_that_names_nothing_says_what_can_be_named():
    with pytest.raises(SecretMissing, match="env, keyring, file or command"):
        read(SecretSource(), KeyringEntry("a", "b"), {}, noun="key")
