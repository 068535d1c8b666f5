//! `dualcomp compress --for-web`: coded bodies beside the files of a web site.

mod kinds;
mod manifest;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sha2::{Digest, Sha256};

use self::kinds::{Form, form_of};
use self::manifest::{Entry, Manifest};
use super::compress::{CompressArgs, settings};
use crate::codec;
use crate::files::{Found, Input, Manner, Output, expand_whole};
use crate::terminal::{self, Failure, Meter, context, shown};

/// What the name of a coded body ends in.
const SUFFIX: &str = ".dcs";
/// Codings of others, whose files lie beside the content as ours do.
const OTHERS: [&str; 4] = [".br", ".gz", ".zst", ".zz"];
/// A coded body is kept if it is shorter by one part in this many than what a server would send without it: it takes a
/// client longer to decode.
const GAIN: u64 = 20;
/// Files that fit in one packet gain nothing.
const MIN_FILE: u64 = 256;
/// Longer files would take a client too long: decoding makes about 1 MB/s.
const MAX_FILE: u64 = 16 << 20;

/// What became of the files, in bytes.
#[derive(Default)]
struct Totals {
    kept: usize,
    seen: usize,
    before: u64,
    after: u64,
}

/// Runs `compress --for-web`.
pub(super) fn run(args: &CompressArgs, root: &Path) -> ExitCode {
    match folder(args, root) {
        Ok(code) => code,
        Err(Failure::Closed) => terminal::closed(),
        Err(Failure::Message(reason)) => {
            terminal::report(root, &reason);
            ExitCode::FAILURE
        }
    }
}

fn folder(args: &CompressArgs, root: &Path) -> Result<ExitCode, Failure> {
    if !root.is_dir() {
        return Err("is no folder".to_owned().into());
    }
    let old = Manifest::read(root)?;
    let files = expand_whole(&[root.to_owned()])?;
    let mut new = Manifest::new(args.digits.level(args.level));
    let mut totals = Totals::default();
    let code = terminal::run(&files, |found| &found.path, |found| asset(args, found, &old, &mut new, &mut totals));
    for (name, entry) in old.files.iter().filter(|(name, _)| !new.files.contains_key(*name)) {
        let path = coded_path(&root.join(name));
        // What was made here before and says nothing of any file now. Somebody else's file stays.
        if is_below(root, name) && digest_of(&path).is_ok_and(|digest| digest == entry.coded_sha256) {
            fs::remove_file(&path).map_err(context(format!("cannot remove {}", shown(&path))))?;
        }
    }
    new.write(root, args.common.sync)?;
    if args.common.talk().notes() {
        let Totals { kept, seen, before, after } = totals;
        terminal::note(root, &format!("{kept} of {seen} files coded, {before} -> {after} bytes"));
    }
    Ok(code)
}

/// Codes one file, unless it is of no use or was done before.
fn asset(
    args: &CompressArgs,
    found: &Found,
    old: &Manifest,
    new: &mut Manifest,
    totals: &mut Totals,
) -> Result<(), Failure> {
    let file_name = found.path.file_name().unwrap_or_default();
    let Some(name) = url_path(&found.below.join(file_name)) else {
        totals.seen += 1;
        if args.common.talk().notes() {
            terminal::note(&found.path, "left as it is: its name is not UTF-8");
        }
        return Ok(());
    };
    let file_name = name.rsplit('/').next().unwrap_or_default();
    if file_name == manifest::NAME || is_coded(&found.path, file_name) {
        return Ok(());
    }
    totals.seen += 1;
    let mut input = Input::open(&found.path)?;
    let size = input.size.unwrap_or(0);
    let Some(form) = form_of(file_name).filter(|_| (MIN_FILE..=MAX_FILE).contains(&size)) else { return Ok(()) };
    let content = input.whole()?;
    let sha256 = hexadecimal(&content);
    let path = coded_path(&found.path);
    let known = old.files.get(&name);
    let entry = match known.filter(|entry| entry.sha256 == sha256 && old.level == new.level) {
        Some(entry) if digest_of(&path).is_ok_and(|digest| digest == entry.coded_sha256) => entry.clone(),
        _ => {
            // Whatever stands there and was not made here is somebody's.
            let is_known =
                || digest_of(&path).is_ok_and(|digest| known.is_some_and(|known| known.coded_sha256 == digest));
            let is_ours = || is_known() || is_body_of(&path, &content, args.threads);
            if fs::symlink_metadata(&path).is_ok() && !args.common.force && !is_ours() {
                return Err(format!("{} exists; --force overwrites it", shown(&path)).into());
            }
            match code(args, found, &content, form)? {
                Some(coded) => write(args, &path, &coded, &input, sha256)?,
                None => return Ok(()),
            }
        }
    };
    totals.kept += 1;
    totals.before += entry.size;
    totals.after += entry.coded_size;
    new.files.insert(name, entry);
    Ok(())
}

