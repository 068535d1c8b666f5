use super::*;
use crate::codec::v1::deflate::matches::longer::LONG;

#[test]
fn ranks_say_distances_at_all_levels() {
    let text: Vec<u8> = (0..9000u32).map(|i| b"abcab"[(i * i / 7 % 5) as usize]).collect();
    for level in 1..=9 {
        let search = Search { level, filtered: false, far: level % 2 == 0, hash_bits: 15 };
        let mut matcher = Matcher::new(&text, search);
        let (mut at, mut ranked) = (0, 0);
        while at < text.len() {
            // Also where the next place was looked at, for which this one is entered.
            let here = matcher.outlook(at).here;
            let mut token = Token::LITERAL;
            if here.len >= MIN_MATCH {
                token = Token { len: here.len as u16, distance: here.distance as u16 };
                assert_eq!(matcher.rank(at, token), Some(0), "{level} {at}");
                for rank in 0..3 {
                    let Some(distance) = matcher.ranked(at, MIN_MATCH, rank) else { break };
                    let other = Token { len: MIN_MATCH as u16, distance: distance as u16 };
                    assert_eq!(matcher.rank(at, other), Some(rank));
                    ranked += 1;
                }
            }
            matcher.pass(at, token);
            at += token.bytes();
        }
        assert!(ranked > 100, "{level} {ranked}");
    }
}

/// Bytes of these values without rule, then strings of them that come again.
fn without_rule(values: &[u8], len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(state) * below as u64) >> 32) as usize
    };
    let mut text: Vec<u8> = (0..len / 2).map(|_| values[next(values.len())]).collect();
    while text.len() < len {
        let start = text.len() - 1 - next(text.len() / 2);
        let end = (start + 1 + next(40)).min(text.len());
        text.extend_from_within(start..end);
    }
    text
}

/// Searches with and without the tables of long strings find the same, in as many steps.
#[test]
fn searches_that_leave_places_out_find_the_same() {
    let mut long = 0;
    for (values, hash_bits) in [(&b"01"[..], 15), (b"ACGT", 16), (b"0000000000000001", 15), (b"some letters", 8)] {
        let text = without_rule(values, 45_000);
        for (level, far) in [(4, false), (6, true), (7, false), (9, true), (9, false)] {
            let search = Search { level, filtered: false, far, hash_bits };
            let (mut one, mut other) = (Matcher::new(&text, search), Matcher::new(&text, search));
            other.longer = None;
            let mut at = 25_000;
            one.skip(at);
            other.skip(at);
            while at < text.len() {
                let outlook = one.outlook(at);
                assert_eq!(outlook, other.outlook(at), "{search:?} {at}");
                let here = outlook.here;
                let mut token = Token::LITERAL;
                if here.len > 0 && outlook.longer == 0 {
                    token = Token { len: here.len as u16, distance: here.distance as u16 };
                    // Now and then another one of those that agree.
                    let rank = at as u32 % 16;
                    let distance = one.ranked(at, here.len.min(LONG + 1), rank);
                    assert_eq!(distance, other.ranked(at, here.len.min(LONG + 1), rank));
                    if let Some(distance) = distance {
                        token = Token { len: here.len.min(LONG + 1) as u16, distance: distance as u16 };
                        long += usize::from(here.len > LONG);
                    }
                    assert_eq!(one.rank(at, token), other.rank(at, token), "{search:?} {at}");
                }
                assert_eq!(one.steps, other.steps, "{search:?} {at}");
                if at % 256 == 5 {
                    at = (at + 1000).min(text.len());
                    one.skip(at);
                    other.skip(at);
                } else {
                    one.pass(at, token);
                    other.pass(at, token);
                    at += token.bytes();
                }
            }
        }
    }
    assert!(long > 5000, "{long}");
}
