"""Byte-fallback vocabulary: byte-pair merges learned on the shared text, sorted by their bytes.

`python vocabulary.py --data ../../shared/data --size 4096 --out vocab.bin`

Every single byte is a token, so any byte string has a segmentation; nothing is normalised. Text is cut
into the longest token that matches at each place (see `greedy.cpp`, and `dualcomp-tokens` in Rust).
File: for each token in byte order, one length byte and its bytes.
"""
import argparse
import lzma
import pathlib

CATEGORIES = {  # share of the sample, not of the files: JSON and HTML repeat themselves
    "code": 12, "css_js": 7, "csv_sql_yaml": 8, "html": 11, "json": 11, "logs": 5,
    "markdown": 9, "prose_en": 13, "prose_multi": 9, "wiki_en": 10, "xml_svg": 5,
}
MAX_TOKEN_BYTES = 24


def sample(data: pathlib.Path, total: int) -> list[str]:
    """About `total` bytes of documents, each category by its share."""
    out = []
    weight = sum(CATEGORIES.values())
    for name, share in CATEGORIES.items():
        budget = total * share // weight
        with lzma.open(data / "text" / "train" / f"{name}.xz") as f:
            raw = f.read()
        docs = raw.split(b"\0")
        stride = max(1, len(raw) // budget)
        taken = 0
        for doc in docs[::stride]:
            doc = doc[: 64 << 10]
            out.append(doc.decode("utf-8", errors="replace"))
            taken += len(doc)
            if taken > budget:
                break
    return out


def learn(texts: list[str], size: int) -> list[bytes]:
    """`size` tokens: the 256 bytes and the most useful merges."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tok.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size + size // 16, initial_alphabet=alphabet, show_progress=False,
        max_token_length=MAX_TOKEN_BYTES))
    # The byte-level alphabet writes each byte as one printable character.
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    to_byte = {chr(b): b for b in printable}
    spare = 0
    for b in range(256):
        if b not in printable:
            to_byte[chr(256 + spare)] = b
            spare += 1
    ranked = sorted(tok.get_vocab().items(), key=lambda kv: kv[1])
    tokens = {bytes([b]) for b in range(256)}
    for text, _ in ranked:
        if len(tokens) == size:
            break
        tokens.add(bytes(to_byte[c] for c in text))
    return sorted(tokens)


def read(path) -> list[bytes]:
    raw = pathlib.Path(path).read_bytes()
    out, at = [], 0
    while at < len(raw):
        n = raw[at]
        out.append(raw[at + 1: at + 1 + n])
        at += 1 + n
    return out


def tree_paths(tokens: list[bytes]) -> tuple[list[list[int]], list[list[int]]]:
    """For each token the binary decisions that spell it: node ids and bits (docs/coding.md, section 2).

    Node ids count up in the order of a depth-first walk, zero branch first. At a byte boundary where the
    spelled bytes are a token and longer ones exist, bit 1 ends the token; then come the next byte's bits,
    most significant first; a decision with one possible outcome has no node.
    """
    nodes: list[list[int]] = [[] for _ in tokens]
    bits: list[list[int]] = [[] for _ in tokens]
    count = 0
    # (lo, hi, depth, bit): tokens [lo, hi) agree on `depth` bytes and the top 7 - bit bits; bit 8 is a boundary.
    stack = [(0, len(tokens), 0, 7)]
    while stack:
        lo, hi, depth, bit = stack.pop()
        if hi - lo == 1:
            continue
        if bit == 8:
            if len(tokens[lo]) == depth:
                nodes[lo].append(count)
                bits[lo].append(1)
                for i in range(lo + 1, hi):
                    nodes[i].append(count)
                    bits[i].append(0)
                count += 1
                lo += 1
            stack.append((lo, hi, depth, 7))
            continue
        mid = lo
        while mid < hi and not tokens[mid][depth] >> bit & 1:
            mid += 1
        follow = (depth, bit - 1) if bit else (depth + 1, 8)
        if lo < mid < hi:
            for i in range(lo, hi):
                nodes[i].append(count)
                bits[i].append(int(i >= mid))
            count += 1
            stack.append((mid, hi, *follow))
            stack.append((lo, mid, *follow))
        else:
            stack.append((lo, hi, *follow))
    assert count == len(tokens) - 1
    return nodes, bits


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", type=pathlib.Path, required=True)
    ap.add_argument("--size", type=int, default=4096)
    ap.add_argument("--sample", type=int, default=40 << 20, help="bytes of text to learn from")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    tokens = learn(sample(a.data, a.sample), a.size)
    a.out.write_bytes(b"".join(bytes([len(t)]) + t for t in tokens))
    print(f"{len(tokens)} tokens, {sum(map(len, tokens)) / len(tokens):.2f} bytes each")


if __name__ == "__main__":
    main()
