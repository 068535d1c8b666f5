"""One RWKV-7 for pixels and text tokens: modality-switched token shift and R, K, V over shared output,
norms, experts routed by modality (DualComp, arXiv 2505.16256), decay and rate constant in time, int8 matrix
products. Every non-linearity is built from + - * / sqrt so that inference can be exact (docs/spec/numerics.md).
"""
import dataclasses
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import native

# Pixels may go through two networks; the shallow one has fewer time mixes and narrower channel mixes.
MODALITIES = ("image", "text", "shallow")
SHALLOW = MODALITIES.index("shallow")
TEXT = MODALITIES.index("text")
# Causal neighbours (rows up, columns right) of the pixel being coded. Row -d may look 3d - 1 columns ahead.
NEIGHBOURS = [(0, -1), (0, -2), (0, -3), (-1, -3), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2),
              (-2, -2), (-2, -1), (-2, 0), (-2, 1), (-2, 2), (-2, 3), (-3, -1), (-3, 0), (-3, 1)]
FEATURES = 64
# The first of four features that tell what the regression expects (pixels.py).
CODER_FEATURES = 60
CONDITIONS = 4
MARGIN = 3


@dataclasses.dataclass
class Config:
    channels: int = 96
    layers: int = 2
    head_size: int = 16
    hidden: int = 256
    shallow_hidden: int = 128
    shallow_times: int = 1  # layers that have a shallow time mix, the first ones
    vocabulary: int = 4096
    pixel_hidden: int = 64
    mixtures: int = 5
    # The parts of the paper, the first two 0 or 1.
    switching: int = 1  # receptance, key, value and time-mix vectors for each modality, or common ones
    own_experts: int = 1  # a channel mix for each modality, or a common one
    common_experts: int = 0  # channel mixes beside those of each modality, one of all which a router picks for each token
    routed: int = 1 << TEXT  # a bit for each modality that has such a router, if there are common experts
    branch: int = 0  # inner width of the extra branch of each trunk matrix, merged when exported


def rounded(x):
    """The nearest integers, gradients straight through."""
    return x + (torch.round(x) - x).detach()


def int8(x, log_step):
    """x over a learned step as whole numbers from -127 to 127."""
    return rounded(torch.clamp(x / torch.exp(log_step), -127, 127))


def quantised(x, log_step):
    return int8(x, log_step) * torch.exp(log_step)


def fast_type():
    """The type of products: bfloat16 holds the factors exactly, but rounds the result, which inference does not. Where
    it is not built in, it is slower than float32 by far. A GPU has TF32, which holds the factors too and rounds later."""
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = True
        return torch.float32
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


FACTORS = fast_type()


def row_step(w):
    """Steps that bring the rows of w to int8 such that neighbours of one sign, in pairs, sum to 128 at most: with unsigned
    bytes their products then fit in 16 bits, as docs/spec/numerics.md, section 1, has it."""
    pairs = w.detach().unflatten(1, (-1, 2))
    sums = torch.maximum(pairs.clamp_min(0).sum(2), -pairs.clamp_max(0).sum(2))
    return sums.amax(1).clamp_min(1e-8) / 127


def wide_row_step(w):
    """The same without that bound."""
    return w.detach().abs().amax(1).clamp_min(1e-8) / 127


def linear(x, log_step, w):
    """The int8 product of quantised x and quantised w."""
    step = row_step(w)
    y = F.linear(int8(x, log_step).to(FACTORS), rounded(w / step[:, None]).to(FACTORS))
    return y.float() * (step * torch.exp(log_step))


def quantised_rows(w):
    """A weight matrix as int8 with one step per row."""
    step = wide_row_step(w)[:, None]
    return rounded(w / step) * step


def rms(x):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + 1e-5)


def gate(x):
    """The algebraic sigmoid, x / sqrt(1 + x^2) moved to (0, 1)."""
    return 0.5 + 0.5 * x / torch.sqrt(1 + x * x)


def matrix(rows, columns, bound):
    return nn.Parameter(torch.empty(rows, columns).uniform_(-bound, bound))


