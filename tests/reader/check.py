"""Decodes vectors by the specification and compares them with what they are made from.

    python3 tests/reader/check.py            # those that take seconds
    python3 tests/reader/check.py --all      # all, those with the network too: an hour
    python3 tests/reader/check.py NAME ...   # these
"""

import multiprocessing
import sys
import time

from contents import CONTENTS, SAMPLES
from dictionary import Dictionary, file_of
from read import read
from spec import ROOT

# These take half a minute and more, or show what others show.
SLOW = {"tiles-fast.dci", "colours-fast.dci", "substreams-fast.dcs", "png-filtered-fast.dcs", "gz-fastest-fast.dcs"}
SLOW |= {"strokes-fast.dci", "lattice-fast.dci"}
OTHERS = {"grey-default.dci", "rgb-linear.dci", "jpeg-progressive-default.dci", "jpeg-inks-max.dci"}
QUICK = {name for name in CONTENTS if "-fast" in name} - SLOW | OTHERS


def check(name):
    data, start = (ROOT / "tests/vectors" / name).read_bytes(), time.monotonic()
    try:
        dictionaries = [Dictionary(file_of(SAMPLES))] if name.startswith("dictionary") else []
        found = read(data, dictionaries)
        if name.startswith("original"):
            found += read(data, original=True)
        result = "decodes" if found == CONTENTS[name]() else "decodes to something else"
    except Exception as error:
        result = f"does not decode: {error!r}"
    return name, result, time.monotonic() - start


if __name__ == "__main__":
    wanted = [name for name in sys.argv[1:] if name != "--all"]
    names = wanted or [name for name in CONTENTS if "--all" in sys.argv or name in QUICK]
    # The longest first: those with the network, then images.
    names.sort(key=lambda name: ("-fast" not in name, name.endswith("dci")), reverse=True)
    failed = False
    with multiprocessing.Pool() as pool:
        for name, result, seconds in pool.imap_unordered(check, names, chunksize=1):
            print(f"{name}: {result} ({seconds:.0f} s)", flush=True)
            failed |= result != "decodes"
    sys.exit(failed)
