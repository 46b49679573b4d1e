"""What is left behind by a mail that could not go, or a process that was killed while it went."""

from datetime import timedelta

from acting.conftest import ADA, ME, NOW

from agendad.daemon.delivery import aftermath, send_if_due
from agendad.daemon.outbox import waits
from agendad.daemon.user_mail import Then, user_mail

GRACE_PERIOD = "limits: {grace: 12h}\nmail: {transport: file, path: post}"
SMTP = "limits: {grace: 0h}\nmail: {transport: smtp, host: 127.0.0.1, port: PORT, security: none}"


def killed_while_sending(house):
    """As a process leaves it that dies between handing a mail over and hearing of it."""
    house.store.connection.execute("UPDATE outbox SET state = 'sending' WHERE state = 'queued'")


def test_warning_that_could_not_go_goes_with_the_next_pass(house):
    house.configure(more=GRACE_PERIOD)
    (house.folder / "post").write_text("in the way")
    house.invite(NOW + timedelta(hours=48))
    house.run()
    (house.folder / "post").unlink()
    for _ in range(3):
        house.after(0.1).run()
    (mail,) = (house.folder / "post").glob("*.eml")
    assert "cancellation to come" in mail.read_text("utf-8")


def test_mail_to_the_user_that_was_interrupted_is_looked_for_and_not_sent_again(house):
    house.invite(NOW + timedelta(hours=200))
    house.run_and_tell()
    house.clock.move(timedelta(hours=9))
    send_if_due(house.context, house.store, house.clock.now())
    (mail,) = house.mails(ME)
    house.after(24)
    way = user_mail(house.context, house.store)
    then = Then(sent={"fact": "sent"}, doubt={"fact": "doubt"}, what="the mail")
    with house.store.transaction():
        way.outbox.queue("leaving:one", ME, mail, house.clock.now())
        house.store.remember("leaving:one", way.memo_of(then, house.clock.now()))
    killed_while_sending(house)
    house.run()
    assert house.store.remembered("fact") == "sent"
    assert not waits(house.store)
    assert len(house.mails(ME)) == 1


def test_mail_to_the_user_that_nobody_can_look_for_is_in_doubt_and_told(house, post):
    house.configure(more=SMTP.replace("PORT", str(post.port)))
    house.invite(NOW + timedelta(hours=200))
    house.run_and_tell()
    post.hangs_up = True
    house.clock.move(timedelta(hours=9))
    send_if_due(house.context, house.store, house.clock.now())
    post.hangs_up = False
    assert "the summary of" in aftermath(house.store)
    for _ in range(2):
        house.after(0.1).run_and_tell()
    assert len(post.received) <= 2
    assert not waits(house.store)


def test_undoing_whose_mail_is_in_doubt_says_so_in_the_history(house, post):
    house.configure(more=SMTP.replace("PORT", str(post.port)))
    house.invite(NOW + timedelta(hours=30))
    house.run()
    (action,) = house.journal.actions(NOW)
    house.configure(more=SMTP.replace("PORT", "1"))  # nobody is there
    with house.store.transaction():
        house.journal.wish(action, "undo")
    house.run(decide_anew=False)
    killed_while_sending(house)
    house.configure(more=SMTP.replace("PORT", str(post.port)))
    house.run(decide_anew=False)
    undone = house.journal.action(action.id)
    assert undone.state == "undone"
    assert "it may have arrived or not" in undone.detail
    assert [mail["Subject"].partition(":")[0] for mail in post.received if mail["To"] == ADA] == ["Cancelled"]


def test_undoing_whose_mail_could_not_go_before_the_start_waits_for_nothing(house, post):
    house.configure(more=SMTP.replace("PORT", str(post.port)))
    house.invite(NOW + timedelta(hours=30))
    house.run()
    (action,) = house.journal.actions(NOW)
    house.configure(more=SMTP.replace("PORT", "1"))
    with house.store.transaction():
        house.journal.wish(action, "undo")
    house.run(decide_anew=False)
    house.after(31).run(decide_anew=False)
    house.after(1).run(decide_anew=False)
    assert "could not be sent before the start" in house.journal.action(action.id).detail
    assert not waits(house.store)
