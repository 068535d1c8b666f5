"""Compiled helpers: the RWKV-7 state update on a CPU, the longest-match tokenizer, and a range coder."""
import functools
import os
import pathlib

import numpy as np
import torch
from torch.utils.cpp_extension import load

HERE = pathlib.Path(__file__).parent
BUILD = HERE / "build"
BUILD.mkdir(exist_ok=True)
os.environ.setdefault("MAX_JOBS", "2")


@functools.cache
def compiled():
    """What native.cpp has, compiled when it is first needed: training on a GPU does without."""
    return load("dualcomp_native", [str(HERE / "native.cpp")], build_directory=str(BUILD),
                extra_cflags=["-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-std=c++20"])


def greedy(vocab: list[bytes]):
    """A function from bytes to the ids of the longest tokens that match from left to right."""
    blob = b"".join(vocab)
    ends = np.cumsum([len(t) for t in vocab]).astype(np.int64)
    trie = compiled().Trie(blob, ends.tolist())
    return lambda raw: trie.cut(raw).numpy()


def coded(p: torch.Tensor, bits: torch.Tensor) -> int:
    """Bytes of decisions, 1 with probability `p`, that a range coder gave and that were decoded again."""
    ones = torch.round(p.double() * 65536).clamp(1, 65535).int().contiguous()
    out = compiled().encode(ones, bits.bool().contiguous())
    assert torch.equal(compiled().decode(out, ones), bits.bool()), "what was coded is not what comes out"
    return len(out)


@torch.library.custom_op("dualcomp::wkv7", mutates_args=())
def wkv7(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor,
         w: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """Read-out y of the state update; r, k, v, kk: [B, T, H, N]; w, a (constant in time): [H, N].

    S <- S diag(w) - (S kk) (kk a)^T + v k^T ;  y = S r   (paper of RWKV-7, with static w and a)
    """
    return compiled().forward(r, k, v, kk, w, a)


@wkv7.register_fake
def _(r, k, v, kk, w, a):
    return torch.empty(r.shape)


@torch.library.custom_op("dualcomp::wkv7_backward", mutates_args=())
def _wkv7_backward(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor,
                   w: torch.Tensor, a: torch.Tensor, dy: torch.Tensor) -> list[torch.Tensor]:
    return compiled().backward(r, k, v, kk, w, a, dy)


@_wkv7_backward.register_fake
def _(r, k, v, kk, w, a, dy):
    return [torch.empty(r.shape) for _ in range(4)] + [torch.empty(w.shape) for _ in range(2)]


wkv7.register_autograd(
    lambda ctx, dy: tuple(_wkv7_backward(*ctx.saved_tensors, dy.contiguous())),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(*inputs))


def groups(ends):
    ends = ends.tolist()
    return [slice(a, b) for a, b in zip([0, *ends], ends)]


@torch.library.custom_op("dualcomp::grouped", mutates_args=())
def grouped(x: torch.Tensor, w: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    """Rows of x, [N, I], times the matrix of their group, w: [G, O, I]; each group ends before its place in `ends`."""
    return torch.cat([x[rows] @ m.T for rows, m in zip(groups(ends), w)])


@grouped.register_fake
def _(x, w, ends):
    return x.new_empty(x.shape[0], w.shape[1])


@torch.library.custom_op("dualcomp::grouped_backward", mutates_args=())
def _grouped_backward(x: torch.Tensor, w: torch.Tensor, ends: torch.Tensor, dy: torch.Tensor) -> list[torch.Tensor]:
    parts = groups(ends)
    dx = torch.cat([dy[rows] @ m for rows, m in zip(parts, w)])
    return [dx, torch.stack([dy[rows].T @ x[rows] for rows in parts])]


@_grouped_backward.register_fake
def _(x, w, ends, dy):
    return [x.new_empty(x.shape), w.new_empty(w.shape)]


grouped.register_autograd(
    lambda ctx, dy: (*_grouped_backward(*ctx.saved_tensors, dy.contiguous()), None),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(*inputs))


class TreeLoss(torch.autograd.Function):
    """Nats of each target token; h: [M, D], head: [V - 1, D], paths: (offsets, nodes, bits)."""

    @staticmethod
    def forward(ctx, h, head, bias, target, *paths):
        h, head = h.contiguous(), head.contiguous()
        ctx.save_for_backward(h, head, bias, target, *paths)
        return compiled().tree_loss(h, head, bias, target, *paths)

    @staticmethod
    def backward(ctx, g):
        return (*compiled().tree_loss_backward(*ctx.saved_tensors, g.contiguous()), None, None, None, None)


class MixedLoss(torch.autograd.Function):
    """Nats of each target token, of the network alone and of its mix with the contexts (see native.cpp); `gains` are
    sixteen of the network and sixteen of the contexts, `start` says where a token's decisions begin in `beside`."""

    @staticmethod
    def forward(ctx, h, head, bias, gains, target, start, beside, *paths):
        h, head = h.contiguous(), head.contiguous()
        ctx.save_for_backward(h, head, bias, gains, target, start, beside, *paths)
        return tuple(compiled().mixed_loss(h, head, bias, gains, target, start, beside, *paths))

    @staticmethod
    def backward(ctx, alone, mixed):
        g = compiled().mixed_loss_backward(*ctx.saved_tensors, alone.contiguous(), mixed.contiguous())
        return (*g, *[None] * 6)


def tree_loss_reference(h, head, bias, target, offsets, nodes, bits):
    """The same with plain tensor operations, on any device."""
    row, _, at = decisions(target, offsets)
    x = (h[row] * head[nodes[at]]).sum(-1) + bias[nodes[at]]
    return nats_of(x, bits[at], row, target)


def decisions(target, offsets):
    """Of each decision its row in the batch, its place in the token, and its place in the paths."""
    count = offsets[target + 1] - offsets[target]
    row = torch.repeat_interleave(torch.arange(len(target), device=target.device), count)
    within = torch.arange(len(row), device=target.device) - torch.repeat_interleave(count.cumsum(0) - count, count)
    return row, within, offsets[target][row] + within


def nats_of(x, bits, row, target):
    loss = torch.nn.functional.softplus(torch.where(bits > 0, -x, x))
    return torch.zeros(len(target), device=x.device).index_add(0, row, loss)


def mixed_loss_reference(h, head, bias, gains, target, start, beside, offsets, nodes, bits):
    """What `MixedLoss` does with plain tensor operations, on any device."""
    row, within, at = decisions(target, offsets)
    x = (h[row] * head[nodes[at]]).sum(-1) + bias[nodes[at]]
    c = beside[start[row] + within].long()
    groups = len(gains) // 2
    group = c.abs() * groups // 128 % groups
    logit = gains[group] * x + gains[groups + group] * c * (20 / 256)
    coded = c != -128
    return nats_of(x, bits[at], row, target), nats_of(logit[coded], bits[at][coded], row[coded], target)


def wkv7_reference(r, k, v, kk, w, a):
    """The same with plain tensor operations, on any device: slow, for tests."""
    b, t, h, n = r.shape
    s = r.new_zeros(b, h, n, n)
    out = []
    for i in range(t):
        removal = s @ kk[:, i].unsqueeze(-1)
        s = s * w.unsqueeze(-2) - removal * (kk[:, i] * a).unsqueeze(-2) + v[:, i].unsqueeze(-1) * k[:, i].unsqueeze(-2)
        out.append((s @ r[:, i].unsqueeze(-1)).squeeze(-1))
    return torch.stack(out, 1)
