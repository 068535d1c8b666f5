//! What is said of files that are passed over or not wholly kept, and how.

use std::fs;

use crate::habits::TEXT;
use crate::png_chunks::{data, file, header};
use crate::{Folder, message};

#[test]
fn spaces_of_a_name_stay_in_messages() {
    let folder = Folder::new();
    folder.write("a  b.txt", TEXT);
    folder.write("a  b.txt.dcs", "precious");
    let output = crate::program(&folder.path(""), "-1").arg("a  b.txt").output().unwrap();
    assert!(message(&output).contains("a  b.txt: a  b.txt.dcs exists"), "{}", message(&output));
}