class Merged(nn.Module):
    """A trunk matrix. While trained it may be the sum of a matrix and of the product of two wide ones, which starts
    at zero: the reparameterization of the paper (section 3.4). Its value is one matrix."""

    def __init__(self, rows, columns, bound, branch):
        super().__init__()
        self.plain = matrix(rows, columns, bound)
        self.wide = branch > 0
        if self.wide:
            self.up = nn.Parameter(torch.zeros(rows, branch))
            self.down = matrix(branch, columns, (3 / columns) ** 0.5)

    def forward(self):
        return self.plain + self.up @ self.down if self.wide else self.plain


class TimeMix(nn.Module):
    def __init__(self, c: Config, layer: int):
        super().__init__()
        d, n = c.channels, c.head_size
        m = len(MODALITIES) if layer < c.shallow_times else SHALLOW
        self.heads, self.n, self.layer = d // n, n, layer
        at = torch.arange(d) / (d - 1)
        depth = layer / max(1, c.layers - 1)
        self.shift = nn.Parameter(torch.stack([torch.rand(3, d) * 0.5, torch.rand(3, d) * 0.3])[None].repeat(m, 1, 1, 1))
        self.own = range(m) if c.switching else [0] * m
        several = lambda: nn.ModuleList([Merged(d, d, 0.5 / d ** 0.5, c.branch) for _ in set(self.own)])
        self.receptance, self.key, self.value = several(), several(), several()
        self.decay = nn.Parameter((-5.5 + 5 * at ** (0.85 + depth ** 0.5) + 0.5).repeat(m, 1))
        self.rate = nn.Parameter(torch.zeros(m, d))
        self.key_scale = nn.Parameter(torch.full((m, d), 0.5))
        self.first_value = nn.Parameter(torch.zeros(m, d))
        self.bonus = nn.Parameter(torch.zeros(m, d))
        self.norm_weight = nn.Parameter(torch.full((d,), ((1 + layer) / c.layers) ** 0.7))
        self.norm_bias = nn.Parameter(torch.zeros(d))
        self.output = Merged(d, d, 0.0, c.branch)
        self.in_step = nn.Parameter(torch.full((3,), math.log(5 / 127)))
        self.out_step = nn.Parameter(torch.tensor(math.log(4 / 127)))

    def constants(self, m):
        """Decay, rate and value mix of modality m as plain vectors."""
        m = self.own[m]
        decay = torch.exp(-torch.exp(-F.softplus(-self.decay[m]) - 0.5))
        return decay, torch.sigmoid(self.rate[m]), torch.sigmoid(self.first_value[m])

    def forward(self, x, shift, m, first):
        b, t, d = x.shape
        m = self.own[m]
        z = rms(x)
        left, far = shift(z)
        mu = self.shift[m]
        zr, zk, zv = (z + (left - z) * mu[0, i] + (far - z) * mu[1, i] for i in range(3))
        r = linear(zr, self.in_step[0], self.receptance[m]())
        k = linear(zk, self.in_step[1], self.key[m]())
        v = linear(zv, self.in_step[2], self.value[m]())
        w, a, mix = self.constants(m)
        if first is None:
            first = v
        else:
            v = v + (first - v) * mix
        heads = lambda y: y.view(b, t, self.heads, self.n)
        kk = heads(k)
        kk = kk / torch.sqrt(kk.square().sum(-1, keepdim=True) + 1e-6)
        k = heads(k * self.key_scale[m])
        vector = lambda y: y.view(self.heads, self.n)
        r, v = heads(r), heads(v)
        y = native.wkv7(r, k, v, kk, vector(w), vector(a))
        y = y - y.mean(-1, keepdim=True)
        y = y / torch.sqrt(y.square().mean(-1, keepdim=True) + 1e-3)
        y = y * vector(self.norm_weight) + vector(self.norm_bias)
        y = y + (r * k * vector(self.bonus[m])).sum(-1, keepdim=True) * v
        y = y.reshape(b, t, d) * gate(zr)
        return linear(y, self.out_step, self.output()), first


