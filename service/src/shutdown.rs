//! The one stop signal of a process.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell reports for a process that SIGINT ended.
const ABORTED: i32 = 130;

/// A token that SIGTERM or SIGINT cancels. A second signal ends the process at once, whatever runs:
/// nothing is lost by that, only repeated.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub fn on_signals() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::info!(signal = name, "stopping; a second signal aborts");
        stopping.cancel();
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "aborting");
        abort();
    });
    Ok(stop)
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever signals twice does not want to wait for destructors"
)]
fn abort() -> ! {
    std::process::exit(ABORTED)
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
