//! `Accept-Encoding`: RFC 9110, sections 12.4.2 and 12.5.3.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use crate::coding::Coding;
use crate::headers::canonical;

/// A weight in thousandths, so that weights compare exactly.
pub(crate) type Weight = u16;

pub(crate) const FULL: Weight = 1000;

/// The codings of other layers, unless they are said to have others.
pub(crate) const OTHERS: [&str; 4] = ["br", "deflate", "gzip", "zstd"];

/// Members that are read of a request's fields together. Nobody has so many codings, and each costs time.
const MAX_MEMBERS: usize = 64;

/// The preferences of a request. Members that break the grammar are as if they were not there, and so are those after
/// the first [`MAX_MEMBERS`].
#[derive(Debug, Default)]
pub(crate) struct AcceptEncoding {
    members: Vec<(String, Weight)>,
}

impl AcceptEncoding {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        Self { members: lines.flat_map(|line| line.split(',')).take(MAX_MEMBERS).filter_map(member).collect() }
    }

    /// The weight that the request gives this coding by name. Of several the lowest counts, as it costs nothing to
    /// send what nobody refuses.
    pub(crate) fn named(&self, token: &str) -> Option<Weight> {
        self.members.iter().filter(|(name, _)| name == token).map(|&(_, weight)| weight).min()
    }

    /// The weight of a coding that everybody knows, which `*` may stand for.
    pub(crate) fn weight(&self, token: &str) -> Weight {
        self.named(token).or_else(|| self.named("*")).unwrap_or(0)
    }

    /// Whether the request names this coding, if only to refuse it.
    pub(crate) fn names(&self, coding: Coding) -> bool {
        self.named(&coding.to_string()).is_some()
    }

    /// The codings of this library that the request names, of whatever model.
    pub(crate) fn ours(&self) -> impl Iterator<Item = Coding> {
        self.members.iter().filter_map(|(name, _)| name.parse().ok())
    }

    /// Whether the request asks for any of these.
    pub(crate) fn wants_ours(&self) -> bool {
        self.members.iter().any(|(name, weight)| *weight > 0 && name.parse::<Coding>().is_ok())
    }

    /// Whether the request asks for any coding at all.
    pub(crate) fn wants_coding(&self) -> bool {
        self.members.iter().any(|(name, weight)| *weight > 0 && name != "identity")
    }

    /// The best of our codings, if the request does not prefer one of the `others` or no coding. Only a name selects
    /// it: who writes `*` need not have heard of it.
    pub(crate) fn choose(&self, ours: &[Coding], others: &[impl AsRef<str>]) -> Option<Coding> {
        let mut best: Option<(Coding, Weight)> = None;
        for &coding in ours {
            let weight = self.named(&coding.to_string()).unwrap_or(0);
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((coding, weight));
            }
        }
        let (coding, weight) = best?;
        let identity = self.named("identity").unwrap_or(0);
        let other = others.iter().map(|other| self.weight(other.as_ref())).max().unwrap_or(0);
        (weight >= identity && weight >= other).then_some(coding)
    }

    /// What is left for layers that do not know our codings.
    #[cfg(feature = "fallback")]
    pub(crate) fn without(&self, ours: &[Coding]) -> Self {
        let ours: Vec<_> = ours.iter().map(Coding::to_string).collect();
        Self { members: self.members.iter().filter(|(name, _)| !ours.contains(name)).cloned().collect() }
    }

    /// The same without a refusal of plain content.
    #[cfg(feature = "fallback")]
    pub(crate) fn with_identity(mut self) -> Self {
        self.members.retain(|(name, weight)| *weight > 0 || (name != "identity" && name != "*"));
        self
    }

    /// As a field value; none if there are no members.
    #[cfg(feature = "fallback")]
    pub(crate) fn header_value(&self) -> Option<http::HeaderValue> {
        let members: Vec<_> = self
            .members
            .iter()
            .map(|(name, weight)| format!("{name};q={}.{:03}", weight / FULL, weight % FULL))
            .collect();
        if members.is_empty() {
            return None;
        }
        members.join(", ").parse().ok()
    }
}

/// Whether a token of this name may be a coding: RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn member(text: &str) -> Option<(String, Weight)> {
    const SPACE: [char; 2] = [' ', '\t'];
    let (name, weight) = match text.split_once(';') {
        Some((name, parameter)) => (name, weight(parameter.trim_matches(SPACE))?),
        None => (text, FULL),
    };
    let name = name.trim_matches(SPACE);
    if !is_token(name) {
        return None;
    }
    Some((canonical(name), weight))
}

