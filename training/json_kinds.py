"""Writes samples for dictionaries, and documents to try them on: kinds of JSON among the training texts.

`python json_kinds.py --data DATA --out kinds`

A kind has the same keys in the outermost object, or in that of a list's first entry. Of the five largest kinds of documents of 512 to
8,192 bytes, `N/samples/` has the first ones, up to 110 KiB, and `N/bodies/` the next thirteen.
"""
import argparse
import collections
import json
import lzma
import pathlib

KINDS, BODIES, SAMPLES = 5, 13, 110 * 1024


def keys(document):
    """What a kind is known by; none of what is no object."""
    try:
        value = json.loads(document)
    except ValueError:
        return None
    if isinstance(value, list) and value:
        value = value[0]
    return tuple(sorted(value)) if isinstance(value, dict) else None


def split(documents):
    """How many documents are samples."""
    size = 0
    for i, document in enumerate(documents):
        size += len(document)
        if size > SAMPLES:
            return i
    return len(documents)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    kinds = collections.defaultdict(list)
    with lzma.open(a.data / "text" / "train" / "json.xz") as f:
        for document in f.read().split(b"\0"):
            if 512 <= len(document) <= 8192 and (kind := keys(document)) is not None:
                kinds[kind].append(document)
    largest = sorted(kinds.values(), key=lambda documents: -sum(map(len, documents)))
    largest = [d for d in largest if len(d) >= split(d) + BODIES][:KINDS]
    for number, documents in enumerate(largest):
        end = split(documents)
        for name, part in (("samples", documents[:end]), ("bodies", documents[end : end + BODIES])):
            folder = a.out / str(number) / name
            folder.mkdir(parents=True)
            for i, document in enumerate(part):
                (folder / f"{i:04}").write_bytes(document)


if __name__ == "__main__":
    main()
