//! The dictionaries of a client.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualcomp::Dictionary;
use http::{HeaderMap, Uri};

use super::fields::{self, UseAs};

/// Dictionaries at most; of more, those that were not used for longest go.
const MOST: usize = 64;
/// Bytes of all their files: what is prepared of them takes about a hundred times as much memory.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// Dictionaries by the origin that they came from, with the paths they are for. Clones share them.
///
/// Keeps 64 dictionaries of all origins, of 8 MiB together; what was not used for longest goes first.
#[derive(Clone, Default)]
pub struct DictionaryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// The last used ones last.
    dictionaries: Vec<Known>,
    /// Offers that were not fetched yet, and those that were and failed: origin, target.
    offers: Vec<(String, String)>,
    refused: Vec<(String, String)>,
}

struct Known {
    origin: String,
    target: String,
    said: UseAs,
    dictionary: Dictionary,
    /// Bytes of its file.
    len: usize,
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
        Self::default()
    }

    /// Keeps a dictionary that was fetched from `uri`, if the fields of the response say for which paths it is. Says
    /// whether it is kept.
    ///
    /// # Errors
    /// If the content is no dictionary, or is damaged.
    pub fn insert(&self, uri: &Uri, headers: &HeaderMap, file: &[u8]) -> dualcomp::Result<bool> {
        let (Some(origin), Some(said)) = (origin(uri), UseAs::of(headers)) else { return Ok(false) };
        let len = file.len();
        if len > MOST_BYTES {
            return Ok(false);
        }
        let dictionary = Dictionary::from_bytes(file)?;
        let target = uri.path().to_owned();
        let mut kept = self.lock();
        kept.dictionaries.retain(|known| (&known.origin, &known.target) != (&origin, &target));
        while kept.dictionaries.len() >= MOST
            || kept.dictionaries.iter().map(|known| known.len).sum::<usize>() + len > MOST_BYTES
        {
            kept.dictionaries.remove(0);
        }
        kept.dictionaries.push(Known { origin, target, said, dictionary, len });
        Ok(true)
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

    /// Takes note of an offer in the response to a request, if it is of the same origin.
    pub(crate) fn note(&self, uri: &Uri, headers: &HeaderMap) {
        let (Some(origin), Some(target)) = (origin(uri), fields::linked(headers)) else { return };
        // A path on the same origin, and no other address.
        if !target.starts_with('/') || target.starts_with("//") {
            return;
        }
        let offer = (origin, target);
        let mut kept = self.lock();
        if !kept.offers.contains(&offer) && !kept.refused.contains(&offer) && kept.offers.len() < MOST {
            kept.offers.push(offer);
        }
    }

    /// An offer of the origin of this request, which is taken: nobody else fetches it.
    pub(crate) fn take_offer(&self, uri: &Uri) -> Option<Uri> {
        let origin = origin(uri)?;
        let mut kept = self.lock();
        let at = kept.offers.iter().position(|offer| offer.0 == origin)?;
        let offer = kept.offers.remove(at);
        // Until it is found good: a bad one is fetched once.
        if kept.refused.len() >= MOST {
            kept.refused.remove(0);
        }
        kept.refused.push(offer.clone());
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(offer.1.parse().ok()?);
        Uri::from_parts(parts).ok()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing can be half done while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
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
    fn an_offer_is_taken_once() {
        let store = DictionaryStore::new();
        let here = uri("https://a.example/api/x?y=z");
        let offer = |link: &str| store.note(&here, &headers("link", link));
        offer("<https://b.example/d>; rel=compression-dictionary");
        offer("<//b.example/d>; rel=compression-dictionary");
        assert_eq!(store.take_offer(&here), None);
        offer("</d>; rel=compression-dictionary");
        offer("</d>; rel=compression-dictionary");
        assert_eq!(store.take_offer(&uri("https://b.example/")), None);
        assert_eq!(store.take_offer(&here), Some(uri("https://a.example/d")));
        offer("</d>; rel=compression-dictionary");
        assert_eq!(store.take_offer(&here), None);
    }
}
