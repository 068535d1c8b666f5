//! The offers of dictionaries that a client has seen.

use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, Uri};

use super::store::DictionaryStore;

/// Offers at most, of either kind.
const MAX_OFFERS: usize = 64;
/// Fetches of one offer at most, where the requests that waited for them were dropped.
const FETCHES: u8 = 3;

/// A dictionary that a response offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) origin: String,
    pub(super) target: String,
    /// The digest of the one from the same target that the request named: the server has another now.
    pub(super) instead_of: Option<[u8; 32]>,
}

/// Offers that were not fetched yet, and those that were.
#[derive(Debug, Default)]
pub(super) struct Offers {
    waiting: Vec<Offer>,
    /// With the fetches that are left.
    taken: Vec<(Offer, u8)>,
}

impl Offers {
    /// Adds an offer, unless it was fetched already: a bad one is fetched once.
    pub(super) fn note(&mut self, offer: Offer) {
        if !self.waiting.contains(&offer) && !self.taken.iter().any(|(taken, left)| *taken == offer && *left == 0) {
            push(&mut self.waiting, offer, |offer| &offer.origin);
        }
    }

    /// An offer of this origin and the fetches that are left after this one. It is not waiting any more.
    pub(super) fn take(&mut self, origin: &str) -> Option<(Offer, u8)> {
        let at = self.waiting.iter().position(|offer| offer.origin == origin)?;
        let offer = self.waiting.remove(at);
        let before = self.taken.iter().position(|(taken, _)| *taken == offer);
        let left = before.map_or(FETCHES, |at| self.taken.remove(at).1).saturating_sub(1);
        push(&mut self.taken, (offer.clone(), 0), |(offer, _)| &offer.origin);
        Some((offer, left))
    }

    /// The fetch came to no end: it may be offered again.
    pub(super) fn give_back(&mut self, offer: &Offer, left: u8) {
        if let Some(taken) = self.taken.iter_mut().find(|(taken, _)| taken == offer) {
            taken.1 = left;
        }
    }

    /// A dictionary came from this target. Once it is gone it may be fetched again; one that was replaced may not, as
    /// servers that have two of them would take turns.
    pub(super) fn is_kept(&mut self, origin: &str, target: &str) {
        self.taken.retain(|(taken, _)| taken.instead_of.is_some() || taken.origin != origin || taken.target != target);
    }

    /// What came from this target is of no use.
    pub(super) fn refuse(&mut self, origin: String, target: String) {
        push(&mut self.taken, (Offer { origin, target, instead_of: None }, 0), |(offer, _)| &offer.origin);
    }
}

/// Adds one. Where there are too many, the oldest of the origin that has most goes.
fn push<T>(list: &mut Vec<T>, one: T, origin: impl Fn(&T) -> &str) {
    if list.len() >= MAX_OFFERS {
        let share = |of: &T| list.iter().chain([&one]).filter(|other| origin(other) == origin(of)).count();
        let most = (0..list.len()).rev().max_by_key(|&at| share(&list[at]));
        list.remove(most.unwrap_or(0));
    }
    list.push(one);
}

/// An offer that is fetched. Dropped without [`Self::end`], it may be offered again.
pub(crate) struct Fetch {
    pub(super) store: DictionaryStore,
    pub(super) offer: Offer,
    pub(super) left: u8,
    pub(super) uri: Uri,
}

impl Fetch {
    /// Where the dictionary is.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Asks for it past caches that may have the one that it is to replace.
    pub(crate) fn ask(&self, headers: &mut HeaderMap) {
        if self.offer.instead_of.is_some() {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
    }

    /// Whatever came of it, it is not fetched again.
    pub(crate) fn end(mut self) {
        self.left = 0;
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if self.left > 0 {
            self.store.give_back(&self.offer, self.left);
        }
    }
}

#[cfg(test)]
mod tests {
    use dualcomp::Dictionary;

    use super::*;
    use crate::dictionary::store::tests::{headers, uri};

    const LINK: &str = "</d>; rel=compression-dictionary";

