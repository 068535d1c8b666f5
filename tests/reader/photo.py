"""Photographs: docs/spec/image.md, section 7.1."""

from entropy import Apm, Counter, MixerSet, Prior, clamp, log2, odds
from image_coder import Pixel, far_of, final, first_step, planes_of, steps, whole
from lattice import Contexts
from least_squares import Regression
from pixels import (
    Binarization, Canvas, Errors, Logistic, ValueCaches, cache_hashes, error_class, local_errors, logit_of, med,
    predictions, share,
)
from spec import artefact


class Photo:
    def __init__(self, k, name):
        prior = Prior(artefact(name))
        self.mixers, self.apm = MixerSet([33, 242, 242], 22, 16, 100, 120), Apm(48 * 11, 7)
        prior.mixer_set(self.mixers)
        prior.apm(self.apm)
        self.caches, self.counters = ValueCaches(k, 3, 11, prior), Contexts()
        prior.end()

    def code(self, decoder, p, c, expected, off, distribution):
        near = p.near
        means = predictions(near, c, p.values, expected)
        logistics = [Logistic(m, o) for m, o in zip(means, off)]
        if distribution:
            center, spread, main = distribution.center, distribution.spread, distribution
            length = second = min(log2(spread), 15)
            far = far_of(expected - 16 * center, spread)
        else:
            center, spread, main = clamp((expected + 8) >> 4, 0, 255), logistics[0].scale // 4, logistics[0]
            length, second = log2(off[0] + 1), error_class(off[1])
            far = far_of(expected - means[1], spread)
        last = clamp(p.values[c - 1] - med(near, c - 1), -20, 20) + 21 if c else 0
        hashes = cache_hashes(near, c, p.values)
        found = self.caches.look(hashes)
        b = Binarization(center, first_step(spread))
        # The last of nine is that of `main`.
        bounds = [[0] * 9, [1 << 24] * 9]
        while b.ask():
            kind = b.kind
            at = [logistic.below(b.t) for logistic in logistics + [main]]
            if kind >= 11:
                bit = decoder.decide(share(bounds[0][8], at[8], bounds[1][8]))
            else:
                counter = self.counters[c, last, length, kind]
                cached = self.caches.ask(found, c, b)
                logits = [logit_of(*of) for of in zip(bounds[0], at, bounds[1])]
                inputs = logits[:8] + [odds(23225, 8544), odds_of(counter)]
                inputs += [odds_of(one or Counter()) for one in cached]
                inputs += [logits[8] if distribution else 0, 0, 0]
                selectors = [11 * c + kind, 11 * error_class(off[0]) + kind, 11 * second + kind]
                context = (16 * c + far) * 11 + kind
                bit = final(decoder, self.mixers, self.apm, inputs, selectors, second, context)
                counter.learn(bit, 255)
                for one in cached:
                    if one:
                        one.learn(bit, 511)
            b.answer(bit)
            bounds[1 - bit] = at
        self.caches.note(hashes, b.low)
        return b.low, means


def odds_of(counter):
    return odds(2 * counter.p + 1, (1 << 17) - 2 * counter.p - 1)


def code_photo(decoder, coder, network, width, height, colors):
    canvas = Canvas(width, height)
    regressions = [Regression(c, colors, width) for c in range(colors)]
    off = [Errors([0] * 8) for _ in range(colors)]
    for t, places in steps(width, height):
        pixels = [Pixel(canvas, row, column) for row, column in places]
        if t % 3 == 0:
            for regression in regressions:
                regression.enter(places)
        if network:
            for p in pixels:
                p.feed(network, regressions, off)
        for c in range(colors):
            for p in pixels:
                p.expected = regressions[c].expect(p.near, p.row, p.column, p.values)
                p.off = local_errors(off[c], p.row, p.column)
            for p in pixels:
                distribution = p.distribution(network, c) if network else None
                value, means = coder.code(decoder, p, c, p.expected, p.off, distribution)
                off[c].set(p.row, p.column, [min(abs(m - 16 * value) >> 2, 255) for m in means])
                regressions[c].note(p.row, p.column, value)
                p.values[c] = value
        for p in pixels:
            canvas.rows[p.row][p.column] = whole(p.values, colors)
    return planes_of(canvas, colors)
