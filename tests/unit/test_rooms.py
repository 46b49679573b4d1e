"""Who may do what, read from the source: writes and mail about sessions have one door each."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def calls(name, keyword=None):
    """Files with a call of a method `name`, given with `keyword` if one is named."""
    found = set()
    for path in sorted((ROOT / "daemon").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                named = {given.arg for given in node.keywords}
                if keyword is None or keyword in named:
                    found.add(path.relative_to(ROOT).as_posix())
    return found


def test_calendars_are_written_to_by_the_executor_and_its_undoing_alone():
    assert calls("apply", "notify") == {"daemon/executor.py", "daemon/undoing.py"}


def test_all_mail_leaves_through_the_outbox_but_the_one_that_tries_it_out():
    assert calls("hand_over") == {"daemon/outbox.py", "daemon/user_mail.py"}
    ask_for_it = {"alarms.py", "delivery.py", "executor.py", "followups.py", "sign_ins.py", "undoing.py"}
    assert calls("send") == {"daemon/outbox.py", "daemon/commands/mail.py", *(f"daemon/{name}" for name in ask_for_it)}


def test_nothing_is_queued_but_by_the_executor_its_undoing_and_for_the_user():
    assert calls("queue") == {"daemon/executor.py", "daemon/undoing.py", "daemon/user_mail.py"}