    fn taken(store: &DictionaryStore, address: &str) -> Option<Fetch> {
        store.take_offer(&uri(address))
    }

    #[test]
    fn an_offer_is_taken_once() {
        let (store, here) = (DictionaryStore::new(), "https://a.example/api/x?y=z");
        let offer = |link: &str| store.note(&uri(here), &headers("link", link), None);
        offer("<https://b.example/d>; rel=compression-dictionary");
        offer("<//b.example/d>; rel=compression-dictionary");
        offer("<http://a.example/d>; rel=compression-dictionary");
        offer("<d>; rel=compression-dictionary");
        assert!(taken(&store, here).is_none());
        offer(LINK);
        offer("<https://A.example:443/d>; rel=compression-dictionary");
        assert!(taken(&store, "https://b.example/").is_none());
        let fetch = taken(&store, here).unwrap();
        assert_eq!(fetch.uri(), "https://a.example/d");
        offer(LINK);
        assert!(taken(&store, here).is_none());
        fetch.end();
        offer(LINK);
        assert!(taken(&store, here).is_none());
    }

    #[test]
    fn a_fetch_that_is_dropped_may_be_tried_again_but_not_for_ever() {
        let (store, here) = (DictionaryStore::new(), "https://a.example/");
        let mut fetches = 0;
        for _ in 0..10 {
            store.note(&uri(here), &headers("link", LINK), None);
            fetches += u32::from(taken(&store, here).is_some());
        }
        assert_eq!(fetches, 3);
    }

    #[test]
    fn offers_of_origins_that_do_not_come_again_make_room() {
        let store = DictionaryStore::new();
        for i in 0..100 {
            store.note(&uri(&format!("https://{i}.example/")), &headers("link", LINK), None);
        }
        assert!(taken(&store, "https://0.example/").is_none());
        assert!(taken(&store, "https://99.example/").is_some());
    }

    #[test]
    fn an_origin_with_many_offers_pushes_out_its_own() {
        let store = DictionaryStore::new();
        store.note(&uri("https://good.example/"), &headers("link", LINK), None);
        for i in 0..100 {
            let link = format!("</{i}>; rel=compression-dictionary");
            store.note(&uri("https://evil.example/"), &headers("link", &link), None);
        }
        assert!(taken(&store, "https://good.example/").is_some());
        assert_eq!(taken(&store, "https://evil.example/").unwrap().uri(), "https://evil.example/37");
    }

    #[test]
    fn a_dictionary_that_was_replaced_is_fetched_once_for_each_that_it_replaces() {
        // There is room for one.
        let (store, here) = (DictionaryStore::with_max_bytes(7 << 20), "https://a.example/x");
        let (one, two) = (Dictionary::from_raw(b"one").unwrap(), Dictionary::from_raw(b"two").unwrap());
        let note = |named| store.note(&uri(here), &headers("link", LINK), named);
        let fetch = |dictionary: &Dictionary| {
            let Some(fetch) = taken(&store, here) else { return false };
            store.insert(fetch.uri(), &headers("use-as-dictionary", "match=\"/*\""), &dictionary.to_bytes()).unwrap();
            fetch.end();
            true
        };
        note(None);
        assert!(fetch(&one));
        // Of a request that did not name what is here, or named another.
        note(None);
        note(Some(&two));
        assert!(!fetch(&one));
        note(Some(&one));
        assert!(fetch(&two));
        assert_eq!(store.find(&uri(here)), Some(two.clone()));
        // Servers that do not agree.
        note(Some(&two));
        assert!(fetch(&one));
        note(Some(&one));
        assert!(!fetch(&two));
        // One that went to make room for others may come back; one that was of no use may not.
        let kept =
            store.insert(&uri("https://b.example/d"), &headers("use-as-dictionary", "match=\"/*\""), &one.to_bytes());
        assert!(kept.unwrap() && store.find(&uri(here)).is_none());
        note(None);
        assert!(fetch(&two));
        store.forget(&store.matching(&uri(here)).unwrap());
        note(None);
        assert!(!fetch(&two));
        assert_eq!(store.find(&uri(here)), None);
    }
}
