//! What these tests share: one open sandbox, and programs in their simplest form.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, ensure};
use sandbox::{
    Cancel, Capture, Limits, Mount, Outcome, Program, Sandbox, SandboxBox, SandboxConfig, Stdin,
    Volume,
};

/// The sandbox of this test binary.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let config = SandboxConfig {
        uid_base: uid_base(),
        ..SandboxConfig::default()
    };
    SANDBOX.get_or_init(|| match Sandbox::open(config) {
        Ok(sandbox) => sandbox,
        Err(error) => panic!("these tests need root and control groups: {error}"),
    })
}

/// Users that no other process on this machine gives to its boxes: tests find their programs by them.
pub(crate) fn uid_base() -> u32 {
    if is_rootless() {
        // Of the 65,536 that a user is granted.
        return 1000 + 100 * (std::process::id() % 600);
    }
    1_000_000_000 + 100 * std::process::id()
}

/// Whether these tests are root of a user namespace only.
pub(crate) fn is_rootless() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    !map.contains("4294967295")
}

/// How many times slower this host is than a real processor, where somebody knows it, as of an emulated one.
pub(crate) fn slower() -> u32 {
    std::env::var("TRIBUNAL_TESTS_SLOWER").map_or(1, |factor| match factor.parse() {
        Ok(factor) => factor,
        Err(_) => panic!("TRIBUNAL_TESTS_SLOWER is a whole number, not {factor:?}"),
    })
}

/// A box of a test's own.
pub(crate) fn new_box() -> anyhow::Result<SandboxBox> {
    Ok(sandbox().new_box()?)
}

/// Limits that no honest test program meets.
pub(crate) const LIMITS: Limits = Limits {
    cpu: Duration::from_secs(20),
    wall: Duration::from_secs(40),
    memory_bytes: 256 << 20,
    processes: 64,
    file_size_bytes: 64 << 20,
    open_files: 64,
};

/// A program with captured output and no input.
pub(crate) fn program<const N: usize>(argv: [&str; N]) -> Program {
    Program {
        argv: argv.iter().map(Into::into).collect(),
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: "/tmp".into(),
        mounts: Vec::new(),
        stdin: Stdin::Null,
        stdout: capture(1 << 20),
        stderr: capture(1 << 20),
        limits: LIMITS,
    }
}

pub(crate) fn capture(cap_bytes: u64) -> Capture {
    Capture::Memory {
        cap_bytes,
        fatal: true,
    }
}

/// A shell script.
pub(crate) fn shell(script: &str) -> Program {
    program(["/bin/sh", "-c", script])
}

/// A Python program.
pub(crate) fn python(script: &str) -> Program {
    program(["/usr/bin/python3", "-I", "-S", "-c", script])
}

/// Runs in a fresh box.
pub(crate) fn run(program: Program) -> anyhow::Result<Outcome> {
    Ok(new_box()?.run(program, &Cancel::new()?)?)
}

/// What a run printed.
pub(crate) fn stdout(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.stdout)
        .trim_end()
        .to_owned()
}

/// Compiles C and puts the program at `/w/main` of a volume.
pub(crate) fn compile(source: &str) -> anyhow::Result<Arc<Volume>> {
    compile_with("gcc", "c", source, &["-static"])
}

pub(crate) fn compile_with(
    compiler: &str,
    suffix: &str,
    source: &str,
    flags: &[&str],
) -> anyhow::Result<Arc<Volume>> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join(format!("main.{suffix}"));
    std::fs::write(&file, source)?;
    let output = Command::new(compiler)
        .args(["-O1", "-w", "-o", "main"])
        .arg(&file)
        .args(flags)
        .current_dir(dir.path())
        .output()
        .context("failed to start the compiler")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let volume = Volume::new(16 << 20, 64)?;
    volume.write("main", &std::fs::read(dir.path().join("main"))?, 0o755)?;
    Ok(Arc::new(volume))
}

/// Runs `/w/main` of a volume.
pub(crate) fn main_of(volume: &Arc<Volume>) -> Program {
    Program {
        mounts: vec![mount(volume, "/w", false)],
        ..program(["/w/main"])
    }
}

pub(crate) fn mount(volume: &Arc<Volume>, target: &str, writable: bool) -> Mount {
    Mount::Volume {
        volume: Arc::clone(volume),
        target: Path::new(target).to_owned(),
        writable,
    }
}