/// The coded body, decoded back, if it is short enough.
fn code(args: &CompressArgs, found: &Found, content: &[u8], form: Form) -> Result<Option<Vec<u8>>, Failure> {
    let size = content.len() as u64;
    let meter = Meter::bytes(&found.path, Some(size), args.common.talk());
    let coded = codec::pack_body(content, settings(args, None), form == Form::Jpeg);
    meter.clear();
    let Some(coded) = coded? else {
        if args.common.talk().notes() {
            terminal::note(&found.path, "left as it is: a client would need more memory than it allows");
        }
        return Ok(None);
    };
    let others = OTHERS.iter().filter_map(|suffix| fs::metadata(with_suffix(&found.path, suffix)).ok());
    let best = others.map(|metadata| metadata.len()).fold(size, u64::min);
    let written = coded.len() as u64;
    meter.result(&found.path, Some(&coded_path(&found.path)), [size, written], size);
    Ok((written + best / GAIN < best).then_some(coded))
}

fn write(args: &CompressArgs, path: &Path, coded: &[u8], input: &Input, sha256: String) -> Result<Entry, Failure> {
    let manner = Manner { force: true, sparse: false, sync: args.common.sync };
    // With the permissions of the content, but the time of its making: of that and the length a server makes the tag,
    // which another body of the same length must not have.
    let mut attributes = input.attributes.clone();
    if let Some(attributes) = &mut attributes {
        attributes.modified = None;
    }
    let mut output = Output::create(Some(path), manner, true, attributes.is_some())?;
    output.write_all(coded)?;
    let coded_size = output.commit(attributes.as_ref())?;
    let coding = codec::content_coding(coded)?;
    Ok(Entry { size: input.size.unwrap_or(0), sha256, coding, coded_size, coded_sha256: hexadecimal(coded) })
}

/// Whether a file is a coded body of this content, as one is that was made by a run which ended before it wrote its
/// manifest.
fn is_body_of(path: &Path, content: &[u8], threads: usize) -> bool {
    let most = 2 * content.len() as u64 + MIN_FILE;
    let is_short = fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= most);
    is_short && fs::read(path).is_ok_and(|coded| codec::is_body_of(&coded, content, threads))
}

/// Whether a file is a coded form of another beside it.
fn is_coded(path: &Path, name: &str) -> bool {
    let mut suffixes = OTHERS.iter().chain([&SUFFIX]);
    suffixes.any(|suffix| name.strip_suffix(suffix).is_some_and(|plain| path.with_file_name(plain).is_file()))
}

/// Whether no link leads out of the folder on the way to a file.
fn is_below(root: &Path, name: &str) -> bool {
    let folders = Path::new(name).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.into_iter().all(|folder| fs::symlink_metadata(root.join(folder)).is_ok_and(|found| found.is_dir()))
}

/// A path below the folder as a server is asked for it, before any character of it is written in per cent.
fn url_path(below: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

fn coded_path(path: &Path) -> PathBuf {
    with_suffix(path, SUFFIX)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    fs::read(path).map(|content| hexadecimal(&content))
}

fn hexadecimal(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
