//! The dictionaries of a client.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualcomp::{Dictionary, Limits};
use http::{HeaderMap, Uri};

use super::cost::Cost;
use super::fields::{self, UseAs};
use super::offers::{Fetch, Offer, Offers};

/// Dictionaries at most; of more, those that were not used for longest go.
const MOST: usize = 64;
/// Bytes of one file at most.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// Dictionaries by the origin that they came from, with the paths they are for. Clones share them.
///
/// Keeps 64 dictionaries of all origins, of 512 MiB of memory together or what [`Self::with_max_bytes`] says; what was not used
/// for longest goes first. What is prepared of a dictionary takes far more than its file: 19 MiB for samples of 64 KiB, 75 MiB
/// for 500 KiB, and that for each form of streams. Two forms are counted, which is what a server at
/// [`Level::Default`](crate::Level::Default) uses; one that mixes levels can use four.
#[derive(Clone)]
pub struct DictionaryStore(Arc<Mutex<Kept>>);

struct Kept {
    /// The last used ones last.
    dictionaries: Vec<Known>,
    offers: Offers,
    max_bytes: u64,
}

struct Known {
    origin: String,
    target: String,
    said: UseAs,
    dictionary: Dictionary,
    /// Bytes of its file and of what is prepared of it.
    bytes: u64,
}

/// A dictionary for a request, and what names it.
#[derive(Clone)]
pub(crate) struct Match {
    pub(crate) dictionary: Dictionary,
    pub(crate) id: Option<String>,
}

impl DictionaryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::with_max_bytes(512 << 20)
    }

    /// An empty one for dictionaries that take so many bytes of memory together, once they are prepared. One that takes more
    /// than that is not kept.
    pub fn with_max_bytes(bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(Kept { dictionaries: Vec::new(), offers: Offers::default(), max_bytes: bytes })))
    }

    /// Keeps a dictionary that was fetched from `uri`, if the fields of the response say for which paths it is. Says
    /// whether it is kept.
    ///
    /// # Errors
    /// If the content is no dictionary, or is damaged.
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
        if file.len() > MOST_BYTES {
            return Ok(false);
        }
        let dictionary = Dictionary::from_bytes(file)?;
        let cost = Cost::of(&dictionary);
        let bytes = file.len() as u64 + cost.kept();
        let target = target(uri);
        let mut kept = self.lock();
        if bytes > kept.max_bytes || !cost.is_within(limits) {
            return Ok(false);
        }
        kept.dictionaries.retain(|known| (&known.origin, &known.target) != (&origin, &target));
        while kept.dictionaries.len() >= MOST
            || kept.dictionaries.iter().map(|known| known.bytes).sum::<u64>() + bytes > kept.max_bytes
        {
            kept.dictionaries.remove(0);
        }
        kept.offers.is_kept(&origin, &target);
        kept.dictionaries.push(Known { origin, target, said, dictionary, bytes });
        Ok(true)
    }

    /// Keeps a dictionary no longer that turned out to be of no use.
    pub(super) fn forget(&self, dictionary: &Dictionary) {
        let mut kept = self.lock();
        let all = std::mem::take(&mut kept.dictionaries).into_iter();
        let (gone, rest): (Vec<_>, Vec<_>) = all.partition(|known| known.dictionary == *dictionary);
        kept.dictionaries = rest;
        for known in gone {
            kept.offers.refuse(known.origin, known.target);
        }
    }

    /// The dictionary for a request: of those for its path, the one with the longest pattern.
    pub fn find(&self, uri: &Uri) -> Option<Dictionary> {
        self.matching(uri).map(|found| found.dictionary)
    }

    pub(crate) fn matching(&self, uri: &Uri) -> Option<Match> {
        let origin = origin(uri)?;
        let mut kept = self.lock();
        let fits = |known: &Known| known.origin == origin && fields::fits(&known.said.pattern, uri.path());
        let best = (0..kept.dictionaries.len())
            .filter(|&i| fits(&kept.dictionaries[i]))
            .max_by_key(|&i| kept.dictionaries[i].said.pattern.len())?;
        let known = kept.dictionaries.remove(best);
        let found = Match { dictionary: known.dictionary.clone(), id: known.said.id.clone() };
        kept.dictionaries.push(known);
        Some(found)
    }

    /// Takes note of an offer in the response to a request that named this dictionary, if it is of the same origin.
    pub(crate) fn note(&self, uri: &Uri, headers: &HeaderMap, named: Option<&Dictionary>) {
        let (Some(origin), Some(target)) = (origin(uri), fields::linked(headers)) else { return };
        // A path on the same origin, and no other address.
        if !target.starts_with('/') || target.starts_with("//") {
            return;
        }
        let mut kept = self.lock();
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

/// Path and query, as an offer names it.
fn target(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(String::new, ToString::to_string)
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
        assert_eq!(store.lock().dictionaries.len(), MOST);
        let large = Dictionary::from_raw(&vec![7; MOST_BYTES / 2]).unwrap();
        for i in 0..3 {
            assert!(keep(&format!("https://{i}.example/d"), "match=\"/*\"", &large));
        }
        assert_eq!(store.lock().dictionaries.len(), 1);
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
            assert_eq!(store.lock().dictionaries.len(), count);
        }
    }
}
