//! A program that runs, and the most memory that it held: the kernel keeps the peak (`VmHWM`) and tells it while the
//! process lives, so it is read again and again.

use std::{
    fs,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

/// A process that does not outlive its owner, whatever happens.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a benchmark names all of it")]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Neither fails for a process of one's own that is not waited for elsewhere.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program held and how long it took.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a benchmark names all of it")]
pub struct Watched {
    /// The most memory, in KiB.
    pub peak: u64,
    /// When it first held that.
    pub reached: Duration,
    /// How long it ran.
    pub time: Duration,
}

/// Runs a program to its end, which has to be a good one.
pub fn watch(command: &mut Command) -> Watched {
    let start = Instant::now();
    let mut child = Running(command.spawn().unwrap());
    let (mut peak, mut reached) = (0, Duration::ZERO);
    let status = loop {
        if let Some(higher) = held(&child.0).filter(|now| *now > peak) {
            (peak, reached) = (higher, start.elapsed());
        }
        if let Some(status) = child.0.try_wait().unwrap() {
            break status;
        }
        thread::sleep(PAUSE);
    };
    let time = start.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    Watched { peak, reached, time }
}

/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(10);

/// The most that a process held so far, in KiB; `None` once it has ended.
fn held(process: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

impl Watched {
    /// The peak in MiB.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub fn mib(&self) -> f64 {
        self.peak as f64 / 1024.0
    }
}
