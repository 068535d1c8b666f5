//! Dictionaries.

use std::fs;

use crate::{Folder, message};

fn answer(id: u32) -> String {
    format!("{{\"id\": {}, \"state\": \"open\", \"unit\": \"celsius\", \"tags\": [\"a\", \"b\"]}}\n", id * 7919)
}

/// A folder with samples, and a body that is like them.
fn folder() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path("samples")).unwrap();
    (0..25).for_each(|id| folder.write(&format!("samples/{id}.json"), answer(id)));
    folder.write("body.json", answer(1000));
    folder
}

#[test]
fn a_dictionary_is_trained_and_used() {
    let folder = folder();
    let output = folder.run("train-dictionary samples -o api.dcdict --max 1K");
    let said = message(&output);
    assert!(output.status.success() && said.contains("held out") && said.contains("dictionary "), "{said}");
    assert!(folder.read("api.dcdict").len() < 1100);
    folder.ok("compress body.json --dictionary api.dcdict -l fast");
    assert!(folder.read("body.json.dcs").len() < 60);
    folder.ok("test body.json.dcs --dictionary api.dcdict");
    folder.ok("decompress body.json.dcs --dictionary api.dcdict -o again");
    assert_eq!(folder.read("again"), answer(1000).as_bytes());
    folder.ok("-dk --dictionary api.dcdict -c body.json.dcs");
    let id = said.split("dictionary ").nth(1).unwrap()[..8].to_owned();
    for command in ["list body.json.dcs", "inspect body.json.dcs", "inspect api.dcdict"] {
        let said = String::from_utf8(folder.ok(command)).unwrap();
        assert!(said.contains(&id), "{command}: {said}");
    }
    let said = folder.fails("decompress body.json.dcs -o none", 1);
    assert!(said.contains(&format!("needs dictionary {id}")) && said.contains("--dictionary"), "{said}");
    assert!(folder.fails("test body.json.dcs", 1).contains("--dictionary"));
    let said = folder.fails("decompress api.dcdict -o none", 1);
    assert!(said.contains("this is a dictionary"), "{said}");
}

#[test]
fn a_dictionary_goes_to_standard_output() {
    let folder = folder();
    folder.ok("train-dictionary samples -o api.dcdict --max 1K");
    let before = folder.names();
    let output = folder.run("train-dictionary samples -o - --max 1K");
    assert!(output.status.success() && output.stdout == folder.read("api.dcdict"));
    assert!(message(&output).contains("dualcomp: standard output: dictionary "), "{}", message(&output));
    assert_eq!(folder.names(), before);
}

#[test]
fn samples_come_from_standard_input() {
    let folder = Folder::new();
    let samples: String = (0..40).map(answer).collect();
    let output = folder.run_with("train-dictionary - --lines -o lines.dcdict", samples.as_bytes());
    assert!(output.status.success() && message(&output).contains("8 samples held out"), "{}", message(&output));
    let output = folder.run_with("train-dictionary - -o one.dcdict", samples.as_bytes());
    assert!(output.status.success() && message(&output).contains(", 1 sample of"), "{}", message(&output));
}

#[test]
fn lines_are_samples_and_any_file_is_a_dictionary() {
    let folder = folder();
    folder.write("log", (0..40).map(answer).collect::<String>());
    let said = message(&folder.run("train-dictionary log --lines -o log.dcdict"));
    assert!(said.contains("40 samples"), "{said}");
    folder.write("old", (0..40).map(answer).collect::<String>() + "old");
    folder.ok("compress log --dictionary old");
    assert!(folder.read("log.dcs").len() < 200);
    folder.ok("decompress log.dcs --dictionary old --dictionary body.json -f");
    folder.fails("decompress log.dcs --dictionary body.json -f", 1);
    folder.fails("compress log --dictionary old --dictionary body.json -f", 2);
    folder.fails("compress log --dictionary none -f", 1);
    folder.fails("train-dictionary log -o other --max 17M", 2);
    let mut damaged = folder.read("log.dcdict");
    damaged[30] ^= 1;
    folder.write("damaged", damaged);
    let said = folder.fails("compress log --dictionary damaged -f", 1);
    assert!(said.contains("damaged"), "{said}");
}