class Expert(nn.Module):
    """Two matrices with a squared rectifier between them."""

    def __init__(self, c: Config, hidden: int):
        super().__init__()
        d = c.channels
        self.key = Merged(hidden, d, 0.5 / d ** 0.5, c.branch)
        self.value = Merged(d, hidden, 0.0, c.branch)
        self.in_step = nn.Parameter(torch.tensor(math.log(5 / 127)))
        self.hidden_step = nn.Parameter(torch.tensor(math.log(4 / 127)))

    def forward(self, z):
        h = torch.relu(linear(z, self.in_step, self.key())).square()
        return linear(h, self.hidden_step, self.value())


def picked(experts, z, pick, in_step):
    """Rows through the expert that each picks, and only through that: sorted by it they are multiplied in groups."""
    order = pick.argsort(stable=True)
    of = pick[order]
    ends = F.one_hot(pick, len(experts)).sum(0).cumsum(0)

    def product(x, log_step, merged):
        w = [m() for m in merged]
        step = torch.stack([row_step(m) for m in w])
        whole = torch.stack([rounded(m / s[:, None]) for m, s in zip(w, step)])
        return native.grouped(x, whole.to(FACTORS), ends).float() * (step[of] * torch.exp(log_step))

    x = int8(z, in_step).to(FACTORS)[order]
    h = torch.relu(product(x, in_step, [e.key for e in experts])).square()
    hidden_step = torch.stack([e.hidden_step for e in experts])[of][:, None]
    y = product(int8(h, hidden_step).to(FACTORS), hidden_step, [e.value for e in experts])
    return y[order.argsort()]


class ChannelMix(nn.Module):
    """Mixture of experts with routing by modality: each has its expert, or all have the same. Beside them there may be
    common experts: a modality with a router picks its own or one of these for each token, by the largest logit. The
    output is weighed by twice the gate of the distance to the next logit: by one where both are the same."""

    def __init__(self, c: Config):
        super().__init__()
        m = len(MODALITIES)
        self.own = range(m) if c.own_experts else [0] * m
        self.shift = nn.Parameter(torch.rand(m, 2, c.channels) * 0.3)
        widths = [c.hidden, c.hidden, c.shallow_hidden] if c.own_experts else [c.hidden]
        self.experts = nn.ModuleList([Expert(c, width) for width in widths])
        self.common = nn.ModuleList([Expert(c, c.hidden) for _ in range(c.common_experts)])
        routed = [name for i, name in enumerate(MODALITIES) if c.common_experts and c.routed >> i & 1]
        rows = lambda: nn.Parameter(torch.randn(1 + c.common_experts, c.channels) * 0.02)
        self.router = nn.ParameterDict({name: rows() for name in routed})

    def forward(self, x, shift, m):
        z = rms(x)
        left, far = shift(z)
        z = z + (left - z) * self.shift[m, 0] + (far - z) * self.shift[m, 1]
        own = self.experts[self.own[m]]
        if MODALITIES[m] not in self.router:
            return own(z), 0.0
        logits = linear(z, own.in_step, self.router[MODALITIES[m]])
        first, second = logits.topk(2, -1).values.unbind(-1)
        pick = logits.argmax(-1)
        # Least where all are chosen as often.
        share = F.one_hot(pick, logits.shape[-1]).float().mean((0, 1))
        balance = (share * torch.softmax(logits, -1).mean((0, 1))).sum() * logits.shape[-1]
        y = picked([own, *self.common], z.flatten(0, 1), pick.flatten(), own.in_step)
        return y.view(z.shape) * (2 * gate(first - second))[..., None], balance


def compress(d):
    """The table of differences -255..255 as int8, finer near zero, as the exported file stores it."""
    scale = 127 / math.log1p(255 / 6)
    return torch.round(torch.sign(d) * torch.log1p(d.abs() / 6) * scale)


