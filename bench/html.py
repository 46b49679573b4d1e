"""Bodies of 12 KB as text, beside the shortest walk over the same parser's tree that keeps bullets and links.

That walk reads what is hidden as well, and does not tell where a block ends.
"""

from selectolax.lexbor import LexborHTMLParser

from agendad.rules.text.html import html_lines, seen_markup
from bench.measure import Row, best, rate
from bench.samples import html_body

BODIES = 400
BLOCKS = frozenset(["p", "br", "div", "tr", "ul", "ol", "table", "h1", "h2", "h3", "blockquote"])


def row() -> Row:
    bodies = [html_body().replace("draft", f"draft {number}") for number in range(BODIES)]

    def ours() -> None:
        for body in bodies:
            html_lines(seen_markup(body)[0])

    def walk() -> None:
        for body in bodies:
            parts: list[str] = []
            for node in LexborHTMLParser(body).body.traverse(include_text=True):
                tag = node.tag
                if tag == "-text":
                    parts.append(node.text_content)
                elif tag == "li":
                    parts.append("\n- ")
                elif tag == "a":
                    parts.append(f"<{node.attributes['href']}> ")
                elif tag in BLOCKS:
                    parts.append("\n")
            [" ".join(line.split()) for line in "".join(parts).split("\n")]

    lines = html_lines(seen_markup(bodies[0])[0])
    assert any(line.startswith("- ") for line in lines), lines
    assert any("<https://docs.example.org/" in line for line in lines), lines
    taken, floor = best(ours, walk)
    return Row(
        ours=rate(BODIES, taken, "bodies"), beside=rate(BODIES, floor, "bodies"), ratio=taken / floor, allowed=2.0
    )
