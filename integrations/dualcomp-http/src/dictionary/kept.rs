//! What a client keeps of dictionaries.

use std::time::Duration;

use dualcomp::Dictionary;

use super::fields::UseAs;
use super::offers::Offers;
use crate::clock::{self, Time};

/// Dictionaries at most.
const MAX_DICTIONARIES: usize = 64;

pub(super) struct Kept {
    /// The last used ones last.
    pub(super) dictionaries: Vec<Known>,
    pub(super) offers: Offers,
    pub(super) max_bytes: u64,
}

pub(super) struct Known {
    pub(super) origin: String,
    pub(super) target: String,
    pub(super) said: UseAs,
    pub(super) dictionary: Dictionary,
    /// Bytes of its file and of what is prepared of it.
    pub(super) bytes: u64,
    /// When it is stale; none if never.
    pub(super) until: Option<Time>,
}

/// When what is fresh for so long is stale.
pub(super) fn until(lifetime: Duration) -> Option<Time> {
    clock::now()?.checked_add(lifetime)
}

impl Kept {
    /// Makes room for one more and adds it, in place of that from the same target. The origin that has most gives way
    /// first, the new one counted: nobody's dictionaries go because another offers many. Of that origin, what was not
    /// used for longest goes.
    pub(super) fn add(&mut self, new: Known) {
        let all = &mut self.dictionaries;
        all.retain(|known| (&known.origin, &known.target) != (&new.origin, &new.target));
        loop {
            let too_many = all.len() >= MAX_DICTIONARIES;
            if !too_many && all.iter().map(|known| known.bytes).sum::<u64>() + new.bytes <= self.max_bytes {
                break;
            }
            let size = |known: &Known| if too_many { 1 } else { known.bytes };
            let share = |of: &Known| -> u64 {
                all.iter().chain([&new]).filter(|known| known.origin == of.origin).map(size).sum()
            };
            // Of equal ones the last counts, which is the one that was not used for longest.
            let Some(at) = (0..all.len()).rev().max_by_key(|&at| share(&all[at])) else { break };
            all.remove(at);
        }
        self.offers.is_kept(&new.origin, &new.target);
        self.dictionaries.push(new);
    }

    /// Drops what is stale. It may be offered again.
    pub(super) fn drop_stale(&mut self) {
        let Some(now) = clock::now() else { return };
        self.dictionaries.retain(|known| known.until.is_none_or(|until| now < until));
    }
}
