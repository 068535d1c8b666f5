"""Tables that stand in the specification, read from its text."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def numbers(document, section):
    """The first block of indented numbers of a section."""
    text = (ROOT / "docs/spec" / document).read_text()
    part = re.split(r"^#+ ", text.split(f"# {section} ", 1)[1], maxsplit=1, flags=re.M)[0]
    block = re.search(r"(?:^    [-\d ]+\n)+", part, flags=re.M)
    return [int(n) for n in block.group().split()]


def artefact(name):
    """A file of priors, wherever the crate keeps it."""
    (path,) = (ROOT / "crates/dualcomp").rglob(name)
    return path.read_bytes()
