//! The dictionaries of a client.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualcomp::{Dictionary, Limits};
use http::{HeaderMap, Uri};

use super::cost::Cost;
use super::fields::{self, UseAs};
use super::freshness::lifetime;
use super::kept::{self, Kept, Known};
use super::offers::{Fetch, Offer, Offers};

/// Bytes of one file at most.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// Dictionaries by the origin that they came from, with the paths they are for. Clones share them.
///
/// Keeps 64 dictionaries of all origins, of 512 MiB of memory together or what [`Self::with_max_bytes`] says. Of more,
/// those of the origin that has most go first, and of these what was not used for longest: one origin cannot push out
/// what others have. A dictionary is kept for as long as its response is fresh (`Cache-Control`, RFC 9111), or a day if
/// that says nothing, and then fetched again when it is offered. What is prepared of a dictionary takes far more than
/// its file: 19 MiB for samples of 64 KiB, 75 MiB for 500 KiB, and that for each form of streams. Two forms are
/// counted, which is what a server at [`Level::Default`](crate::Level::Default) uses; one that mixes levels can use
/// four.
#[derive(Clone)]
pub struct DictionaryStore(Arc<Mutex<Kept>>);

/// A dictionary for a request, what names it, and where it came from.
#[derive(Clone)]
pub(crate) struct Match {
    origin: String,
    target: String,
    pub(crate) dictionary: Dictionary,
    pub(crate) id: Option<String>,
}

