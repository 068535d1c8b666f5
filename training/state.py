"""The state update of RWKV-7 on a GPU, in Triton: forwards, keeping all states, and backwards."""
import torch
import triton
import triton.language as tl


@triton.jit
def _forward(r, k, v, kk, w, a, y, states, steps, heads, N: tl.constexpr):
    program = tl.program_id(0)
    row, head = program // heads, program % heads
    j = tl.arange(0, N)
    square = j[:, None] * N + j[None, :]
    decay, rate = tl.load(w + head * N + j), tl.load(a + head * N + j)
    s = tl.zeros((N, N), tl.float32)
    at = (row * steps * heads + head).to(tl.int64)
    for _ in range(steps):
        tl.store(states + at * N * N + square, s)
        rt, kt = tl.load(r + at * N + j), tl.load(k + at * N + j)
        vt, kkt = tl.load(v + at * N + j), tl.load(kk + at * N + j)
        removal = tl.sum(s * kkt[None, :], 1)
        s = s * decay[None, :] - removal[:, None] * (kkt * rate)[None, :] + vt[:, None] * kt[None, :]
        tl.store(y + at * N + j, tl.sum(s * rt[None, :], 1))
        at += heads


@triton.jit
def _backward(r, k, v, kk, w, a, states, dy, dr, dk, dv, dkk, dw, da, steps, heads, N: tl.constexpr):
    program = tl.program_id(0)
    row, head = program // heads, program % heads
    j = tl.arange(0, N)
    square = j[:, None] * N + j[None, :]
    decay, rate = tl.load(w + head * N + j), tl.load(a + head * N + j)
    ds = tl.zeros((N, N), tl.float32)
    ddecay, drate = tl.zeros((N,), tl.float32), tl.zeros((N,), tl.float32)
    at = ((row * steps + steps - 1) * heads + head).to(tl.int64)
    for _ in range(steps):
        before = tl.load(states + at * N * N + square)
        rt, kt = tl.load(r + at * N + j), tl.load(k + at * N + j)
        vt, kkt = tl.load(v + at * N + j), tl.load(kk + at * N + j)
        dyt = tl.load(dy + at * N + j)
        b = kkt * rate
        removal = tl.sum(before * kkt[None, :], 1)
        s = before * decay[None, :] - removal[:, None] * b[None, :] + vt[:, None] * kt[None, :]
        ds += dyt[:, None] * rt[None, :]
        tl.store(dr + at * N + j, tl.sum(s * dyt[:, None], 0))
        tl.store(dv + at * N + j, tl.sum(ds * kt[None, :], 1))
        tl.store(dk + at * N + j, tl.sum(ds * vt[:, None], 0))
        db = -tl.sum(ds * removal[:, None], 0)
        dremoval = -tl.sum(ds * b[None, :], 1)
        tl.store(dkk + at * N + j, tl.sum(before * dremoval[:, None], 0) + db * rate)
        drate += db * kkt
        ddecay += tl.sum(ds * before, 0)
        ds = ds * decay[None, :] + dremoval[:, None] * kkt[None, :]
        at -= heads
    tl.store(dw + program * N + j, ddecay)
    tl.store(da + program * N + j, drate)


@torch.library.custom_op("dualcomp::state", mutates_args=())
def state(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor,
          w: torch.Tensor, a: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Read-outs as `native.wkv7` gives them, and the state before each step."""
    b, t, h, n = r.shape
    r, k, v, kk = (x.contiguous() for x in (r, k, v, kk))
    y, states = torch.empty_like(r), r.new_empty(b, t, h, n, n)
    _forward[(b * h,)](r, k, v, kk, w.contiguous(), a.contiguous(), y, states, t, h, n, num_warps=1)
    return y, states


@state.register_fake
def _(r, k, v, kk, w, a):
    return torch.empty(r.shape, device=r.device), torch.empty(*r.shape, r.shape[-1], device=r.device)


@torch.library.custom_op("dualcomp::state_backward", mutates_args=())
def _state_backward(r: torch.Tensor, k: torch.Tensor, v: torch.Tensor, kk: torch.Tensor, w: torch.Tensor,
                    a: torch.Tensor, states: torch.Tensor, dy: torch.Tensor) -> list[torch.Tensor]:
    b, t, h, n = r.shape
    r, k, v, kk = (x.contiguous() for x in (r, k, v, kk))
    out = [torch.empty_like(r) for _ in range(4)]
    of_constants = [r.new_empty(b, h, n) for _ in range(2)]
    _backward[(b * h,)](r, k, v, kk, w.contiguous(), a.contiguous(), states, dy.contiguous(), *out, *of_constants, t, h, n,
                        num_warps=1)
    return out + [x.sum(0) for x in of_constants]


@_state_backward.register_fake
def _(r, k, v, kk, w, a, states, dy):
    new = lambda x: torch.empty(x.shape, device=x.device)
    return [new(r) for _ in range(4)] + [new(w), new(a)]


def _setup(ctx, inputs, output):
    ctx.save_for_backward(*inputs, output[1])


state.register_autograd(lambda ctx, dy, _: tuple(_state_backward(*ctx.saved_tensors, dy)), setup_context=_setup)


def wkv7(r, k, v, kk, w, a):
    return state(r, k, v, kk, w, a)[0]
