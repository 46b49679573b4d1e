"""`make verdicts [KIND=bodies|introductions|…]`: what the rules make of the labelled corpus, with every mistake."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from verdicts import bodies_corpus, introductions_corpus, invites_corpus, scenes_corpus, times_corpus
from verdicts.outcome import Outcome

KINDS = {
    "bodies": bodies_corpus.outcomes,
    "introductions": introductions_corpus.outcomes,
    "invites": invites_corpus.outcomes,
    "scenes": scenes_corpus.outcomes,
    "times": times_corpus.outcomes,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"one or more of {', '.join(KINDS)}; all of them otherwise"
    )
    parser.add_argument("--mistakes", action="store_true", help="show each mistake")
    args = parser.parse_args()
    for kind in args.kinds or KINDS:
        found = list(KINDS[kind]())
        print(f"\n{kind}: {_share(found)}; of those labelled before the rules were tried: {_share(_held(found))}\n")
        _per_verdict(found)
        _confusion(found)
        if args.mistakes:
            _mistakes(found)
    return 0


def _held(found: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in found if one.held]


def _share(found: Sequence[Outcome]) -> str:
    right = sum(one.right for one in found)
    return f"{right} of {len(found)} right ({right / max(len(found), 1):.1%})"


def _settled(one: Outcome) -> str:
    """The label to count under: the verdict itself where it is right, and otherwise the first of those that are."""
    return one.given if one.right else min(one.wanted)


def _per_verdict(found: Sequence[Outcome]) -> None:
    print(f"  {'verdict':44} {'labelled':>9} {'precision':>10} {'recall':>8}")
    for verdict in sorted({_settled(one) for one in found} | {one.given for one in found}):
        labelled = [one for one in found if _settled(one) == verdict]
        given = [one for one in found if one.given == verdict]
        precision = f"{sum(one.right for one in given) / len(given):.1%}" if given else "-"
        recall = f"{sum(one.right for one in labelled) / len(labelled):.1%}" if labelled else "-"
        print(f"  {verdict:44} {len(labelled):>9} {precision:>10} {recall:>8}")


def _confusion(found: Sequence[Outcome]) -> None:
    mistaken = Counter((_settled(one), one.given) for one in found if not one.right)
    for (wanted, given), count in mistaken.most_common():
        print(f"    {count:3} {wanted} taken for {given}")


def _mistakes(found: Sequence[Outcome]) -> None:
    for one in found:
        if not one.right:
            wanted, text = " or ".join(sorted(one.wanted)), " ".join(one.what.split())
            print(f"\n  {one.source}: {wanted}, taken for {one.given} ({one.why[:200]})\n    {text[:400]}")


if __name__ == "__main__":
    sys.exit(main())