#[test]
fn a_dictionary_is_neither_compressed_nor_overwritten() {
    let folder = folder();
    folder.write("v1.json", (0..40).map(answer).collect::<String>());
    let v1 = folder.read("v1.json");
    let said = folder.fails("compress -1 --rm --dictionary v1.json v1.json body.json", 1);
    assert!(said.contains("dualcomp: v1.json: is the dictionary") && folder.read("v1.json") == v1, "{said}");
    assert_eq!(folder.names(), ["body.json.dcs", "samples", "v1.json"]);
    let said = folder.fails("decompress -f --dictionary v1.json body.json.dcs -o v1.json", 1);
    assert!(said.contains("v1.json is the dictionary, and is not overwritten"), "{said}");
    folder.ok("decompress --rm --dictionary v1.json body.json.dcs");
    for output in ["v1.json", "./samples/../v1.json"] {
        folder.fails(&format!("compress -1 -f --rm --dictionary v1.json body.json -o {output}"), 1);
    }
    assert!(folder.read("v1.json") == v1 && folder.read("body.json") == answer(1000).as_bytes());
    // Found in a folder it is passed over.
    folder.write("samples/api.dcdict", &v1);
    let output = folder.run("compress -1 -r --rm --dictionary samples/api.dcdict samples");
    let said = message(&output);
    assert!(output.status.success() && said.contains("api.dcdict: note: passed over: is the dictionary"), "{said}");
    assert!(folder.read("samples/api.dcdict") == v1 && folder.path("samples/7.json.dcs").exists());
    folder.ok("decompress -r --rm --dictionary samples/api.dcdict samples");
    assert_eq!(folder.read("samples/7.json"), answer(7).as_bytes());
}

#[cfg(unix)]
#[test]
fn another_name_of_a_dictionary_is_the_dictionary() {
    let folder = folder();
    fs::hard_link(folder.path("body.json"), folder.path("hard")).unwrap();
    std::os::unix::fs::symlink("body.json", folder.path("soft")).unwrap();
    for name in ["hard", "soft"] {
        folder.fails(&format!("compress -1 -f --rm --dictionary body.json {name}"), 1);
        folder.fails(&format!("compress -1 -f --dictionary body.json samples/1.json -o {name}"), 1);
        assert_eq!(folder.read(name), answer(1000).as_bytes());
    }
}

#[test]
fn a_misspelled_dictionary_is_an_error_for_images_too() {
    let folder = Folder::new();
    folder.write("a.pgm", b"P5 2 1 255 ab");
    for command in ["compress", "-1", "decompress", "test"] {
        let said = folder.fails(&format!("{command} --dictionary misspelled a.pgm"), 1);
        assert!(said.contains("cannot read misspelled") && said.lines().count() == 1, "{command}: {said}");
    }
    assert_eq!(folder.names(), ["a.pgm"]);
}

#[test]
fn a_dictionary_is_described_in_json() {
    let folder = folder();
    folder.ok("train-dictionary samples -o api.dcdict --max 1K");
    let found: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json api.dcdict")).unwrap();
    assert_eq!((&found["file"], &found["kind"]), (&"api.dcdict".into(), &"dictionary".into()));
    assert!(found["samples"].as_u64() > Some(1) && found["raw_bytes"].as_u64() > Some(100), "{found}");
    let text = String::from_utf8(folder.ok("inspect api.dcdict")).unwrap();
    for id in [&found["dictionary"], &found["model"]] {
        assert!(text.contains(id.as_str().unwrap()), "{text}");
    }
}

#[test]
fn a_model_is_neither_compressed_nor_overwritten() {
    let weights = "../dualcomp-model/weights/dualcomp-1-image.safetensors";
    let weights = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(weights);
    let Ok(weights) = fs::read(weights) else { return }; // The package alone has no weights.
    let folder = folder();
    folder.write("samples/model", &weights);
    folder.fails("-1 --rm --model samples/model samples/model", 1);
    folder.fails("-1 -f --model samples/model body.json -o samples/model", 1);
    assert!(folder.fails("bench body.json -l fast -f --json samples/model --model samples/model", 1).contains("model"));
    folder.ok("-1 -r --rm --model samples/model samples");
    assert!(folder.read("samples/model") == weights && folder.path("samples/7.json.dcs").exists());
}
