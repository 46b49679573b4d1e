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


def test_executor_is_the_only_caller_of_calendar_writes():
    assert calls("apply", "notify") == {"daemon/executor.py"}


def test_mail_about_sessions_leaves_through_the_outbox_and_to_the_user_by_summary_and_word_of_sign_ins():
    sends = {path for path in calls("send") if not path.endswith("executor.py")}
    to_the_user = {"daemon/alarms.py", "daemon/delivery.py", "daemon/sign_ins.py", "daemon/commands/mail.py"}
    assert sends == {"daemon/outbox.py", *to_the_user}


def test_nothing_is_queued_but_by_the_executor():
    assert calls("queue") == {"daemon/executor.py"}
