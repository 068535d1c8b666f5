//! Vectors of bytes.

use dualcomp::{Dictionary, Encoder, EncoderOptions, Level, Result, compress};

use super::{Content, Vector};
use crate::deflated::DEFLATED;
use crate::hostile::{checked, header};
use crate::{Numbers, text};

pub(super) fn bytes(level: Level) -> [Vector; 4] {
    let inputs =
        [("empty", vec![]), ("text", text(6000)), ("zeros", vec![0; 100_000]), ("random", Numbers::new(11).bytes(700))];
    inputs.map(|(name, input)| Vector { name: format!("{name}-{level}.dcs"), level, content: Content::Bytes(input) })
}

/// What repeats all but a byte here and there: most tokens come whole and go past the network.
pub(super) fn repeats() -> Vector {
    let mut text = text(12_000).repeat(6);
    text.iter_mut().step_by(997).for_each(|byte| *byte = b'#');
    Vector { name: "repeats-default.dcs".into(), level: Level::Default, content: Content::Bytes(text) }
}

/// Streams in a row.
pub(super) fn streams() -> Vector {
    let text = text(3000);
    let (first, second) = text.split_at(1000);
    let content = Content::Streams([first.to_vec(), second.to_vec()]);
    Vector { name: "streams-fast.dcs".into(), level: Level::Fast, content }
}

/// Each of the inputs as a stream, with a chunk of no known kind, which may be skipped, in the second one.
pub(super) fn two_streams([first, second]: &[Vec<u8>; 2], options: &EncoderOptions) -> Result<Vec<u8>> {
    let (first, second) = (compress(first, options)?, compress(second, options)?);
    let (head, chunks) = second.split_at(header(b'B', [0; 4], 0).len());
    Ok([&first[..], head, &checked(0x80 | 40, b"of a later version"), chunks].concat())
}

/// Two substreams.
pub(super) fn substreams() -> Vector {
    let content = Content::Bytes(text(20_000).repeat(27));
    Vector { name: "substreams-fast.dcs".into(), level: Level::Fast, content }
}

/// Six words in no order, then one: a part of each substream is coded with the network.
pub(super) fn part() -> Vector {
    let pick = |numbers: &mut Numbers, i| if i < 4000 { numbers.below(6) as usize } else { 0 };
    Vector { name: "part-default.dcs".into(), level: Level::Default, content: words(108_000, pick) }
}

/// Runs that break off: a third of each substream is coded with the network.
pub(super) fn prefix() -> Vector {
    let mut numbers = Numbers::new(16);
    let content = (0..540_000).map(|_| if numbers.below(500) == 0 { b'b' } else { b'a' }).collect();
    Vector { name: "prefix-default.dcs".into(), level: Level::Default, content: Content::Bytes(content) }
}

/// Each second word follows from the one two before it: twice as many contexts find that.
pub(super) fn spaced() -> Vector {
    let pick = |numbers: &mut Numbers, i| match i % 4000 {
        0 => {
            *numbers = Numbers::new(14);
            0
        }
        i if i % 2 == 0 => i / 2 % 50,
        _ => 50 + numbers.below(200) as usize,
    };
    Vector { name: "spaced-default.dcs".into(), level: Level::Default, content: words(108_000, pick) }
}

/// So many of 250 words.
fn words(count: usize, pick: impl Fn(&mut Numbers, usize) -> usize) -> Content {
    let mut numbers = Numbers::new(13);
    let words: Vec<String> =
        (0..250).map(|_| (0..4).map(|_| char::from(b'a' + numbers.below(26) as u8)).collect()).collect();
    let text: String = (0..count).map(|i| words[pick(&mut numbers, i)].clone() + " ").collect();
    Content::Bytes(text.into())
}

/// A body that begins with a dictionary.
pub(super) fn with(level: Level) -> Vector {
    let content = Content::With(text(12_000)[10_000..].to_vec());
    Vector { name: format!("dictionary-{level}.dcs"), level, content }
}

/// Samples of 1000 bytes, before the text that they are a dictionary for.
pub(super) fn dictionary() -> Result<Dictionary> {
    Dictionary::from_samples(&text(12_000)[..10_000].chunks(1000).collect::<Vec<_>>())
}

/// A stream said to be long: larger tables, and an APM that others do not have.
pub(super) fn long() -> Vector {
    Vector { name: "long-max.dcs".into(), level: Level::Max, content: Content::Start(text(6000), 4 << 20) }
}

/// A stream said to be long, in which much comes again: near, so that copies reach into themselves, and far.
pub(super) fn copies() -> Vector {
    let noise = Numbers::new(15).bytes(6000);
    let content = [&noise[..], &text(6000).repeat(180), &noise].concat();
    Vector { name: "copies-fast.dcs".into(), level: Level::Fast, content: Content::Start(content, 4 << 20) }
}

/// Blocks of which none is the last, and the end.
pub(super) fn start(input: &[u8], options: &EncoderOptions) -> Result<Vec<u8>> {
    let mut encoder = Encoder::new(options.clone());
    let mut output = vec![0; input.len() + (1 << 10)];
    let (mut taken, mut written) = (0, 0);
    while taken < input.len() {
        let progress = encoder.encode(&input[taken..], &mut output[written..])?;
        (taken, written) = (taken + progress.consumed, written + progress.produced);
    }
    written += encoder.flush(&mut output[written..])?.produced;
    written += encoder.finish(&mut output[written..])?.produced;
    output.truncate(written);
    Ok(output)
}

/// Structures of twelve bytes: a time, a number of two bytes that nothing tells, one of five kinds, a counter.
pub(super) fn records() -> Vector {
    let mut numbers = Numbers::new(16);
    let record = |i: u32| {
        let other = numbers.below(1 << 16) as u16;
        let (time, kind) = (1_700_000_000 + 60 * i, (i % 5) as u8);
        [&time.to_le_bytes()[..], &other.to_le_bytes(), &[7, kind], &(3 * i).to_le_bytes()].concat()
    };
    let content = Content::Bytes((0..900).flat_map(record).collect());
    Vector { name: "records-fast.dcs".into(), level: Level::Fast, content }
}

/// A file that holds a deflate stream.
pub(super) fn deflated(name: &str) -> Vector {
    let file = DEFLATED.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, file)| file);
    let (stem, end) = name.split_once('.').unwrap_or((name, ""));
    Vector { name: format!("{end}-{stem}-fast.dcs"), level: Level::Fast, content: Content::Bytes(file.to_vec()) }
}
