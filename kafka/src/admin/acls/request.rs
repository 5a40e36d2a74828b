//! One request about ACLs, and its answer.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::error::KafkaError;
use rdkafka_sys as sys;
use rdkafka_sys::RDKafkaErrorCode as Code;
use sys::rd_kafka_admin_op_t as AdminOperation;

use super::{ERROR_TEXT_BYTES, non_null};
use crate::client::LogContext;

guard!(
    Options,
    rd_kafka_AdminOptions_t,
    rd_kafka_AdminOptions_destroy
);
guard!(Queue, rd_kafka_queue_t, rd_kafka_queue_destroy);
guard!(Answer, rd_kafka_event_t, rd_kafka_event_destroy);

/// One request: its options, and a queue for its answer alone.
pub(super) struct Request {
    pub(super) options: Options,
    pub(super) queue: Queue,
}

impl Request {
    pub(super) fn new(
        client: &Client<LogContext>,
        operation: AdminOperation,
        timeout: Duration,
    ) -> Result<Self, KafkaError> {
        let timeout_ms = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
        let mut text = [0; ERROR_TEXT_BYTES];
        // SAFETY: the client is alive, and the buffer is as long as is said.
        unsafe {
            let options = sys::rd_kafka_AdminOptions_new(client.native_ptr(), operation);
            let options = Options(non_null(options, "options")?);
            let set = sys::rd_kafka_AdminOptions_set_request_timeout(
                options.0.as_ptr(),
                timeout_ms,
                text.as_mut_ptr(),
                text.len(),
            );
            if set != sys::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return Err(KafkaError::AdminOp(Code::from(set)));
            }
            let queue = sys::rd_kafka_queue_new(client.native_ptr());
            Ok(Self {
                options,
                queue: Queue(non_null(queue, "a queue")?),
            })
        }
    }

    /// Waits for the answer. librdkafka answers by itself when the request's own time is over.
    pub(super) fn answer(&self, timeout: Duration) -> Result<Answer, KafkaError> {
        let patience = timeout + Duration::from_secs(1);
        let patience_ms = c_int::try_from(patience.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: the queue is ours and alive; the event taken from it is owned by its guard.
        unsafe {
            let event = sys::rd_kafka_queue_poll(self.queue.0.as_ptr(), patience_ms);
            let timed_out = KafkaError::AdminOp(Code::OperationTimedOut);
            let answer = Answer(NonNull::new(event).ok_or(timed_out)?);
            match sys::rd_kafka_event_error(answer.0.as_ptr()) {
                sys::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(answer),
                error => Err(KafkaError::AdminOp(Code::from(error))),
            }
        }
    }
}
