"""Decodes vectors by the specification and compares them with what they are made from.

    python3 tests/reader/check.py            # those that take seconds
    python3 tests/reader/check.py --all      # all that differ, those with the network too: half an hour
"""

import multiprocessing
import sys

from contents import CONTENTS
from read import read
from spec import ROOT

QUICK = {name for name in CONTENTS if "-fast" in name} - {"tiles-fast.dci", "colours-fast.dci"} | {"grey-default.dci", "rgb-linear.dci"}


def check(name):
    data = (ROOT / "tests/vectors" / name).read_bytes()
    try:
        return name, "decodes" if read(data) == CONTENTS[name]() else "decodes to something else"
    except Exception as error:
        return name, f"does not decode: {error!r}"


if __name__ == "__main__":
    names = [name for name in CONTENTS if "--all" in sys.argv or name in QUICK]
    # The longest first.
    names.sort(key=lambda name: name.endswith("dci"), reverse=True)
    failed = False
    with multiprocessing.Pool() as pool:
        for name, result in pool.imap_unordered(check, names, chunksize=1):
            print(f"{name}: {result}")
            failed |= result != "decodes"
    sys.exit(failed)
