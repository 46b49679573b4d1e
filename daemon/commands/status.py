"""`agendad status`: how things stand, on one screen."""

import argparse
import json

from agendad.daemon.context import open_context
from agendad.daemon.standing import screen, standing


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    now = standing(context)
    if args.json:
        print(json.dumps(now.as_json(), ensure_ascii=False, indent=2))
    else:
        print(screen(now, context.policy))
    return 0
