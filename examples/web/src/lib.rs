//! What the page's worker calls: bytes in, bytes out, by functions that need no generated glue.
//!
//! `reserve(n)` gives room for `n` bytes of input, `run(task)` does a [`task`](run) on them and gives the length of the
//! result, which is at `output()`. A negative length says that the result is a message of what went wrong. Meanwhile the
//! worker's `progress` is called, with what is done and what there is to do.
#![expect(unsafe_code, reason = "exports and imports need a name, which another library could have too; nothing else is unsafe")]

mod tasks;

use std::sync::{Mutex, PoisonError};

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Where `length` bytes of input go before [`run`].
#[unsafe(no_mangle)]
pub extern "C" fn reserve(length: usize) -> *mut u8 {
    let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    *input = vec![0; length];
    input.as_mut_ptr()
}

#[link(wasm_import_module = "page")]
unsafe extern "C" {
    // Takes two numbers and gives nothing.
    safe fn progress(done: f64, total: f64);
}

/// Does a task on the input: 0 bytes to `.dcs`, 1 `.dcs` to bytes, 2 PNG to `.dci`, 3 `.dci` to PNG or the JPEG file that it
/// holds, 4 JPEG to `.dci`.
#[unsafe(no_mangle)]
pub extern "C" fn run(task: u32) -> isize {
    let input = std::mem::take(&mut *INPUT.lock().unwrap_or_else(PoisonError::into_inner));
    let told = |done: u64, total: u64| progress(done as f64, total as f64);
    let result = match task {
        0 => tasks::compress(&input, told),
        1 => tasks::decompress(&input, told),
        2 => tasks::png_to_dci(&input, told),
        3 => tasks::dci_to_picture(&input, told),
        4 => tasks::jpeg_to_dci(&input),
        _ => Err("there is no such task".into()),
    };
    let (output, sign) = match result {
        Ok(output) => (output, 1),
        Err(error) => (error.to_string().into_bytes(), -1),
    };
    // Memory of a wasm module is below 2^32, and what fits into it below 2^31.
    let length = output.len() as isize;
    *OUTPUT.lock().unwrap_or_else(PoisonError::into_inner) = output;
    sign * length
}

/// Where the result of the last [`run`] is, until the next.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    OUTPUT.lock().unwrap_or_else(PoisonError::into_inner).as_ptr()
}
