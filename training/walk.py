"""The thresholds that tell sample values apart (docs/spec/image.md, section 6), of many samples at once."""
import dataclasses

import numpy as np

KINDS = 15
STEPS, HALVINGS = 5, 4
FIRST_STEP, FIRST_HALF = 1, 9
# The width of the first two steps, where the network is silent.
WIDTH = 2


@dataclasses.dataclass
class Decisions:
    """Of all samples, one sample's after the other's. `low` and `high` are the decisions whose thresholds bound the value
    below and above, or one and two past the last decision where nothing but 0 and 256 does."""
    sample: np.ndarray
    threshold: np.ndarray
    bit: np.ndarray
    kind: np.ndarray
    low: np.ndarray
    high: np.ndarray


def decisions(center, value, counts):
    """`counts` says how many each sample takes."""
    center, value, total = center.astype(np.int64), value.astype(np.int64), int(counts.sum(dtype=np.int64))
    out = Decisions(np.repeat(np.arange(len(counts)), counts),
                    *(np.empty(total, t) for t in (np.int64, bool, np.int64, np.int64, np.int64)))
    at = np.cumsum(counts, dtype=np.int64) - counts
    stage = np.where(center == 0, FIRST_STEP, 0)
    up, width = np.ones(len(center), bool), np.full(len(center), WIDTH)
    low, high = np.zeros(len(center), np.int64), np.full(len(center), 256)
    low_at, high_at = np.full(len(center), total), np.full(len(center), total + 1)
    made = 0
    while True:
        alive = high - low > 1
        if not alive.any():
            break
        center, value, at, stage, up, width, low, high, low_at, high_at = (
            x[alive] for x in (center, value, at, stage, up, width, low, high, low_at, high_at))
        made += len(at)
        stepped = np.where(up, low + width, high - width)
        stepping = (stage >= FIRST_STEP) & (stage < FIRST_HALF)
        stage[stepping & ~((low < stepped) & (stepped < high))] = FIRST_HALF
        stepping &= stage < FIRST_HALF
        first = stage == 0
        threshold = np.where(first, center, np.where(stepping, stepped, low + (high - low) // 2))
        step_kind = 1 + np.minimum(stage - FIRST_STEP, STEPS - 1) + np.where(up, 0, STEPS)
        half_kind = 1 + 2 * STEPS + np.minimum(stage - FIRST_HALF, HALVINGS - 1)
        bit = value >= threshold
        out.threshold[at], out.bit[at], out.low[at], out.high[at] = threshold, bit, low_at, high_at
        out.kind[at] = np.where(first, 0, np.where(stepping, step_kind, half_kind))
        low, low_at = np.where(bit, threshold, low), np.where(bit, at, low_at)
        high, high_at = np.where(bit, high, threshold), np.where(bit, high_at, at)
        back = stepping & (bit != up)
        width = np.where(stepping & ~back & (stage > FIRST_STEP), 2 * width, width)
        stage = np.where(back, FIRST_HALF, stage + 1)
        up = np.where(first, bit, up)
        at = at + 1
    assert made == total, "counts of other samples"
    return out