class Pixels(nn.Module):
    """Where pixels enter a network and where they leave it."""

    def __init__(self, c: Config):
        super().__init__()
        d, h, k = c.channels, c.pixel_hidden, c.mixtures
        self.input = matrix(d, FEATURES, 1.0 / FEATURES ** 0.5)
        self.bias = nn.Parameter(torch.zeros(d))
        self.head = matrix(3 * h, d, 0.5 / d ** 0.5)
        self.head_bias = nn.Parameter(torch.zeros(3 * h))
        self.condition = nn.ParameterList([matrix(h, CONDITIONS * i, 0.5) for i in (1, 2)])
        self.mixture_step = nn.Parameter(torch.full((3,), math.log(4 / 127)))
        self.mixture = nn.Parameter(torch.randn(3, 3 * k, h) * 0.01)
        start = torch.cat([torch.zeros(k), torch.linspace(-0.3, 0.3, k), torch.linspace(0, 2.5, k)])
        self.mixture_bias = nn.Parameter(start.repeat(3, 1))


class Model(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        d = c.channels
        # Inputs that are int8 / 127 already.
        self.register_buffer("unit_step", torch.tensor(-math.log(127)))
        self.embedding = nn.Parameter(torch.randn(c.vocabulary + 1, d))
        self.pixels = nn.ModuleDict({"image": Pixels(c), "shallow": Pixels(c)})
        self.time = nn.ModuleList([TimeMix(c, i) for i in range(c.layers)])
        self.channel = nn.ModuleList([ChannelMix(c) for i in range(c.layers)])
        self.final_step = nn.Parameter(torch.full((len(MODALITIES),), math.log(5 / 127)))
        self.token_head = nn.Parameter(torch.randn(c.vocabulary - 1, d) * 0.01)
        self.token_bias = nn.Parameter(torch.zeros(c.vocabulary - 1))

    def trunk(self, x, shift, m):
        """The last vectors, and how unevenly the experts are chosen."""
        x = rms(x)
        first, unevenness = None, 0.0
        times = self.config.shallow_times if m == SHALLOW else self.config.layers
        for i, channel in enumerate(self.channel):
            if i < times:
                y, first = self.time[i](x, shift, m, first)
                x = x + y
            y, uneven = channel(x, shift, m)
            x, unevenness = x + y, unevenness + uneven
        return rms(x), unevenness

    def text(self, tokens):
        """Hidden vectors [B, T, D] after each input token, which the tree loss compares with the next, and how unevenly the
        experts are chosen."""
        def shift(z):
            return F.pad(z, (0, 0, 1, 0))[:, :-1], F.pad(z, (0, 0, 2, 0))[:, :-2]
        e = self.embedding
        step = e.detach().abs().amax().clamp_min(1e-8) / 127
        e = rounded(e / step) * step
        x, unevenness = self.trunk(F.embedding(tokens, e), shift, TEXT)
        return quantised(x, self.final_step[TEXT]), unevenness

    def image(self, pixels, frame=None, told=None, network="image"):
        """Of each sub-pixel its bits, base prediction and mixture, [B, H, W, 3] and [B, H, W, 3, 3 K];
        pixels: [B, H, W, 3] float, 0..255. `frame` is the same with what is around (`framed`); `told` holds the features
        from CODER_FEATURES on, [B, H, W, 4], else they are 0."""
        b, h, w, _ = pixels.shape
        f, med = features(framed(pixels) if frame is None else frame)
        if told is not None:
            f = torch.cat([f[..., :CODER_FEATURES], told], -1)
        ends, m = self.pixels[network], MODALITIES.index(network)

        def shift(z):
            rows = F.pad(z.view(b, h, w, -1), (0, 0, 0, 1, 1, 0))[:, :-1, 1:]
            # Nothing stands above the first row.
            return F.pad(z, (0, 0, 1, 0))[:, :-1], rows.reshape(b * h, w, -1)
        x = linear(f.view(b * h, w, FEATURES) / 127, self.unit_step, ends.input) + ends.bias
        x = self.trunk(x, shift, m)[0].view(b, h, w, -1)
        x = linear(x, self.final_step[m], ends.head) + ends.head_bias
        hidden = x.view(b, h, w, 3, -1)
        d = pixels - med
        cond = [conditions(d[..., 0]), conditions(d[..., 1])]
        bits, bases, mixtures = [], [], []
        for c in range(3):
            y = hidden[..., c, :]
            if c:
                y = y + linear(torch.cat(cond[:c], -1), self.unit_step, ends.condition[c - 1])
            o = linear(y * gate(y), ends.mixture_step[c], ends.mixture[c]) + ends.mixture_bias[c]
            base = med[..., c] + (d[..., c - 1] if c else 0)
            bits.append(mixture_bits(pixels[..., c], base, o, self.config.mixtures))
            bases.append(base)
            mixtures.append(o)
        return torch.stack(bits, -1), torch.stack(bases, -1), torch.stack(mixtures, -2)


def conditions(d):
    """int8 features / 127 of an earlier channel's residual."""
    f = torch.stack([torch.clamp(d * 8, -127, 127), compress(d), torch.clamp(d * 2, -127, 127),
                     torch.clamp(d.abs() * 4, max=127)], -1)
    return f / 127


def framed(pixels):
    """With three rows of 128 above, left of each row the first pixel of the one above, right of it its last."""
    p = F.pad(pixels, (0, 0, 0, 0, MARGIN, 0), value=128)
    left = F.pad(p[:, :-1, :1], (0, 0, 0, 0, 1, 0), value=128)
    return torch.cat([left.expand(-1, -1, MARGIN, -1), p, p[:, :, -1:].expand(-1, -1, MARGIN, -1)], 2)


def neighbours(frame):
    """A function from rows and columns away to the pixels there."""
    h, w = frame.shape[1] - MARGIN, frame.shape[2] - 2 * MARGIN
    return lambda y, x: frame[:, MARGIN + y: MARGIN + y + h, MARGIN + x: MARGIN + x + w]


def median(at):
    """The median-edge prediction, by what `neighbours` gives."""
    west, north, corner = at(0, -1), at(-1, 0), at(-1, -1)
    low, high = torch.minimum(west, north), torch.maximum(west, north)
    return west + north - torch.minimum(torch.maximum(corner, low), high)


def features(frame):
    """int8 features [B, H, W, 64], zeros from CODER_FEATURES on, and the median-edge prediction [B, H, W, 3] (docs/spec/image.md,
    section 1)."""
    at = neighbours(frame)
    med = median(at)
    f = [compress(at(y, x) - med) for y, x in NEIGHBOURS]
    f += [torch.clamp(med - 128, -127, 127), compress(med.roll(-1, -1) - med)]
    f = torch.cat(f, -1)
    return F.pad(f, (0, FEATURES - f.shape[-1])), med


def mixture_below(threshold, base, o, k):
    """The probability of a value below each threshold, 1..255, under such mixtures; all but `o` have its first axes."""
    weight = torch.softmax(o[..., :k], -1)
    inverse = torch.exp(-torch.clamp(o[..., 2 * k:], -3, 5))
    x = (threshold - 0.5 - base)[..., None] - o[..., k:2 * k] * 16
    return (torch.sigmoid(x * inverse) * weight).sum(-1) * (1 - 2 ** -8) + threshold * 2 ** -16


def mixture_bits(value, base, o, k):
    """-log2 of the probability of `value` under a mixture of logistics cut to 0..255, with a floor."""
    weight = F.log_softmax(o[..., :k], -1)
    mean = o[..., k:2 * k] * 16
    inverse = torch.exp(-torch.clamp(o[..., 2 * k:], -3, 5))
    x = (value - base)[..., None] - mean
    upper = torch.where(value[..., None] > 254.5, 1.0, torch.sigmoid((x + 0.5) * inverse))
    lower = torch.where(value[..., None] < 0.5, 0.0, torch.sigmoid((x - 0.5) * inverse))
    p = ((upper - lower) * weight.exp()).sum(-1)
    return -torch.log2(p * (1 - 2 ** -8) + 2 ** -16)
