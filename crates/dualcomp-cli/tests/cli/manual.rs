//! Completions and manual pages.

use crate::Folder;

const COMMANDS: [&str; 8] = ["compress", "decompress", "test", "list", "inspect", "bench", "completions", "man"];

fn printed(arguments: &str) -> String {
    String::from_utf8(Folder::new().ok(arguments)).unwrap()
}

#[test]
fn every_shell_has_completions_for_all_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&format!("completions {shell}"));
        for words in COMMANDS.iter().chain(&["level", "plot"]) {
            assert!(script.contains(words), "{shell} lacks {words}");
        }
    }
    Folder::new().fails("completions", 2);
    Folder::new().fails("completions cmd", 2);
}

#[test]
fn every_command_has_a_page() {
    let page = printed("man");
    assert!(page.contains(".TH dualcomp 1"), "{page}");
    for command in COMMANDS {
        assert!(page.contains(&format!("dualcomp\\-{command}")), "{command}: {page}");
        let own = printed(&format!("man {command}"));
        assert!(own.contains(&format!(".TH dualcomp-{command} 1")), "{own}");
        assert!(own.contains(&format!("dualcomp {command}")), "{own}");
    }
    assert!(printed("man compress").contains("Keep image files as bytes too"));
    assert!(Folder::new().fails("man nothing", 2).contains("there is no command nothing"));
}
