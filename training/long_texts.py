"""Writes the long texts that docs/guide/performance.md has figures of.

`python long_texts.py --data DATA --out texts`

`all_kinds`: the first MiB of all development texts in the order of their names. `html`, `wiki_en` and `csv_sql_yaml`: those of a kind;
`english`: those of prose and Wikipedia; `html_4k`: what the first of HTML begins with. `prose_10m`: what follows the first 64 KiB of
each training document of English prose, 10 MB of it; `prose_fifth`: its fifth MiB.
"""
import argparse
import lzma
import pathlib

KINDS = ("html", "wiki_en", "csv_sql_yaml")


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    dev = a.data / "text" / "dev"
    of = lambda kind: b"".join(p.read_bytes() for p in sorted((dev / kind).iterdir()))
    kinds = sorted(p.name for p in dev.iterdir() if p.is_dir())
    texts = {kind: of(kind) for kind in KINDS}
    texts["all_kinds"] = b"".join(map(of, kinds))[: 1 << 20]
    texts["english"] = of("prose_en") + of("wiki_en")
    texts["html_4k"] = texts["html"][:4096]
    with lzma.open(a.data / "text" / "train" / "prose_en.xz") as f:
        prose = b"".join(document[1 << 16 :] for document in f.read().split(b"\0"))
    texts["prose_10m"] = prose[:10_000_000]
    texts["prose_fifth"] = prose[4 << 20 : 5 << 20]
    a.out.mkdir(parents=True)
    for name, text in texts.items():
        (a.out / name).write_bytes(text)


if __name__ == "__main__":
    main()
