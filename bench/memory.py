"""The most memory that a first pass over 50,000 events takes, beside one over 10,000."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import Row
from bench.samples import write_calendar

FEW, MANY = 10_000, 50_000
_PROGRAM = """
import resource, sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from agendad.daemon.clock import FixedClock
from agendad.daemon.config_shapes import Sync
from agendad.daemon.means import Means
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.store import Store
from agendad.daemon.wording import Wording
from agendad.providers.icsfolder import IcsFolderProvider
from bench.samples import NOW, policy
mine = policy()
with closing(Store.open(Path(sys.argv[2]))) as store:
    report = Pipeline(
        policy=mine, sync=Sync(horizon=timedelta(days=60), lookback=timedelta(days=90)), store=store,
        clock=FixedClock(NOW), providers={"home": IcsFolderProvider("home", Path(sys.argv[1]))},
        wording=Wording(mine, None, store), means=Means(mail=False, addresses=mine.addresses),
    ).run()
print(report.accounts[0].changed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _peak(events: int) -> int:
    """In KiB (Linux) of a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "calendar"
        write_calendar(folder, events, each=20)
        command = [sys.executable, "-c", _PROGRAM, str(folder), str(Path(scratch) / "state")]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ourselves
    changed, peak = map(int, told.split())
    assert changed == events, changed
    return peak


def row() -> Row:
    many, few = _peak(MANY), _peak(FEW)
    return Row(ours=f"{many / 1024:.0f} MiB", beside=f"{few / 1024:.0f} MiB", ratio=many / few, allowed=1.2)
