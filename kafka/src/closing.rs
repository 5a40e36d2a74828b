//! The end of a group member, waited for only so long.
//!
//! librdkafka ends a member once all its commits are answered. While the coordinator is away a commit can stay in
//! the queue of a connection that is never made, without a time-out, and the synchronous commit, the close
//! and the destruction of the client all wait for it. So the end runs on a thread of its own. One that takes
//! too long is left to itself: it goes on when the coordinator is back, or ends with the process.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far above the milliseconds that leaving takes while the cluster answers.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Runs `end`, and waits for it no longer than `patience`. `false`: it is not over yet.
pub(crate) fn close(
    group_id: &str,
    patience: Duration,
    end: impl FnOnce() + Send + 'static,
) -> bool {
    let (over, ended) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name("kafka closing".to_owned());
    let spawned = thread.spawn(move || {
        let _over = over;
        end();
    });
    if let Err(error) = spawned {
        // The closure is gone, and with it what it owned: that was the end, on this thread.
        tracing::warn!(group = group_id, %error, "failed to start a thread to leave the group on");
        return true;
    }
    let in_time = !matches!(
        ended.recv_timeout(patience),
        Err(mpsc::RecvTimeoutError::Timeout)
    );
    if !in_time {
        tracing::warn!(
            group = group_id,
            "left the group without its coordinator's answer: it is away; the last commits may be missing"
        );
    }
    in_time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_never_comes_is_not_waited_for() {
        let (go_on, held) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let end = move || {
            let _ = held.recv();
            let _ = tell.send("ended by itself");
        };
        assert!(!close("group", Duration::from_millis(20), end));
        drop(go_on);
        assert_eq!(told.recv(), Ok("ended by itself"));
    }

    #[test]
    fn an_end_in_time_is_over_when_close_returns() {
        let (tell, told) = mpsc::channel();
        let end = move || {
            let _ = tell.send("over");
        };
        assert!(close("group", Duration::from_secs(60), end));
        assert_eq!(told.try_recv(), Ok("over"));
    }

    #[test]
    fn an_end_that_panics_is_an_end() {
        assert!(close("group", Duration::from_secs(60), || panic!(
            "at the end"
        )));
    }
}
