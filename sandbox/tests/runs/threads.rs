//! Threads, and the children of those languages that start some, run under the filter and the limits on processes.

use std::process::Command;
use std::sync::Arc;

use anyhow::ensure;
use sandbox::{Program, Volume};

use crate::support::*;

#[test]
fn threads_start_in_cpp() -> anyhow::Result<()> {
    let source = "#include <atomic>\n#include <cstdio>\n#include <thread>\n#include <vector>\nint main() {\n\
                  std::atomic<int> n{0}; std::vector<std::thread> all;\n\
                  for (int i = 0; i < 8; i++) all.emplace_back([&] { n++; });\n\
                  for (auto &t : all) t.join();\n std::printf(\"%d\", n.load()); }";
    let main = compile_with("g++", "cpp", source, &["-pthread"])?;
    assert_eq!(stdout(&run(main_of(&main))?), "8");
    Ok(())
}

#[test]
fn threads_and_children_start_in_python() -> anyhow::Result<()> {
    let script = "import threading, subprocess\nall = []\n\
                  ts = [threading.Thread(target=all.append, args=(i,)) for i in range(8)]\n\
                  [t.start() for t in ts]; [t.join() for t in ts]\n\
                  print(len(all), subprocess.run(['/bin/echo', 'child'], capture_output=True).stdout)";
    let outcome = run(program(["/usr/bin/python3", "-c", script]))?;
    assert_eq!(stdout(&outcome), "8 b'child\\n'");
    Ok(())
}

#[test]
fn java_compiles_and_starts_threads() -> anyhow::Result<()> {
    let source = "public class Main { public static void main(String[] a) throws Exception {\n\
                  var n = new java.util.concurrent.atomic.AtomicInteger(); var all = new Thread[8];\n\
                  for (int i = 0; i < 8; i++) { all[i] = new Thread(n::incrementAndGet); all[i].start(); }\n\
                  for (var t : all) t.join(); System.out.print(n.get()); } }";
    let volume = Arc::new(Volume::new(1 << 20, 16)?);
    volume.write("Main.java", source.as_bytes(), 0o644)?;
    let mut java = Program {
        mounts: vec![mount(&volume, "/w", false)],
        ..program(["/usr/bin/java", "-XX:TieredStopAtLevel=1", "/w/Main.java"])
    };
    java.limits.memory_bytes = 1 << 30;
    // Half a minute of work where the processor is emulated.
    java.limits.cpu *= 4;
    java.limits.wall *= 4;
    let outcome = run(java)?;
    assert_eq!(stdout(&outcome), "8", "{outcome:?}");
    Ok(())
}

#[test]
fn threads_start_in_go() -> anyhow::Result<()> {
    // Each goroutine keeps a thread of the kernel's to itself, until all are there and have been counted.
    let source = "package main\nimport (\"os\"; \"runtime\"; \"sync\")\nfunc main() {\n\
                  var there sync.WaitGroup; counted := make(chan bool); there.Add(8)\n\
                  for i := 0; i < 8; i++ { go func() { runtime.LockOSThread(); there.Done(); <-counted }() }\n\
                  there.Wait(); tasks, _ := os.ReadDir(\"/proc/self/task\"); close(counted)\n\
                  println(len(tasks) >= 8) }\n";
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("main.go"), source)?;
    let output = Command::new("/usr/bin/go")
        .args(["build", "-o", "main", "main.go"])
        .current_dir(dir.path())
        .env("GOCACHE", dir.path().join("cache"))
        .envs([
            ("CGO_ENABLED", "0"),
            ("GO111MODULE", "off"),
            ("GOFLAGS", ""),
        ])
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let volume = Arc::new(Volume::new(16 << 20, 16)?);
    volume.write("main", &std::fs::read(dir.path().join("main"))?, 0o755)?;
    let outcome = run(main_of(&volume))?;
    assert_eq!(outcome.stderr, b"true\n", "{outcome:?}");
    Ok(())
}

#[test]
fn threads_start_in_node() -> anyhow::Result<()> {
    let script = "const { Worker } = require('worker_threads');\n\
                  const cells = new Int32Array(new SharedArrayBuffer(4));\n\
                  const work = \"const { workerData } = require('worker_threads'); Atomics.add(workerData, 0, 1);\";\n\
                  let left = 4;\n\
                  for (let i = 0; i < 4; i++) new Worker(work, { eval: true, workerData: cells })\n\
                  .on('exit', () => { if (--left === 0) console.log(Atomics.load(cells, 0)); });\n";
    let mut node = program(["/usr/bin/node", "-e", script]);
    node.limits.memory_bytes = 1 << 30;
    node.limits.cpu *= 4;
    node.limits.wall *= 4;
    let outcome = run(node)?;
    assert_eq!(stdout(&outcome), "4", "{outcome:?}");
    Ok(())
}
