//! Asks a server for one address again and again, over several connections, and says how fast the answers come.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --features http --bin load -- http://127.0.0.1:3000/thumbnail/a.dci 10000 16
//! cargo run --release -p dualcomp-examples --features http --bin load -- http://127.0.0.1:3000/page.html 10000 16 dualcomp-1
//! ```
//!
//! The last argument is an `Accept-Encoding`; answers are read and left as they are.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (url, requests, connections, coding) = match &arguments[..] {
        [url, requests, connections] => (url, requests, connections, "identity"),
        [url, requests, connections, coding] => (url, requests, connections, coding.as_str()),
        _ => return Err("usage: load URL REQUESTS CONNECTIONS [CODING]".into()),
    };
    let (requests, connections): (usize, usize) = (requests.parse()?, connections.parse()?);
    let begun = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let workers = (0..connections.max(1)).map(|_| {
        let (url, coding, begun) = (url.clone(), coding.to_owned(), begun.clone());
        tokio::spawn(async move {
            // One connection each, which is kept.
            let client = Client::builder().no_gzip().build()?;
            let (mut took, mut kinds) = (Vec::new(), BTreeMap::<String, usize>::new());
            while begun.fetch_add(1, Ordering::Relaxed) < requests {
                let sent = Instant::now();
                let answer = client.get(&url).header(ACCEPT_ENCODING, &coding).send().await?;
                let coded = answer.headers().get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
                let kind = format!("{}, {}", answer.status(), coded.unwrap_or("as it is"));
                let length = answer.bytes().await?.len();
                *kinds.entry(format!("{kind}, {length} bytes")).or_default() += 1;
                took.push(sent.elapsed());
            }
            Ok::<_, Failure>((took, kinds))
        })
    });
    let (mut took, mut kinds) = (Vec::new(), BTreeMap::<String, usize>::new());
    for worker in workers.collect::<Vec<_>>() {
        let (times, seen) = worker.await??;
        took.extend(times);
        for (kind, count) in seen {
            *kinds.entry(kind).or_default() += count;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    took.sort();
    let at = |percent: usize| took.get(took.len().saturating_sub(1) * percent / 100).copied().unwrap_or(Duration::ZERO);
    println!(
        "{:.0} requests a second; {:.1?} in the median, {:.1?} in 99 of 100",
        took.len() as f64 / seconds,
        at(50),
        at(99)
    );
    for (kind, count) in kinds {
        println!("{count}: {kind}");
    }
    Ok(())
}
