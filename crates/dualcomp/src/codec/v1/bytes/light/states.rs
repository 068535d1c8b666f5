//! What a context has seen at one decision, as one byte: a bit history in the line of PAQ, and what pretrained contexts
//! know at first (docs/spec/bytes.md, section 11.2).

use std::sync::LazyLock;

use dualcomp_tokens::{BYTE_TREE, ByteBranch, node_group};

use crate::codec::v1::bytes::pretrained::{COUNTS, WEIGHTS};

/// The most that the more frequent outcome is counted up to, by how often the other one was seen (experiments/0042).
const MAX_COUNTS: [usize; 6] = [24, 14, 9, 6, 5, 5];
/// Groups of sums of weights, and a sum of each.
const GROUPS: usize = 9;
const TYPICAL: [u32; GROUPS] = [0, 2, 4, 7, 14, 28, 56, 110, 220];

/// All states; 0 is that of a context that has seen nothing.
pub(crate) struct States {
    /// The state that follows each, by outcome.
    pub(crate) next: [[u8; 2]; 256],
    /// Decisions it stands for.
    pub(crate) seen: [u8; 256],
    /// A probability of a 1 in 1/65536 that fits.
    pub(crate) p: [u16; 256],
    /// The first states of a context with these groups of sums of weights, of zeros and of ones.
    first: [[u8; GROUPS]; GROUPS],
}

/// Computed once: no stream can do without.
pub(crate) static STATES: LazyLock<States> = LazyLock::new(States::new);

/// Whether there is a state of so many zeros and ones.
fn exists(zeros: usize, ones: usize) -> bool {
    let (low, high) = (zeros.min(ones), zeros.max(ones));
    low < MAX_COUNTS.len() && high <= MAX_COUNTS[low]
}

/// What is left of a count when the other outcome comes.
fn discounted(count: usize) -> usize {
    if count > 2 { 1 + count.ilog2() as usize } else { count }
}

impl States {
    fn new() -> Self {
        let mut histories = vec![(0, 0, false)];
        for total in 1..=2 * MAX_COUNTS[0] {
            for zeros in (0..=total).filter(|&zeros| exists(zeros, total - zeros)) {
                let both = [(zeros > 0, false), (zeros < total, true)];
                histories.extend(both.iter().filter(|last| last.0).map(|last| (zeros, total - zeros, last.1)));
            }
        }
        let number = |history| histories.iter().position(|&other| other == history).unwrap_or(0) as u8;
        let mut states = Self { next: [[0; 2]; 256], seen: [0; 256], p: [0; 256], first: [[0; GROUPS]; GROUPS] };
        for (i, &(zeros, ones, _)) in histories.iter().enumerate() {
            states.seen[i] = (zeros + ones) as u8;
            states.p[i] = ((ones * 2 + 1) * 32767 / (zeros + ones + 1)) as u16;
            for outcome in [false, true] {
                let (own, other) = if outcome { (ones, discounted(zeros)) } else { (zeros, discounted(ones)) };
                let own = if exists(own + 1, other) {
                    own + 1
                } else {
                    (0..=own).rev().find(|&n| exists(n, other)).unwrap_or(own)
                };
                let (zeros, ones) = if outcome { (other, own) } else { (own, other) };
                states.next[i][usize::from(outcome)] = number((zeros, ones, outcome));
            }
        }
        for i in 1..GROUPS * GROUPS {
            let (zeros, ones, state) = (i / GROUPS, i % GROUPS, histories.len() - 1 + i);
            let (z, o) = (TYPICAL[zeros], TYPICAL[ones]);
            let (whole, worth) = (10 * (z + o) + 8, COUNTS[((z + o).ilog2() as usize).min(7)]);
            // Rounded half up.
            let share = |sum: u32| ((2 * worth * (10 * sum + 4) + whole) / (2 * whole)) as usize;
            states.seen[state] = 1;
            states.p[state] = (u64::from(10 * o + 4) * 65535 / u64::from(whole)) as u16;
            states.next[state] = [number((share(z) + 1, share(o), false)), number((share(z), share(o) + 1, true))];
            states.first[zeros][ones] = state as u8;
        }
        states
    }

    /// The first state of a context with these sums of weights.
    #[inline(always)]
    pub(crate) fn first(&self, zeros: u16, ones: u16) -> u8 {
        self.first[group(zeros)][group(ones)]
    }
}

