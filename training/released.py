"""Sets a model to the values of a weights file, so that training can go on from a release without its checkpoint."""
import dataclasses
import json
import pathlib

import numpy as np
import torch

from model import MODALITIES, Config, Model

NUMPY = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}


def header(raw: bytes) -> tuple[dict, int]:
    start = 8 + int.from_bytes(raw[:8], "little")
    return json.loads(raw[8:start]), start


def config(path: pathlib.Path) -> Config:
    sizes = header(path.read_bytes())[0]["__metadata__"]
    return Config(**{f.name: int(sizes[f.name]) for f in dataclasses.fields(Config) if f.name in sizes})


def read(path: pathlib.Path) -> dict[str, torch.Tensor]:
    raw = path.read_bytes()
    tensors, start = header(raw)
    out = {}
    for name, t in tensors.items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            out[name] = torch.from_numpy(np.frombuffer(raw[start + a: start + b], NUMPY[t["dtype"]])
                                         .reshape(t["shape"]).astype(np.float32))
    return out


@torch.no_grad()
def load(m: Model, path: pathlib.Path):
    f = read(path)

    def steps(parameter, name):
        parameter.copy_(-torch.log(f[name]).reshape(parameter.shape))

    def matrix(parameter, name, log_step):
        parameter.copy_(f[name] * (f[name + ".scale"] / torch.exp(log_step))[:, None])

    def either(at, name):
        """Files of version 1 have one expert for both modalities."""
        return f"{at}.{name}" if f"{at}.{name}" in f else at

    logit = lambda p: torch.log(p / (1 - p))
    m.embedding.copy_(f["embedding"] * f["embedding.scale"])
    matrix(m.pixel_input, "pixel_input", m.unit_step)
    m.pixel_bias.copy_(f["pixel_input.bias"])
    for i, t in enumerate(m.time):
        at = f"time.{i}."
        steps(t.in_step, at + "in_inverse")
        steps(t.out_step, at + "out_inverse")
        for j, name in enumerate(MODALITIES):
            for k, part in enumerate(("receptance", "key", "value")):
                matrix(getattr(t, part)[j].plain, f"{at}{part}.{name}", t.in_step[k])
        matrix(t.output.plain, at + "output", t.out_step)
        for name in ("shift", "key_scale", "bonus", "norm_weight", "norm_bias"):
            getattr(t, name).copy_(f[at + name])
        t.rate.copy_(logit(f[at + "rate"]))
        if i:
            t.first_value.copy_(logit(f[at + "first_value"]))
        # decay = exp(-exp(-softplus(-d) - 0.5)) turned over.
        soft = -torch.log(-torch.log(f[at + "decay"])) - 0.5
        t.decay.copy_(-torch.log(torch.expm1(soft.clamp_min(1e-4))))
    for i, t in enumerate(m.channel):
        at = f"channel.{i}."
        t.shift.copy_(f[at + "shift"])
        inputs, hidden = f[at + "in_inverse"].expand(2), f[at + "hidden_inverse"].expand(2)
        for j, name in enumerate(MODALITIES):
            e = t.experts[j]
            e.in_step.copy_(-torch.log(inputs[j]))
            e.hidden_step.copy_(-torch.log(hidden[j]))
            matrix(e.key.plain, either(at + "key", name), e.in_step)
            matrix(e.value.plain, either(at + "value", name), e.hidden_step)
    steps(m.final_step, "final_inverse")
    matrix(m.token_head, "token_head", m.final_step[1])
    m.token_bias.copy_(f["token_head.bias"])
    matrix(m.pixel_head, "pixel_head", m.final_step[0])
    m.pixel_head_bias.copy_(f["pixel_head.bias"])
    for i, w in enumerate(m.condition):
        matrix(w, f"condition.{i + 1}", m.unit_step)
    steps(m.mixture_step, "mixture.inverse")
    for i in range(3):
        matrix(m.mixture[i], f"mixture.{i}", m.mixture_step[i])
    m.mixture_bias.copy_(f["mixture.bias"])
