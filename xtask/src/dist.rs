//! `cargo xtask dist`: the tool as it is handed out, stripped, and a static one where its target is installed.

use std::{fs, path::Path};

use crate::step::{Step, has_target};

const STATIC: &str = "x86_64-unknown-linux-musl";

/// The most that the tool may weigh.
const MEGABYTES: u64 = 20;

/// Builds, and says where the files are and what they weigh.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    build(root, "", "target/dist/calllegs")?;
    if !has_target(root, STATIC) {
        eprintln!("no static tool: rustup target add {STATIC}, and musl-gcc for what is written in C");
        return Ok(());
    }
    build(root, &format!(" --target {STATIC}"), &format!("target/{STATIC}/dist/calllegs"))
}

fn build(root: &Path, target: &str, file: &str) -> Result<(), String> {
    Step::cargo(&format!("build --profile dist -p calllegs-cli --locked{target}")).run(root)?;
    let file = format!("{file}{}", std::env::consts::EXE_SUFFIX);
    let bytes = fs::metadata(root.join(&file)).map_err(|error| format!("{file}: {error}"))?.len();
    crate::say(&format!("{file}: {}\n", weighed(bytes)?));
    Ok(())
}

fn weighed(bytes: u64) -> Result<String, String> {
    let tenths = bytes.div_ceil(100_000);
    let size = format!("{}.{} MB", tenths / 10, tenths % 10);
    if bytes > MEGABYTES * 1_000_000 { Err(format!("{size}, more than {MEGABYTES} MB")) } else { Ok(size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_tool_is_refused() {
        assert_eq!(weighed(8_400_001), Ok("8.5 MB".to_owned()));
        assert_eq!(weighed(20_000_000), Ok("20.0 MB".to_owned()));
        assert_eq!(weighed(20_000_001), Err("20.1 MB, more than 20 MB".to_owned()));
    }
}