/// The group of a sum of weights.
#[inline(always)]
fn group(sum: u16) -> usize {
    static GROUP: [u8; 256] = {
        const BOUNDS: [usize; GROUPS - 1] = [1, 3, 6, 10, 20, 40, 80, 160];
        let mut table = [0; 256];
        let mut sum = 0;
        while sum < table.len() {
            let mut group = 0;
            while group < BOUNDS.len() && sum >= BOUNDS[group] {
                group += 1;
            }
            table[sum] = group as u8;
            sum += 1;
        }
        table
    };
    usize::from(GROUP[usize::from(sum.min(255))]) % GROUPS
}

/// For each exit of a node group, which of its nodes are passed with which outcome, by index. Entry 0 is of no node.
pub(crate) struct Paths {
    /// All bits of a node that is passed with outcome 0, and with outcome 1.
    pub(crate) zeros: [[u16; 16]; 16],
    pub(crate) ones: [[u16; 16]; 16],
    /// The first states of a context of which no more is known than one exit, by its weight.
    pub(crate) alone: [[[u8; 16]; WEIGHTS.len()]; 16],
}

/// By node group.
pub(crate) static PATHS: LazyLock<Vec<Paths>> = LazyLock::new(|| {
    let groups = BYTE_TREE.iter().map(|node| usize::from(node.group) + 1).max().unwrap_or(0);
    (0..groups).map(Paths::new).collect()
});

impl Paths {
    fn new(group: usize) -> Self {
        let mut paths = Self { zeros: [[0; 16]; 16], ones: [[0; 16]; 16], alone: [[[0; 16]; WEIGHTS.len()]; 16] };
        paths.walk(node_group(group)[0], &mut Vec::new());
        for exit in 0..16 {
            for (i, index) in (0..WEIGHTS.len()).flat_map(|i| (1..16).map(move |index| (i, index))) {
                let [zeros, ones] = [&paths.zeros, &paths.ones].map(|outcome| outcome[exit][index] & WEIGHTS[i] as u16);
                if zeros + ones > 0 {
                    paths.alone[exit][i][index] = STATES.first(zeros, ones);
                }
            }
        }
        paths
    }

    /// Notes the exits below a node, before which these decisions were made.
    fn walk(&mut self, number: u8, before: &mut Vec<(u8, usize)>) {
        let node = &BYTE_TREE[usize::from(number)];
        for outcome in 0..2 {
            before.push((node.index, outcome));
            let exit = usize::from(node.exits[outcome]);
            match node.branches[outcome] {
                ByteBranch::Node(below) if exit >= 16 => self.walk(below, before),
                _ => {
                    for &(index, outcome) in before.iter() {
                        let passed = if outcome == 0 { &mut self.zeros } else { &mut self.ones };
                        passed[exit][usize::from(index)] = u16::MAX;
                    }
                }
            }
            before.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_remember_what_came() {
        let states = &*STATES;
        let after = |outcomes: &[bool]| {
            outcomes.iter().fold(0, |state, &outcome| usize::from(states.next[state][usize::from(outcome)]))
        };
        // Fresh, one, two in either order; a run ends at 24 and shrinks to five when it breaks.
        assert_eq!(states.seen[..4], [0, 1, 1, 2]);
        assert_ne!(after(&[true, false]), after(&[false, true]));
        assert_eq!(states.seen[after(&[true; 30])], 24);
        assert_eq!(after(&[true; 24]), after(&[true; 25]));
        let broken = [&[true; 24][..], &[false]].concat();
        assert_eq!(states.seen[after(&broken)], 6);
        // Histories first, then what is pretrained.
        let used = states.next.iter().flatten().copied().max().unwrap();
        assert_eq!((used, states.first[GROUPS - 1][GROUPS - 1]), (154, 234));
    }

    #[test]
    fn weights_have_states_of_their_own() {
        let states = &*STATES;
        assert_eq!(group(0), 0);
        assert_eq!([2, 6, 20, 64, 1000].map(group), [1, 3, 5, 6, 8]);
        assert!(states.p[usize::from(states.first(0, 64))] > 60_000);
        assert!(states.p[usize::from(states.first(64, 2))] < 4000);
        assert_eq!(states.seen[usize::from(states.next[usize::from(states.first(0, 64))][1])], 3);
    }

    #[test]
    fn each_exit_is_met_by_one_path() {
        for (number, paths) in PATHS.iter().enumerate() {
            let nodes = node_group(number);
            for exit in 0..=nodes.len() {
                // The first node is passed on each way, and none with both outcomes.
                assert_eq!(paths.zeros[exit][1] ^ paths.ones[exit][1], u16::MAX, "{number} {exit}");
                assert!((0..16).all(|index| paths.zeros[exit][index] & paths.ones[exit][index] == 0));
            }
            assert!((nodes.len() + 1..16).all(|exit| paths.zeros[exit] == [0; 16] && paths.ones[exit] == [0; 16]));
        }
    }
}
