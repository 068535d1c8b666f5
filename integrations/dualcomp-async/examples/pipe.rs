//! Compresses or decompresses standard input: `pipe c` or `pipe d`.

use dualcomp_async::tokio::{bufread, write};
use tokio::io::{AsyncWriteExt, BufReader, stdin, stdout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("c") => {
            let mut encoder = write::DualCompEncoder::new(stdout());
            tokio::io::copy_buf(&mut BufReader::new(stdin()), &mut encoder).await?;
            encoder.shutdown().await
        }
        Some("d") => {
            let mut decoder = bufread::DualCompDecoder::new(BufReader::new(stdin()));
            decoder.multiple_members(true);
            let mut out = stdout();
            tokio::io::copy(&mut decoder, &mut out).await?;
            out.flush().await
        }
        _ => Err(std::io::Error::other("say c to compress or d to decompress")),
    }
}
