//! What the user is told, and how far the work is.

mod batch;
mod names;
mod progress;

pub(crate) use batch::{Failure, closed, context, failed, note, print, printed, report, run, say, tell, usage_error};
pub(crate) use names::{display_name, is_standard, shown};
pub(crate) use progress::{Meter, Talk};
