"""Nodes of a byte and decisions of a token: docs/spec/bytes.md, section 1."""

from spec import numbers


class Node:
    def __init__(self, first, last, split, depth):
        self.first, self.last, self.split, self.depth = first, last, split, depth
        self.children, self.group, self.index, self.exits = [None, None], None, 0, [None, None]


# Section 1.1.
def build_tree():
    splits, nodes = numbers("bytes.md", "1.1"), []

    def grow(first, last, depth):
        if first == last:
            return None
        node = Node(first, last, splits[len(nodes)], depth)
        node.number = len(nodes)
        nodes.append(node)
        node.children[0] = grow(first, node.split - 1, depth + 1)
        node.children[1] = grow(node.split, last, depth + 1)
        return node

    grow(0, 255, 0)
    groups = []
    for node in nodes:
        if node.group is not None:
            continue
        group, looked = [node], 0
        while looked < len(group):
            for child in group[looked].children:
                if child and len(group) < 15:
                    group.append(child)
            looked += 1
        for i, member in enumerate(group):
            member.group, member.index = len(groups), i + 1
        exits = 0
        for member in group:
            for outcome, child in enumerate(member.children):
                if child not in group:
                    member.exits[outcome] = exits
                    exits += 1
        groups.append(group)
    return nodes, groups


NODES, GROUPS = build_tree()


# Section 1.2.
class Decision:
    """A node of the next byte, or the end of a token if `node` is none, after the bytes `spelled`."""

    def __init__(self, number, node, spelled):
        self.number, self.node, self.spelled, self.branches = number, node, spelled, None


class Vocabulary:
    def __init__(self, tokens):
        self.tokens, self.ids, self.count = tokens, {token: i for i, token in enumerate(tokens)}, 0
        # For each token the bytes that make it a longer one.
        self.longer = [set() for _ in tokens]
        for token in tokens:
            if token[:-1] in self.ids:
                self.longer[self.ids[token[:-1]]].add(token[-1])
        self.root = self.grow(0, len(tokens), 0, None)

    def grow(self, low, high, depth, node):
        """A decision, or the number of the only token left."""
        if high - low == 1:
            return low
        tokens = self.tokens
        if node is None:
            if len(tokens[low]) != depth:
                return self.grow(low, high, depth, NODES[0])
            split = low + 1
        else:
            split = next((i for i in range(low, high) if tokens[i][depth] >= node.split), high)
            for outcome, other in ((1, split == low), (0, split == high)):
                if other:
                    return self.below(low, high, depth, node.children[outcome])
        decision = Decision(self.count, node, tokens[low][:depth])
        self.count += 1
        if node is None:
            # The token that ends comes first in byte order.
            decision.branches = [self.grow(split, high, depth, NODES[0]), low]
        else:
            zero = self.below(low, split, depth, node.children[0])
            decision.branches = [zero, self.below(split, high, depth, node.children[1])]
        return decision

    def below(self, low, high, depth, child):
        return self.grow(low, high, depth, child) if child else self.grow(low, high, depth + 1, None)


BYTES = Vocabulary([bytes([b]) for b in range(256)])
