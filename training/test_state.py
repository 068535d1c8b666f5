"""The state update for a GPU, run by Triton's interpreter, against plain tensor code: values and gradients."""
import os

os.environ["TRITON_INTERPRET"] = "1"

import torch

import native
import state


def results(update, inputs):
    inputs = [x.clone().requires_grad_() for x in inputs]
    y = update(*inputs)
    (y * torch.arange(y.numel()).reshape(y.shape).sin()).sum().backward()
    return [y.detach(), *(x.grad for x in inputs)]


torch.manual_seed(0)
r, k, v, kk = (torch.randn(2, 9, 3, 16) * 0.4 for _ in range(4))
inputs = [r, k, v, kk / kk.norm(dim=-1, keepdim=True), torch.rand(3, 16) * 0.3 + 0.7, torch.rand(3, 16)]
for one, other in zip(results(native.wkv7_reference, inputs), results(state.wkv7, inputs)):
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
print("values and gradients agree")