/// `q=` and a number from 0 to 1 with up to three decimals.
pub(crate) fn weight(parameter: &str) -> Option<Weight> {
    let number = parameter.strip_prefix(['q', 'Q'])?.strip_prefix('=')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: Weight = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: [u8; 4] = [0xab, 0xcd, 0, 1];

    fn accept(lines: &[&str]) -> AcceptEncoding {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, line.parse().unwrap());
        }
        AcceptEncoding::of(&headers)
    }

    fn chosen(lines: &[&str], others: &[&str]) -> Option<String> {
        let ours = [Coding::with_model(MODEL), Coding::without_model()];
        let others: Vec<_> = others.iter().map(|&other| other.to_owned()).collect();
        accept(lines).choose(&ours, &others).map(|coding| coding.to_string())
    }

    #[track_caller]
    fn select(line: &str, expected: Option<&str>) {
        assert_eq!(chosen(&[line], &["gzip", "br"]).as_deref(), expected, "{line}");
    }

    #[test]
    fn weights_have_up_to_three_decimals() {
        for (text, expected) in [
            ("q=1", 1000),
            ("Q=1", 1000),
            ("q=1.", 1000),
            ("q=1.000", 1000),
            ("q=0", 0),
            ("q=0.", 0),
            ("q=0.5", 500),
            ("q=0.05", 50),
            ("q=0.125", 125),
        ] {
            assert_eq!(weight(text), Some(expected), "{text}");
        }
        for text in
            ["", "q", "q=", "q=.5", "q=2", "q=1.001", "q=0.1234", "q=-1", "q= 1", "q =1", "q=0.x", "q=00", "w=1"]
        {
            assert_eq!(weight(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_name_selects_us() {
        select("dualcomp-1", Some("dualcomp-1"));
        select("DUALCOMP-1", Some("dualcomp-1"));
        for line in
            ["", "*", "gzip", "*;q=1, gzip;q=0.1", "dualcomp", "dualcomp-2", "dualcomp-1-00000000", "dualcomp-1x"]
        {
            select(line, None);
        }
        assert_eq!(chosen(&[], &[]), None);
    }

    #[test]
    fn a_model_both_have_comes_first() {
        select("dualcomp-1, dualcomp-1-abcd0001", Some("dualcomp-1-abcd0001"));
        select("dualcomp-1-ffffffff, dualcomp-1", Some("dualcomp-1"));
        select("dualcomp-1-abcd0001;q=0.5, dualcomp-1", Some("dualcomp-1"));
        select("dualcomp-1-abcd0001;q=0, dualcomp-1", Some("dualcomp-1"));
    }

    #[test]
    fn spaces_and_lines() {
        select(" dualcomp-1 ; q=0.5 ", Some("dualcomp-1"));
        select("\tdualcomp-1\t;\tq=1,,", Some("dualcomp-1"));
        assert_eq!(chosen(&["gzip", "br;q=0.3, dualcomp-1"], &["gzip"]).as_deref(), Some("dualcomp-1"));
    }

    #[test]
    fn no_more_is_read_than_anybody_says() {
        let line = |members| format!("{}dualcomp-1", "x,".repeat(members));
        assert_eq!(chosen(&[&line(MAX_MEMBERS - 1)], &[]).as_deref(), Some("dualcomp-1"));
        assert_eq!(chosen(&[&line(MAX_MEMBERS)], &[]), None);
        assert_eq!(chosen(&[&line(MAX_MEMBERS / 2), &line(MAX_MEMBERS / 2)], &[]).as_deref(), Some("dualcomp-1"));
    }

    #[test]
    fn a_malformed_weight_drops_the_member() {
        for line in ["dualcomp-1;q=2", "dualcomp-1;q=0.0001", "dualcomp-1;level=9", "dualcomp-1;q = 1", "dual comp-1"] {
            select(line, None);
        }
        // The refusal of the other is not one either.
        select("dualcomp-1, dualcomp-1;q=x", Some("dualcomp-1"));
    }

    #[test]
    fn zero_refuses() {
        select("dualcomp-1;q=0", None);
        select("dualcomp-1;q=0.000, *", None);
        select("dualcomp-1, dualcomp-1;q=0", None);
    }

    #[test]
    fn ties_are_ours_and_what_is_preferred_wins() {
        select("gzip, br, dualcomp-1", Some("dualcomp-1"));
        select("gzip;q=0.5, dualcomp-1;q=0.5", Some("dualcomp-1"));
        select("gzip;q=0.501, dualcomp-1;q=0.5", None);
        select("x-gzip, dualcomp-1;q=0.5", None);
        select("dualcomp-1;q=0.2, *", None);
        // A coding that nobody here offers does not count.
        select("zstd, dualcomp-1;q=0.5", Some("dualcomp-1"));
        assert_eq!(chosen(&["gzip, dualcomp-1;q=0.5"], &[]).as_deref(), Some("dualcomp-1"));
    }

    #[test]
    fn identity_counts_where_it_is_named() {
        select("identity, dualcomp-1;q=0.5", None);
        select("identity, dualcomp-1", Some("dualcomp-1"));
        select("identity;q=0, dualcomp-1;q=0.5", Some("dualcomp-1"));
    }

    #[cfg(feature = "fallback")]
    #[test]
    fn what_is_left_for_others() {
        for (line, left, with_identity) in [
            ("dualcomp-1, gzip;q=0.25, *;q=0", "gzip;q=0.250, *;q=0.000", "gzip;q=0.250"),
            ("gzip;q=0, dualcomp-1, *", "gzip;q=0.000, *;q=1.000", "gzip;q=0.000, *;q=1.000"),
            ("dualcomp-1, identity;q=0", "identity;q=0.000", ""),
            ("dualcomp-1", "", ""),
        ] {
            let text = |accept: AcceptEncoding| {
                accept.header_value().map_or(String::new(), |value| value.to_str().unwrap().to_owned())
            };
            let rest = || accept(&[line]).without(&[Coding::without_model()]);
            assert_eq!(text(rest()), left);
            assert_eq!(text(rest().with_identity()), with_identity);
        }
    }
}
