"""Parameters of a weights file for another decision tree over the same tokens.

`python refit.py --weights FILE --data runs/data --vocab runs/vocab.bin --out runs/refit.pt`

Decisions that the old tree has too keep their rows. The others get theirs by least squares, weighted by how often and
how doubtfully a decision is made: on hidden vectors of training text, the logit that the old tree's probabilities of the
tokens on both sides give. `dualcomp-1` was trained with the old tree, bits of bytes most significant first, up to its
third leg.
"""
import argparse
import pathlib

import torch
import torch.nn.functional as F

import released
import vocabulary
from model import Model, quantised_rows
from batches import Text


def by_bits(tokens: list[bytes]) -> list[tuple[int, int, int, bool]]:
    """The old tree's decisions, as `vocabulary.tree_nodes` has the new one's."""
    nodes, stack = [], [(0, len(tokens), 0, 7)]
    while stack:
        lo, hi, depth, bit = stack.pop()
        if hi - lo == 1:
            continue
        if bit == 8:
            if len(tokens[lo]) == depth:
                nodes.append((lo, lo + 1, hi, True))
                lo += 1
            stack.append((lo, hi, depth, 7))
            continue
        mid = lo
        while mid < hi and not tokens[mid][depth] >> bit & 1:
            mid += 1
        follow = (depth, bit - 1) if bit else (depth + 1, 8)
        if lo < mid < hi:
            nodes.append((lo, mid, hi, False))
        stack += [(a, b, *follow) for a, b in ((mid, hi), (lo, mid)) if a < b]
    return nodes


def probabilities(hidden, model, nodes):
    """Cumulative over the tokens, one row for each hidden vector."""
    logits = (hidden @ quantised_rows(model.token_head).T + model.token_bias).double()
    logarithms = torch.zeros(len(hidden), len(nodes) + 1, dtype=torch.float64)
    for number, (lo, mid, hi, end) in enumerate(nodes):
        z = logits[:, number: number + 1] * (-1 if end else 1)
        logarithms[:, lo:mid] += F.logsigmoid(-z)
        logarithms[:, mid:hi] += F.logsigmoid(z)
    return torch.cat([torch.zeros(len(hidden), 1, dtype=torch.float64), logarithms.exp().cumsum(1)], 1)


def fitted(inputs, below, node):
    """The row and bias of a decision."""
    lo, mid, hi, end = node
    left = (below[:, mid] - below[:, lo]).clamp_min(1e-12)
    right = (below[:, hi] - below[:, mid]).clamp_min(1e-12)
    target = (torch.log(right / left) * (-1 if end else 1)).clamp(-12, 12)
    share = torch.sigmoid(target)
    weight = (left + right) * (share * (1 - share) + 0.002)
    size = inputs.shape[1]
    normal = (inputs * weight[:, None]).T @ inputs + torch.eye(size, dtype=torch.float64) * (1e-5 * weight.sum() + 1e-6)
    return torch.linalg.solve(normal, inputs.T @ (weight * target)).float()


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser(description=__doc__)
    for name in ("weights", "data", "vocab", "out"):
        ap.add_argument("--" + name, type=pathlib.Path, required=True)
    a = ap.parse_args()
    tokens = vocabulary.read(a.vocab)
    m = Model(released.config(a.weights))
    released.load(m, a.weights)
    text = Text(a.data, len(tokens), 123)
    hidden = torch.cat([m.text(text.batch(16, 256)[0])[0].reshape(-1, m.config.channels) for _ in range(6)]).float()
    old, new = by_bits(tokens), vocabulary.tree_nodes(tokens)
    below = probabilities(hidden, m, old)
    inputs = torch.cat([hidden, torch.ones(len(hidden), 1)], 1).double()
    where = {node: number for number, node in enumerate(old)}
    head, bias = m.token_head.clone(), m.token_bias.clone()
    for number, node in enumerate(new):
        if node in where:
            head[number], bias[number] = m.token_head[where[node]], m.token_bias[where[node]]
        else:
            row = fitted(inputs, below, node)
            head[number], bias[number] = row[:-1], row[-1]
    m.token_head.copy_(head)
    m.token_bias.copy_(bias)
    torch.save(m.state_dict(), a.out)
    print(f"{sum(node in where for node in new)} decisions kept, {sum(node not in where for node in new)} fitted")


if __name__ == "__main__":
    main()
