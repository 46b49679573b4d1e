"""`python -m agendad.daemon` is `agendad`."""

import sys

from agendad.daemon.cli import main

sys.exit(main())
