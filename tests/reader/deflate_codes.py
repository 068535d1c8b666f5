"""Huffman codes and headers of deflate blocks: docs/spec/deflate.md, section 5."""

ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
# Bits of the length of a run, and its least.
RUNS = {16: (2, 3), 17: (3, 3), 18: (7, 11)}


def zlib_lengths(weights, limit):
    """The lengths that zlib gives to symbols with these weights, those behind the last one left out."""
    weights, count = list(weights), len(weights)
    heap = [0] + [i for i, w in enumerate(weights) if w]
    last = heap[-1] if len(heap) > 1 else -1
    while len(heap) < 3:
        if last < 2:
            last = new = last + 1
        else:
            new = 0
        heap.append(new)
        weights[new] = 1
    depths, parents, joined = [0] * count, {}, []

    def less(a, b):
        return (weights[a], depths[a]) <= (weights[b], depths[b])

    def sink(k):
        node = heap[k]
        while (j := 2 * k) < len(heap):
            if j + 1 < len(heap) and less(heap[j + 1], heap[j]):
                j += 1
            if less(node, heap[j]):
                break
            heap[k] = heap[j]
            k = j
        heap[k] = node

    for k in range((len(heap) - 1) // 2, 0, -1):
        sink(k)
    while len(heap) > 2:
        first = heap[1]
        end = heap.pop()
        heap[1] = end
        sink(1)
        second, new = heap[1], len(weights)
        joined += [first, second]
        weights.append(weights[first] + weights[second])
        depths.append(max(depths[first], depths[second]) + 1)
        parents[first] = parents[second] = new
        heap[1] = new
        sink(1)
    lengths, counts, above = {heap[1]: 0}, [0] * (limit + 1), 0
    for node in reversed(joined):
        lengths[node] = lengths[parents[node]] + 1
        if lengths[node] > limit:
            lengths[node], above = limit, above + 1
        counts[lengths[node]] += node < count
    if above:
        while above > 0:
            bits = max(b for b in range(1, limit) if counts[b])
            counts[bits] -= 1
            counts[bits + 1] += 2
            counts[limit] -= 1
            above -= 2
        leaves = iter([node for node in joined if node < count])
        for bits in range(limit, 0, -1):
            for _ in range(counts[bits]):
                lengths[next(leaves)] = bits
    return [lengths.get(i, 0) for i in range(last + 1)]


def spell(lengths):
    """A list of code lengths as symbols, each with what its run has more than the least."""
    out, at = [], 0
    while at < len(lengths):
        value, again = lengths[at], at > 0 and lengths[at - 1] == lengths[at]
        least, most = (3, 138) if value == 0 else (3, 6) if again else (4, 7)
        count = 1
        while count < most and at + count < len(lengths) and lengths[at + count] == value:
            count += 1
        if count < least:
            out += [(value, None)] * count
        elif value:
            out += [(value, None)] * (not again) + [(16, count - least)]
        else:
            out.append((17, count - 3) if count <= 10 else (18, count - 11))
        at += count
    return out


class Header:
    """Code lengths of literals and distances, and how they are spelled."""

    def __init__(self, literals, distances, order, spelled):
        self.literals, self.distances, self.order, self.spelled = literals, distances, order, spelled


def zlib_header(literals, distances):
    """For the weights of both."""
    literals, distances = zlib_lengths(literals, 15), zlib_lengths(distances, 15)
    spelled = spell(literals) + spell(distances)
    weights = [0] * 19
    for symbol, _ in spelled:
        weights[symbol] += 1
    lengths = zlib_lengths(weights, 7)
    order = [lengths[i] if i < len(lengths) else 0 for i in ORDER]
    while len(order) > 4 and not order[-1]:
        order.pop()
    return Header(literals, distances, order, spelled)


def codes(lengths):
    """For each symbol its code, first bit lowest, and its length."""
    out, code = {}, 0
    for bits in range(1, 16):
        for symbol, length in enumerate(lengths):
            if length == bits:
                out[symbol] = int(f"{code % (1 << bits):0{bits}b}"[::-1], 2), bits
                code += 1
        code <<= 1
    return out
