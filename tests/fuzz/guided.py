"""`python -m fuzz.guided TARGET SECONDS`: atheris goes where the input reaches new code."""

import sys
import tempfile
from pathlib import Path


def main(name: str, seconds: str) -> None:
    import atheris  # noqa: PLC0415 - only where it is installed

    with atheris.instrument_imports(include=["agendad"]):
        from fuzz.targets import TARGETS  # noqa: PLC0415 - brings in what is instrumented
        from fuzz.trying import attempt  # noqa: PLC0415

    def feed(data: bytes) -> None:
        tried = attempt(name, data)
        if tried.fault:
            print(f"{name}: {tried.fault}\n    kept as {tried.keep()}")
            raise AssertionError(tried.fault)

    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(TARGETS[name].seeds()):
            (Path(corpus) / str(number)).write_bytes(data)
        options = [f"-max_total_time={seconds}", "-max_len=65536", "-timeout=120", "-rss_limit_mb=4096", "-verbosity=0"]
        atheris.Setup([sys.argv[0], corpus, *options, "-print_final_stats=1"], feed)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
