"""Compiled helpers: the RWKV-7 state update on a CPU, and the longest-match tokenizer."""
import os
import pathlib

import numpy as np
import torch
from torch.utils.cpp_extension import load

HERE = pathlib.Path(__file__).parent
BUILD = HERE / "build"
BUILD.mkdir(exist_ok=True)
os.environ.setdefault("MAX_JOBS", "2")
_ext = load("dualcomp_native", [str(HERE / "native.cpp")], build_directory=str(BUILD),
            extra_cflags=["-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-std=c++20"])


def greedy(vocab: list[bytes]):
    """A function from bytes to the ids of the longest tokens that match from left to right."""
    blob = b"".join(vocab)
    ends = np.cumsum([len(t) for t in vocab]).astype(np.int64)
    trie = _ext.Trie(blob, ends.tolist())
    return lambda raw: trie.cut(raw).numpy()


@torch.library.custom_op("dualcomp::wkv7", mutates_args=())
def wkv7(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor,
         w: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """Read-out y of the state update; r, k, v, kk: [B, T, H, N]; w, a (constant in time): [H, N].

    S <- S diag(w) - (S kk) (kk a)^T + v k^T ;  y = S r   (paper of RWKV-7, with static w and a)
    """
    return _ext.forward(r, k, v, kk, w, a)


@wkv7.register_fake
def _(r, k, v, kk, w, a):
    return torch.empty(r.shape)


@torch.library.custom_op("dualcomp::wkv7_backward", mutates_args=())
def _wkv7_backward(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor,
                   w: torch.Tensor, a: torch.Tensor, dy: torch.Tensor) -> list[torch.Tensor]:
    return _ext.backward(r, k, v, kk, w, a, dy)


@_wkv7_backward.register_fake
def _(r, k, v, kk, w, a, dy):
    return [torch.empty(r.shape) for _ in range(4)] + [torch.empty(w.shape) for _ in range(2)]


wkv7.register_autograd(
    lambda ctx, dy: tuple(_wkv7_backward(*ctx.saved_tensors, dy.contiguous())),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(*inputs))


class TreeLoss(torch.autograd.Function):
    """Nats of each target token; h: [M, D], head: [V - 1, D], paths: (offsets, nodes, bits)."""

    @staticmethod
    def forward(ctx, h, head, bias, target, *paths):
        h, head = h.contiguous(), head.contiguous()
        ctx.save_for_backward(h, head, bias, target, *paths)
        return _ext.tree_loss(h, head, bias, target, *paths)

    @staticmethod
    def backward(ctx, g):
        return (*_ext.tree_loss_backward(*ctx.saved_tensors, g.contiguous()), None, None, None, None)


def tree_loss_reference(h, head, bias, target, offsets, nodes, bits):
    """The same with plain tensor operations, on any device."""
    count = offsets[target + 1] - offsets[target]
    row = torch.repeat_interleave(torch.arange(len(target), device=h.device), count)
    within = torch.arange(len(row), device=h.device) - torch.repeat_interleave(count.cumsum(0) - count, count)
    at = offsets[target][row] + within
    x = (h[row] * head[nodes[at]]).sum(-1) + bias[nodes[at]]
    loss = torch.nn.functional.softplus(torch.where(bits[at] > 0, -x, x))
    return torch.zeros(len(target), device=h.device).index_add(0, row, loss)


def wkv7_reference(r, k, v, kk, w, a):
    """The same with plain tensor operations, on any device: slow, for tests and for a GPU without a kernel."""
    b, t, h, n = r.shape
    s = r.new_zeros(b, h, n, n)
    out = []
    for i in range(t):
        removal = s @ kk[:, i].unsqueeze(-1)
        s = s * w.unsqueeze(-2) - removal * (kk[:, i] * a).unsqueeze(-2) + v[:, i].unsqueeze(-1) * k[:, i].unsqueeze(-2)
        out.append((s @ r[:, i].unsqueeze(-1)).squeeze(-1))
    return torch.stack(out, 1)
