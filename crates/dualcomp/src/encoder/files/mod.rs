//! Files among bytes that have a coder of their own.

mod deflate;
pub(crate) mod embedded;
mod extent;
pub(crate) mod find_files;
mod inflate;
mod is_longer;
pub(crate) mod original_file;
mod png_rows;
