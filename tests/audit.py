"""Are there published advisories on what is locked? `python tests/audit.py LOCK`, in an environment with pip-audit."""

import json
import subprocess
import sys


def main(lock: str) -> int:
    """0: none is known, or they cannot be reached, which is said; 1: there are some."""
    command = [sys.executable, "-m", "pip_audit", "-r", lock, "--no-deps", "--disable-pip", "-f", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"audit SKIPPED: no advisories could be read; nothing was compared.\n{result.stderr.strip()}")
        return 0
    known = [one for one in found if "skip_reason" not in one]
    for one in found:
        for flaw in one.get("vulns", ()):
            print(f"{one['name']} {one['version']}: {flaw['id']}; mended in {', '.join(flaw['fix_versions']) or '-'}")
    if not known:
        print(f"audit SKIPPED: of none of the {len(found)} packages the advisories could be reached.")
    else:
        left = f"; of {len(found) - len(known)} nothing is known" if len(known) < len(found) else ""
        print(f"{len(known)} packages compared with the published advisories{left}")
    return int(any(one.get("vulns") for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
