//! Sends lines to another machine as soon as they are there, coded with a dictionary that both ends have.
//!
//! ```sh
//! dualcomp train-dictionary --lines yesterday.log -o log.dcdict --max 64K
//! cargo run --release -p dualcomp-examples --bin log_shipper -- collect 0.0.0.0:5140 log.dcdict
//! my-server 2>&1 | cargo run --release -p dualcomp-examples --bin log_shipper -- ship collector:5140 log.dcdict
//! cargo run --release -p dualcomp-examples --bin log_shipper -- load today.log log.dcdict
//! ```
//!
//! Each connection is one stream that is flushed whenever the input pauses. `load` sends the lines of a file over
//! loopback, and says what they take.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::io::{Error, Result};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use dualcomp::{Dictionary, Level};
use dualcomp_async::tokio::bufread::DualCompDecoder;
use dualcomp_async::tokio::write::DualCompEncoder;
use dualcomp_async::{DecoderConfig, EncoderConfig};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader, stdin, stdout};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["collect" | "ship" | "load", place, dictionary] = arguments[..] else {
        return Err(Error::other("usage: log_shipper collect|ship ADDRESS DICTIONARY, or load FILE DICTIONARY"));
    };
    let dictionary = Dictionary::from_bytes(&std::fs::read(dictionary)?)?;
    match arguments[0] {
        "collect" => {
            let listener = TcpListener::bind(place).await?;
            println!("{}", listener.local_addr()?);
            collect(listener, dictionary).await
        }
        "ship" => ship(BufReader::new(stdin()), TcpStream::connect(place).await?, &dictionary).await,
        _ => load(&std::fs::read(place)?, &dictionary).await,
    }
}

/// Prints what arrives, of any number of connections. One that breaks says so and ends no other.
async fn collect(listener: TcpListener, dictionary: Dictionary) -> Result<()> {
    loop {
        let (connection, from) = listener.accept().await?;
        let mut lines = lines_of(connection, &dictionary);
        tokio::spawn(async move {
            // One for the connection: what is written to another may overtake it.
            let (mut line, mut out) = (Vec::new(), stdout());
            loop {
                match lines.read_until(b'\n', &mut line).await {
                    Ok(0) => break,
                    // A line at a time, so that those of two connections do not mix.
                    Ok(_) => {
                        out.write_all(&line).await?;
                        out.flush().await?;
                    }
                    Err(error) => {
                        eprintln!("{from}: {error}");
                        break;
                    }
                }
                line.clear();
            }
            std::io::Result::Ok(())
        });
    }
}

/// The lines of a connection.
fn lines_of(connection: TcpStream, dictionary: &Dictionary) -> impl AsyncBufRead + Unpin + Send + use<> {
    let config = DecoderConfig::default().with_dictionary(dictionary.clone());
    BufReader::new(DualCompDecoder::with_config(BufReader::new(connection), config))
}

fn coded<W: AsyncWrite + Unpin>(connection: W, dictionary: &Dictionary) -> DualCompEncoder<W> {
    let config = EncoderConfig::default().with_level(Level::Fast).with_dictionary(dictionary.clone());
    DualCompEncoder::with_config(connection, config)
}

/// Sends what comes in. Returns when the other end has seen the end.
async fn ship(mut input: impl AsyncBufRead + Unpin, connection: TcpStream, dictionary: &Dictionary) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut stream = coded(connection, dictionary);
    loop {
        let there = input.fill_buf().await?;
        let count = there.len();
        if count == 0 {
            break;
        }
        stream.write_all(there).await?;
        // What has come in at once makes one block: lines when there are few, many when there are many.
        stream.flush().await?;
        input.consume(count);
    }
    stream.shutdown().await?;
    // Closed by who has read it all.
    stream.get_mut().readable().await
}

/// Sends each line of a file by itself over loopback: one after the other has arrived, then as fast as they go.
async fn load(file: &[u8], dictionary: &Dictionary) -> Result<()> {
    dictionary.prepare(Level::Fast).map_err(Error::from)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let lines: Vec<&[u8]> = file.split_inclusive(|&byte| byte == b'\n').collect();
    for waits in [true, false] {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        let mut arriving = lines_of(listener.accept().await?.0, dictionary);
        let (arrived, mut arrivals) = mpsc::unbounded_channel();
        let receiver = tokio::spawn(async move {
            let mut line = Vec::new();
            while arriving.read_until(b'\n', &mut line).await? > 0 {
                // Nobody waits for the last ones.
                let _ = arrived.send(std::mem::take(&mut line));
            }
            Result::Ok(())
        });
        let mut stream = coded(Counted(connection, 0), dictionary);
        let (start, mut took) = (Instant::now(), Vec::new());
        let mut back = Vec::new();
        for line in &lines {
            let sent = Instant::now();
            stream.write_all(line).await?;
            stream.flush().await?;
            if waits {
                back.extend(arrivals.recv().await);
                took.push(sent.elapsed());
            }
        }
        stream.shutdown().await?;
        while let Some(line) = arrivals.recv().await {
            back.push(line);
        }
        receiver.await??;
        assert!(back.iter().map(Vec::as_slice).eq(lines.iter().copied()), "the lines have changed");
        match waits {
            true => println!("{}", latency(took)),
            false => {
                let (seconds, count) = (start.elapsed().as_secs_f64(), lines.len() as f64);
                let (bytes, raw) = (stream.get_ref().1 as f64 / count, file.len() as f64 / count);
                println!("{:.0} lines a second; {bytes:.1} of {raw:.1} bytes a line", count / seconds);
            }
        }
    }
    Ok(())
}

fn latency(mut took: Vec<Duration>) -> String {
    took.sort();
    let at = |percent: usize| took.get(took.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default();
    format!("{:.0?} from one end to the other in the median, {:.0?} in 99 of 100", at(50), at(99))
}

/// A connection, and how many bytes went into it.
struct Counted(TcpStream, u64);

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let result = Pin::new(&mut self.0).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = result {
            self.1 += count as u64;
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
