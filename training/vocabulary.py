"""Byte-fallback vocabulary: byte-pair merges learned on the shared text, sorted by their bytes.

`python vocabulary.py --data DATA --size 4096 --out vocab.bin`

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


# The decisions that spell a byte, in the order of a depth-first walk, lower bytes first: whether it is at least this.
SPLITS = [
    83, 33, 32, 11, 10, 9, 4, 2, 1, 3, 6, 5, 7, 8, 14, 13, 12, 22, 18, 16, 15, 17, 20, 19, 21, 26, 24, 23, 25, 28,
    27, 30, 29, 31, 50, 46, 44, 35, 34, 40, 39, 37, 36, 38, 41, 42, 43, 45, 47, 49, 48, 59, 54, 52, 51, 53, 57, 55,
    56, 58, 70, 63, 61, 60, 62, 67, 66, 65, 64, 68, 69, 77, 73, 71, 72, 74, 76, 75, 80, 78, 79, 82, 81, 111, 102, 98,
    97, 91, 85, 84, 87, 86, 89, 88, 90, 95, 93, 92, 94, 96, 101, 100, 99, 106, 105, 104, 103, 109, 108, 107, 110,
    117, 115, 112, 114, 113, 116, 158, 121, 118, 119, 120, 131, 124, 122, 123, 126, 125, 129, 128, 127, 130, 143,
    137, 133, 132, 135, 134, 136, 140, 139, 138, 141, 142, 150, 146, 144, 145, 148, 147, 149, 154, 152, 151, 153,
    156, 155, 157, 209, 185, 172, 165, 162, 160, 159, 161, 164, 163, 168, 166, 167, 170, 169, 171, 178, 176, 174,
    173, 175, 177, 182, 180, 179, 181, 184, 183, 196, 190, 188, 187, 186, 189, 195, 192, 191, 194, 193, 208, 202,
    198, 197, 200, 199, 201, 206, 204, 203, 205, 207, 228, 224, 216, 210, 213, 211, 212, 215, 214, 218, 217, 220,
    219, 222, 221, 223, 227, 225, 226, 233, 230, 229, 231, 232, 240, 236, 235, 234, 237, 238, 239, 248, 244, 242,
    241, 243, 246, 245, 247, 252, 250, 249, 251, 254, 253, 255,
]


def byte_code() -> dict[tuple[int, int], int]:
    """The split of each interval of bytes, first and last, that a byte's decisions come to (docs/spec/bytes.md, section 1)."""
    splits = iter(SPLITS)
    code = {}

    def walk(first, last):
        if first < last:
            code[first, last] = split = next(splits)
            walk(first, split - 1)
            walk(split, last)
    walk(0, 255)
    return code


def tree_nodes(tokens: list[bytes]) -> list[tuple[int, int, int, bool]]:
    """The decisions that tell tokens apart: one between [lo, mid) and [mid, hi) is (lo, mid, hi, False), one between an
    end, [lo, mid), and going on is (lo, mid, hi, True).

    They stand in the order of a depth-first walk, zero branch first. At a byte boundary where the spelled bytes are a
    token and longer ones exist, bit 1 ends the token; then come the decisions of the next byte's code; a decision with
    one possible outcome is none.
    """
    code, nodes = byte_code(), []
    # Tokens [lo, hi) agree on `depth` bytes, and the next byte is from `first` to `last`, or None at a boundary.
    stack = [(0, len(tokens), 0, (0, 255))]
    while stack:
        lo, hi, depth, rest = stack.pop()
        if hi - lo == 1:
            continue
        if rest is None:
            if len(tokens[lo]) == depth:
                nodes.append((lo, lo + 1, hi, True))
                lo += 1
            stack.append((lo, hi, depth, (0, 255)))
            continue
        first, last = rest
        if first == last:
            stack.append((lo, hi, depth + 1, None))
            continue
        split = code[rest]
        mid = lo
        while mid < hi and tokens[mid][depth] < split:
            mid += 1
        if lo < mid < hi:
            nodes.append((lo, mid, hi, False))
        if mid < hi:
            stack.append((mid, hi, depth, (split, last)))
        if lo < mid:
            stack.append((lo, mid, depth, (first, split - 1)))
    assert len(nodes) == len(tokens) - 1
    return nodes


def tree_paths(tokens: list[bytes]) -> tuple[list[list[int]], list[list[int]]]:
    """For each token the decisions that spell it: their numbers and bits (docs/spec/bytes.md, section 1)."""
    nodes: list[list[int]] = [[] for _ in tokens]
    bits: list[list[int]] = [[] for _ in tokens]
    for number, (lo, mid, hi, end) in enumerate(tree_nodes(tokens)):
        for i in range(lo, hi):
            nodes[i].append(number)
            bits[i].append(int((i >= mid) != end))
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
