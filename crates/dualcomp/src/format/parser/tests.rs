//! Streams in slices of any length, and what is wrong with others.

use super::*;
use crate::format::Kind;
use crate::format::bytes_params::BytesParams;
use crate::format::version::FormatVersion;

fn stream() -> Vec<u8> {
    let mut out = Header {
        version: FormatVersion::CURRENT,
        kind: Kind::Bytes,
        model: [0; 4],
        dictionary: None,
        params: Some(BytesParams::new(16)),
    }
    .to_bytes()
    .to_vec();
    out.extend([1, 0xAC, 2]);
    out.extend([7; 300]);
    out.extend([0x40, 0]);
    out
}

fn events(slice: usize, gather: usize) -> Vec<Event> {
    let mut parser = Parser::new();
    let mut found = Vec::new();
    for mut input in stream().chunks(slice) {
        loop {
            let (taken, event) = parser.push(input).unwrap();
            input = &input[taken..];
            let Some(event) = event else { break };
            if matches!(event, Event::Chunk(_)) {
                parser.gather(gather);
            }
            found.push(event);
        }
    }
    assert_eq!(parser.offset(), stream().len() as u64);
    found
}

#[test]
fn no_body_ends_before_it_may() {
    let mut parser = Parser::new();
    let (mut input, mut bodies) = (stream(), 0);
    while !input.is_empty() {
        let count = parser.before_body().max(1).min(input.len());
        let (mut rest, may_end) = (&input[..count], parser.before_body() == 0);
        loop {
            let (taken, event) = parser.push(rest).unwrap();
            rest = &rest[taken..];
            match event {
                Some(Event::Chunk(_)) => parser.gather(usize::MAX),
                Some(Event::Body(body)) => {
                    assert!(may_end || body.is_empty());
                    bodies += 1;
                }
                Some(Event::Header(_)) => {}
                None => break,
            }
        }
        input.drain(..count);
    }
    assert_eq!(bodies, 2);
}

#[test]
fn slices_do_not_matter() {
    let whole = events(usize::MAX, usize::MAX);
    assert_eq!(whole.len(), 5);
    assert_eq!(whole[2], Event::Body(vec![7; 300]));
    assert!(matches!(whole[3], Event::Chunk(Chunk { code: 0, last: true, len: 0, offset: 313, .. })));
    for slice in [1, 2, 3, 11, 100] {
        assert_eq!(events(slice, usize::MAX), whole);
    }
    assert_eq!(events(7, 5)[2], Event::Body(vec![7; 5]));
    assert_eq!(events(7, 0)[2], Event::Body(vec![]));
}

#[test]
fn a_wrong_signature_is_known_at_its_first_wrong_byte() {
    let mut parser = Parser::new();
    assert!(parser.push(b"\x89D").unwrap().1.is_none());
    let error = parser.push(b"X").unwrap_err();
    assert!(matches!(error, Error::Format(f) if f.kind() == FormatErrorKind::NotDualComp && f.offset() == Some(2)));
}

#[test]
fn a_claimed_length_takes_no_memory() {
    let mut parser = Parser::new();
    let mut input = stream()[..10].to_vec();
    input.extend([1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
    let (taken, _) = parser.push(&input).unwrap();
    let (_, event) = parser.push(&input[taken..]).unwrap();
    assert!(matches!(event, Some(Event::Chunk(Chunk { len, .. })) if len == (1 << 63) - 1));
    parser.gather(usize::MAX);
    let State::Body { body, .. } = &parser.state else { panic!("in a body") };
    assert!(body.capacity() <= FIRST_RESERVE);
}
