"""`agendad doctor`: is everything in place, and what mends what is not?"""

import argparse
import json

from agendad.daemon.doctoring import examine, shown
from agendad.daemon.doctoring_shapes import State

SCHEMA = "agendad.doctor/1"


def run(args: argparse.Namespace) -> int:
    checks = examine(args)
    wrong = sum(check.state is State.ERROR for check in checks)
    if args.json:
        shape = {"schema": SCHEMA, "checks": [check.as_json() for check in checks]}
        print(json.dumps(shape, ensure_ascii=False, indent=2))
    else:
        warnings = sum(check.state is State.WARNING for check in checks)
        print(shown(checks))
        print(f"{wrong or 'nothing'} wrong, {warnings or 'nothing'} to think about, {len(checks)} looked at")
    return int(bool(wrong))
