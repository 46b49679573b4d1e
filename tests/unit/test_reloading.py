"""Settings of a running service: taken over when they are good, kept as they were when they are not."""

from datetime import UTC, datetime

import pytest

from agendad.daemon.clock import FixedClock, SystemClock
from agendad.daemon.config import load
from agendad.daemon.context import Context
from agendad.daemon.reloading import Reloading

CONFIG = """\
version: 1
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: calendar}]
"""
CALDAV = 'accounts: [{name: dav, provider: caldav, url: "https://dav.example.org", username: grace}]'


class Settings:
    def __init__(self, folder, clock=None):
        self.folder, self.path = folder, folder / "agendad.yaml"
        self.path.write_text(CONFIG)
        self.context = Context(load(self.path), clock or SystemClock(), folder / "state")
        self.reloading = Reloading(self.context, environ={"AGENDAD_STATE_DIR": str(folder / "state")})

    def edit(self, old, new):
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new))

    def template(self, text):
        (self.folder / "words" / "en").mkdir(parents=True, exist_ok=True)
        (self.folder / "words" / "en" / "nudge.self.txt.j2").write_text(text)


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path)


def test_same_settings_have_not_changed(settings):
    assert not settings.reloading.changed()
    settings.edit("version: 1", "version: 1\n# more")
    assert settings.reloading.changed()
    settings.reloading.look()
    assert not settings.reloading.changed()


def test_edit_between_the_loading_and_the_first_look_is_seen(settings):
    settings.edit("version: 1", "version: 1\nmode: act")
    assert Reloading(settings.context).changed()


def test_accounts_stay_open_where_nothing_about_them_changed(settings):
    before = settings.context.accounts
    settings.edit("version: 1", "version: 1\nmode: act")
    assert settings.reloading.look().context.accounts is before
    settings.edit("name: home", "name: house")
    assert set(settings.reloading.look().context.accounts) == {"house"}


def test_accounts_are_opened_anew_where_that_is_asked_for(settings):
    before = settings.context.accounts
    assert settings.reloading.look(anew=True).context.accounts is not before


def test_broken_edit_keeps_what_held_and_is_told_once(settings):
    settings.edit("America/New_York", "America/New_Yrok")
    broken = settings.reloading.look()
    assert broken.context is None
    assert settings.reloading.context is settings.context
    assert any(line.startswith(f"{settings.path}:2:") for line in broken.told)
    settings.edit("version: 1", "version: 1 # more")
    assert settings.reloading.look().told == ()
    settings.edit("America/New_Yrok", "America/New_York")
    assert settings.reloading.look().told[0] == "the configuration is right again and is in force"
    assert settings.reloading.trouble == ""


def test_file_that_is_gone_is_a_broken_edit(settings):
    settings.path.unlink()
    assert settings.reloading.changed()
    assert "there is no such file" in settings.reloading.look().trouble


def test_warnings_of_a_new_configuration_are_told(settings):
    settings.edit("version: 1", "version: 1\nmode: act")
    assert any("no mail section" in line for line in settings.reloading.look().told)


def test_templates_are_the_set_that_was_good(settings):
    settings.template("Subject: One\n\nFirst.\n")
    settings.edit("version: 1", "version: 1\ntemplates: words")
    first = settings.reloading.look().context
    settings.template("Subject: One\n\n{{ nobody }}\n")
    assert settings.reloading.changed()
    assert "nudge.self.txt.j2:3: " in settings.reloading.look().trouble
    assert "First." in first.templates.get_source(None, "en/nudge.self.txt.j2")[0]
    settings.template("Subject: One\n\nSecond.\n")
    second = settings.reloading.look().context
    assert "Second." in second.templates.get_source(None, "en/nudge.self.txt.j2")[0]


def test_template_that_breaks_a_new_folder_is_watched_until_it_is_mended(settings):
    settings.template("Subject: One\n\n{{ nobody }}\n")
    settings.edit("version: 1", "version: 1\ntemplates: words")
    assert settings.reloading.look().context is None
    assert settings.folder / "words" in {one.folder for one in settings.reloading.watched()}
    settings.template("Subject: One\n\nFirst.\n")
    assert settings.reloading.changed()
    assert settings.reloading.look().context is not None


def test_state_folder_of_the_command_line_is_no_matter_of_the_configuration(settings):
    settings.edit("version: 1", "version: 1\nstate_dir: elsewhere")
    assert settings.reloading.look().context.state_dir == settings.folder / "state"


def test_other_state_folder_is_refused(settings):
    settings.edit("version: 1", "version: 1\nstate_dir: elsewhere")
    outcome = Reloading(settings.context, environ={}).look()
    assert outcome.context is None
    assert f"{settings.path}:2:12: state_dir: the state folder would change" in outcome.trouble


def test_clock_of_tests_reaches_no_network_after_an_edit_either(tmp_path):
    settings = Settings(tmp_path, FixedClock(datetime(2026, 11, 30, tzinfo=UTC)))
    settings.edit("accounts: [{name: home, provider: ics, path: calendar}]", CALDAV)
    assert "AGENDAD_NOW" in settings.reloading.look().trouble