impl DictionaryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::with_max_bytes(512 << 20)
    }

    /// An empty one for dictionaries that take so many bytes of memory together, once they are prepared. One that takes
    /// more than that is not kept.
    pub fn with_max_bytes(bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(Kept { dictionaries: Vec::new(), offers: Offers::default(), max_bytes: bytes })))
    }

    /// Keeps a dictionary that was fetched from `uri`, if the fields of the response say for which paths it is, and not
    /// that it must not be kept. Says whether it is.
    ///
    /// # Errors
    /// If the content is no dictionary, or is damaged; not where it is too long to be kept and was not read.
    pub fn insert(&self, uri: &Uri, headers: &HeaderMap, file: &[u8]) -> dualcomp::Result<bool> {
        self.insert_within(uri, headers, file, &Limits::default())
    }

    /// As [`Self::insert`], if a decoder with these limits can use it.
    pub(super) fn insert_within(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        file: &[u8],
        limits: &Limits,
    ) -> dualcomp::Result<bool> {
        let (Some(origin), Some(said)) = (origin(uri), UseAs::of(headers)) else { return Ok(false) };
        let lifetime = lifetime(headers);
        let bytes = |cost: Cost| file.len() as u64 + cost.kept();
        let max_bytes = self.lock().max_bytes;
        let is_allowed = |cost: Cost| bytes(cost) <= max_bytes && cost.is_within(limits);
        // To read a file takes time, which one that cannot be kept is not worth.
        if file.len() > MOST_BYTES || lifetime.is_zero() || !is_allowed(Cost::at_least(file.len())) {
            return Ok(false);
        }
        let dictionary = Dictionary::from_bytes(file)?;
        let cost = Cost::of(&dictionary);
        if !is_allowed(cost) {
            return Ok(false);
        }
        let (bytes, target) = (bytes(cost), target(uri));
        self.lock().add(Known { origin, target, said, dictionary, bytes, until: kept::until(lifetime) });
        Ok(true)
    }

    /// Keeps a dictionary no longer that turned out to be of no use for its origin. What others have offered stays,
    /// even where it is the same: an origin must not decide for others (RFC 9842, section 2.2.2).
    pub(super) fn forget(&self, useless: &Match) {
        let Match { dictionary, origin, target, .. } = useless;
        let mut kept = self.lock();
        let is_it = |known: &Known| (&known.origin, &known.target, &known.dictionary) == (origin, target, dictionary);
        if let Some(at) = kept.dictionaries.iter().position(is_it) {
            kept.dictionaries.remove(at);
            kept.offers.refuse(origin.clone(), target.clone());
        }
    }

    /// Dictionaries that are kept.
    pub fn len(&self) -> usize {
        let mut kept = self.lock();
        kept.drop_stale();
        kept.dictionaries.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all dictionaries and offers. A client should do so when it removes cookies: that a dictionary is named
    /// tells a server who comes back (RFC 9842, section 10).
    pub fn clear(&self) {
        let mut kept = self.lock();
        kept.dictionaries.clear();
        kept.offers = Offers::default();
    }

    /// The dictionary for a request: of those for its path, the one with the longest pattern.
    pub fn find(&self, uri: &Uri) -> Option<Dictionary> {
        self.matching(uri).map(|found| found.dictionary)
    }

    pub(crate) fn matching(&self, uri: &Uri) -> Option<Match> {
        let origin = origin(uri)?;
        let mut kept = self.lock();
        kept.drop_stale();
        let fits = |known: &Known| known.origin == origin && fields::fits(&known.said.pattern, uri.path());
        let best = (0..kept.dictionaries.len())
            .filter(|&i| fits(&kept.dictionaries[i]))
            .max_by_key(|&i| kept.dictionaries[i].said.pattern.len())?;
        let known = kept.dictionaries.remove(best);
        let found = Match {
            origin,
            target: known.target.clone(),
            dictionary: known.dictionary.clone(),
            id: known.said.id.clone(),
        };
        kept.dictionaries.push(known);
        Some(found)
    }

    /// Takes note of an offer in the response to a request that named this dictionary, if it is of the same origin.
    pub(crate) fn note(&self, uri: &Uri, headers: &HeaderMap, named: Option<&Dictionary>) {
        let (Some(origin), Some(target)) = (origin(uri), fields::linked(headers)) else { return };
        let Some(target) = path_on(&origin, target) else { return };
        let mut kept = self.lock();
        kept.drop_stale();
        let held = kept.dictionaries.iter().find(|known| known.origin == origin && known.target == target);
        let instead_of = match held {
            // The server has another than the one that it was told of.
            Some(known) if named == Some(&known.dictionary) => Some(known.dictionary.digest()),
            Some(_) => return,
            None => None,
        };
        kept.offers.note(Offer { origin, target, instead_of });
    }

    /// An offer of the origin of this request, which is taken: nobody else fetches it.
    pub(crate) fn take_offer(&self, uri: &Uri) -> Option<Fetch> {
        let (offer, left) = self.lock().offers.take(&origin(uri)?)?;
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(offer.target.parse().ok()?);
        Some(Fetch { store: self.clone(), offer, left, uri: Uri::from_parts(parts).ok()? })
    }

    pub(super) fn give_back(&self, offer: &Offer, left: u8) {
        self.lock().offers.give_back(offer, left);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing can be half done while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for DictionaryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// The path and query of a target, if it is on this origin: such a path, or a whole address.
fn path_on(here: &str, target: String) -> Option<String> {
    if target.starts_with('/') && !target.starts_with("//") {
        return Some(target);
    }
    let uri: Uri = target.parse().ok()?;
    (origin(&uri)? == here).then(|| self::target(&uri))
}

/// Path and query, as an offer names it.
fn target(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

/// Whether both are absolute addresses of one origin.
#[cfg(feature = "client")]
pub(crate) fn is_same_origin(one: &Uri, other: &Uri) -> bool {
    origin(one).is_some_and(|one| origin(other) == Some(one))
}

/// Scheme, host and port of an absolute address.
fn origin(uri: &Uri) -> Option<String> {
    let scheme = uri.scheme_str()?;
    let port = uri.port_u16().or(match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    })?;
    Some(format!("{scheme}://{}:{port}", uri.host()?.to_ascii_lowercase()))
}

impl fmt::Debug for DictionaryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.lock();
        f.debug_list().entries(kept.dictionaries.iter().map(|known| (&known.origin, &known.said.pattern))).finish()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::dictionary) fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    pub(in crate::dictionary) fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn dictionaries_serve_their_origin_and_paths() {
        let store = DictionaryStore::new();
        let (one, two) = (Dictionary::from_raw(b"one").unwrap(), Dictionary::from_raw(b"two").unwrap());
        let keep = |address: &str, pattern: &str, dictionary: &Dictionary| {
            store.insert(&uri(address), &headers("use-as-dictionary", pattern), &dictionary.to_bytes()).unwrap()
        };
        assert!(keep("https://a.example/d", "match=\"/api/*\"", &one));
        assert!(keep("https://a.example:443/e", "match=\"/api/v2/*\"", &two));
        assert!(!keep("/d", "match=\"/api/*\"", &one));
        assert!(!keep("https://a.example/d", "type=raw", &one));
        for (address, found) in [
            ("https://a.example/api/x", Some(&one)),
            ("https://A.example:443/api/v2/x", Some(&two)),
            ("http://a.example/api/x", None),
            ("https://a.example:8443/api/x", None),
            ("https://b.example/api/x", None),
            ("https://a.example/other", None),
        ] {
            assert_eq!(store.find(&uri(address)).as_ref(), found, "{address}");
        }
        assert!(
            store.insert(&uri("https://a.example/d"), &headers("use-as-dictionary", "match=\"/\""), b"{}").is_err()
        );
        for i in 0..100 {
            let address = format!("https://{i}.example/d");
            keep(&address, "match=\"/*\"", &one);
        }
        assert_eq!(store.len(), 64);
        let large = Dictionary::from_raw(&vec![7; MOST_BYTES / 2]).unwrap();
        for i in 0..3 {
            assert!(keep(&format!("https://{i}.example/d"), "match=\"/*\"", &large));
        }
        let kept = store.lock();
        assert!(kept.dictionaries.iter().map(|known| known.bytes).sum::<u64>() <= kept.max_bytes);
        drop(kept);
        assert!(!keep("https://a.example/d", "match=\"/*\"", &Dictionary::from_raw(&vec![7; MOST_BYTES]).unwrap()));
    }

    #[test]
    fn what_is_prepared_is_counted() {
        let dictionary = |byte: u8| Dictionary::from_raw(&vec![byte; 500 << 10]).unwrap();
        for (max, count) in [(100 << 20, 0), (200 << 20, 1), (400 << 20, 2)] {
            let store = DictionaryStore::with_max_bytes(max);
            for i in 0..4u8 {
                let address = uri(&format!("https://{i}.example/d"));
                let file = dictionary(i).to_bytes();
                let kept = store.insert(&address, &headers("use-as-dictionary", "match=\"/*\""), &file).unwrap();
                assert_eq!(kept, count > 0);
            }
            assert_eq!(store.len(), count);
        }
    }

    #[test]
    fn an_origin_decides_for_itself_alone() {
        let (store, dictionary) = (DictionaryStore::new(), Dictionary::from_raw(b"of good").unwrap());
        let [good, evil] = ["https://good.example/d", "https://evil.example/d"].map(uri);
        for origin in [&good, &evil] {
            store.insert(origin, &headers("use-as-dictionary", "match=\"/*\""), &dictionary.to_bytes()).unwrap();
        }
        store.forget(&store.matching(&evil).unwrap());
        assert_eq!((store.find(&good), store.find(&evil)), (Some(dictionary), None));
        store.note(&good, &headers("link", "</e>; rel=compression-dictionary"), None);
        store.clear();
        assert!(store.is_empty() && store.take_offer(&good).is_none());
    }

    #[test]
    fn an_origin_with_many_pushes_out_its_own() {
        let keep = |store: &DictionaryStore, address: &str, content: &[u8]| {
            let file = Dictionary::from_raw(content).unwrap().to_bytes();
            store.insert(&uri(address), &headers("use-as-dictionary", "match=\"/*\""), &file).unwrap()
        };
        let good = uri("https://good.example/d");
        for (len, count) in [(8, 100), (900 << 10, 4)] {
            let store = DictionaryStore::new();
            assert!(keep(&store, "https://good.example/d", b"of good"));
            for i in 0..count {
                assert!(keep(&store, &format!("https://evil.example/{i}"), &vec![i; len]));
            }
            assert!(store.find(&good).is_some(), "{len}");
            assert!(store.find(&uri("https://evil.example/")).is_some());
        }
    }

    #[test]
    fn what_is_stale_is_not_named_and_may_be_offered_again() {
        let (store, here) = (DictionaryStore::new(), uri("https://a.example/d"));
        let file = Dictionary::from_raw(b"one").unwrap().to_bytes();
        let offered = || {
            store.note(&here, &headers("link", "</d>; rel=compression-dictionary"), None);
            store.take_offer(&here).map(Fetch::end).is_some()
        };
        let mut fields = headers("use-as-dictionary", "match=\"/*\"");
        assert!(offered());
        fields.insert("cache-control", "max-age=60".parse().unwrap());
        assert!(store.insert(&here, &fields, &file).unwrap());
        assert!(store.find(&here).is_some() && !offered());
        store.lock().dictionaries[0].until = kept::until(std::time::Duration::ZERO);
        assert_eq!((store.find(&here), store.len()), (None, 0));
        assert!(offered());
        fields.insert("cache-control", "no-store".parse().unwrap());
        assert!(!store.insert(&here, &fields, &file).unwrap());
        assert!(!offered());
    }
}
