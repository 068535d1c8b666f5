"""Text with what the contexts say of each decision, so that a network learns what they do not know.

The example `learn_beside` of the crate `dualcomp` writes the files (README.md). Trained so, the network is not as good
alone as it could be, but better in a mix: its rows go where the contexts are uncertain.
"""
import pathlib

import numpy as np
import torch

GROUPS = 16


class Beside:
    """Windows of tokens from `PREFIX.tokens` and `PREFIX.logits`. Half of them begin at the start of a document, fewer
    where documents are long: each start is as likely as four windows elsewhere."""

    def __init__(self, prefixes, counts, seed):
        self.rng = np.random.default_rng(seed)
        self.mark = len(counts)
        counts = np.append(counts, 0)
        self.parts = []
        for prefix in prefixes:
            tokens = np.fromfile(pathlib.Path(f"{prefix}.tokens"), np.uint16)
            logits = np.memmap(f"{prefix}.logits", np.int8, "r")
            ends = np.cumsum(counts[tokens])
            assert ends[-1] == len(logits), "logits of other tokens"
            self.parts.append((tokens, np.flatnonzero(tokens == self.mark), ends, logits))
        sizes = np.array([len(p[0]) for p in self.parts], float)
        self.share = sizes / sizes.sum()

    def batch(self, count, length):
        """Tokens in and out, where the decisions of the latter begin, and what the contexts say of all of them."""
        windows, starts, beside, at = [], [], [], 0
        for _ in range(count):
            tokens, marks, ends, logits = self.parts[self.rng.choice(len(self.parts), p=self.share)]
            last = len(tokens) - length - 1
            starts_share = min(0.5, 4 * length * len(marks) / len(tokens))
            begin = self.rng.choice(marks) if self.rng.random() < starts_share else self.rng.integers(0, last)
            begin = min(int(begin), last)
            x = tokens[begin: begin + length + 1].astype(np.int64)
            x[0] = self.mark
            windows.append(x)
            first = ends[begin]
            beside.append(logits[first: ends[begin + length]])
            starts.append(ends[begin: begin + length] - first + at)
            at += len(beside[-1])
        x = np.stack(windows)
        tensor = lambda a: torch.from_numpy(np.ascontiguousarray(a))
        return tensor(x[:, :-1]), tensor(x[:, 1:]), tensor(np.stack(starts)), tensor(np.concatenate(beside))


def gains(device):
    """Weights of the network's logit and of the contexts', by how certain these are."""
    return torch.nn.Parameter(torch.cat([torch.full((GROUPS,), 0.35), torch.full((GROUPS,), 0.75)]).to(device))
