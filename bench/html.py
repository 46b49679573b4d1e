"""Bodies of 12 KB as text with bullets and links, beside a bare walk over the same parser's tree."""

from selectolax.lexbor import LexborHTMLParser

from agendad.rules.text.html import html_lines, seen_markup
from bench.measure import Row, best, rate
from bench.samples import html_body

BODIES = 400


def row() -> Row:
    bodies = [html_body().replace("draft", f"draft {number}") for number in range(BODIES)]

    def ours() -> None:
        for body in bodies:
            html_lines(seen_markup(body)[0])

    def walk() -> None:
        for body in bodies:
            tree = LexborHTMLParser(body)
            parts: list[str] = []
            for node in tree.body.traverse(include_text=True):
                tag = node.tag
                if tag == "-text":
                    parts.append(node.text_content)
                elif tag in ("p", "li", "br", "div", "tr"):
                    parts.append("\n")
            "".join(parts)

    lines = html_lines(seen_markup(bodies[0])[0])
    assert any(line.startswith("- ") for line in lines), lines
    assert any("<https://docs.example.org/" in line for line in lines), lines
    taken, floor = best(ours, walk)
    return Row(
        ours=rate(BODIES, taken, "bodies"), beside=rate(BODIES, floor, "bodies"), ratio=taken / floor, allowed=1.2
    )
