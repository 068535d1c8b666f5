//! Searches through long walks, of which only places that agree in many bytes are looked at.
//!
//! They find what the walks of all places find, and count as many steps.

use crate::codec::v1::deflate::matches::longer::{LONG, Walk, agreeing, common, eight};
use crate::codec::v1::deflate::matches::{MAX_PLACES, Match, Matcher};
use crate::codec::v1::deflate::symbols::WINDOW;

/// Places of a walk from which on those that agree in many bytes are looked up. Fewer are soon seen, and ordinary texts have few.
const FEW_PLACES: usize = 24;

impl Matcher<'_> {
    /// The best match that is better than `known`, as by [`find_all`](Self::find_all); none where the walk is not long.
    pub(super) fn find_long(&mut self, at: usize, known: usize, chain: u32, nice: usize, most: usize) -> Option<Match> {
        let (longer, hash) = (self.longer.as_ref()?, self.hash(at)?);
        let places = longer.places(hash).min(chain as usize);
        if places < FEW_PLACES || most < 8 || self.entered != at {
            return None;
        }
        let walk = Walk { at, is_entered: false, hash, places, reach: self.reach - 1 };
        let (text, here) = (self.text, &self.text[at..at + most]);
        let mut best = Match { len: known, distance: 0 };
        let (mut wanted, mut seen, mut compared) = (here[known], places, 0);
        longer.walk(text, &walk, |place, before| {
            if text[place + best.len] != wanted {
                return false;
            }
            let len = common(&text[place..place + most], here);
            compared += len / 8;
            if len > best.len {
                best = Match { len, distance: at - place };
                wanted = here[len.min(most - 1)];
            }
            let ends = len >= nice || len == most;
            if ends {
                seen = before + 1;
            }
            ends
        })?;
        self.steps += (seen + compared) as u64;
        if best.distance == 0 && known + 1 < LONG {
            // No place agrees in `LONG` bytes, and the steps were counted.
            let here = eight(self.text, at)?;
            let mut place = self.heads[hash] as usize;
            for _ in 0..places {
                let len = agreeing(here, eight(self.text, place)?);
                if len > best.len {
                    best = Match { len, distance: at - place };
                    if len + 1 == LONG {
                        break;
                    }
                }
                place = self.before[place % WINDOW] as usize;
            }
        }
        Some(best)
    }

    fn walk_of_ranks(&self, at: usize, hash: usize) -> Walk {
        let (is_entered, reach) = (self.entered > at, self.reach - 1);
        Walk { at, is_entered, hash, places: MAX_PLACES as usize, reach }
    }

    /// What [`rank`](Self::rank) says of a long match; none where the walk is needed.
    pub(super) fn rank_long(&mut self, at: usize, len: usize, distance: usize) -> Option<Option<u32>> {
        let (longer, hash) = (self.longer.as_ref()?, self.hash(at)?);
        // Place 0 is in no list, and one at the end of the reach may be out of it.
        if len < LONG || distance >= self.reach.min(at) {
            return None;
        }
        let text = self.text;
        let mut walk = self.walk_of_ranks(at, hash);
        let before = longer.places_before(&walk, distance);
        walk.places = walk.places.min(before);
        let (mut rank, mut compared) = (0, 0);
        longer.walk(text, &walk, |place, _| {
            let agree = common(&text[place..place + len], &text[at..at + len]);
            compared += agree / 8;
            rank += u32::from(agree == len);
            false
        })?;
        // The place itself is seen too, if the walk gets there.
        let found = before < MAX_PLACES as usize;
        self.steps += (walk.places + usize::from(found) + compared) as u64;
        Some(found.then_some(rank))
    }

    /// What [`ranked`](Self::ranked) says of a long match; none where the walk is needed.
    pub(super) fn ranked_long(&mut self, at: usize, len: usize, rank: u32) -> Option<usize> {
        let (longer, hash) = (self.longer.as_ref()?, self.hash(at)?);
        if len < LONG {
            return None;
        }
        let (text, walk) = (self.text, self.walk_of_ranks(at, hash));
        let (mut left, mut compared, mut found) = (rank, 0, None);
        longer.walk(text, &walk, |place, before| {
            let agree = common(&text[place..place + len], &text[at..at + len]);
            compared += agree / 8;
            if agree < len {
                return false;
            }
            if left == 0 {
                found = Some((at - place, before + 1));
                return true;
            }
            left -= 1;
            false
        })?;
        let (distance, seen) = found?;
        self.steps += (seen + compared) as u64;
        Some(distance)
    }
}
