//! The cluster's ACLs: reading, making and removing them.
//!
//! rust-rdkafka wraps no call for ACLs, so this file and those below it call librdkafka themselves: one of the
//! crate's two places with `unsafe`. Every C object is owned by a guard that frees it once, every request
//! waits for its one answer on a queue of its own, and plain [`Acl`] values are all that leaves.

#![expect(unsafe_code, reason = "rust-rdkafka wraps no call for ACLs")]

/// Owns a C object and frees it with the function that librdkafka has for it.
macro_rules! guard {
    ($name:ident, $object:ident, $free:ident) => {
        pub(super) struct $name(pub(super) NonNull<sys::$object>);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the guard alone owns the object, and nothing that points into it outlives it.
                unsafe { sys::$free(self.0.as_ptr()) }
            }
        }
    };
}

mod entry;
mod request;
mod words;

use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::error::KafkaError;
use rdkafka_sys as sys;
use rdkafka_sys::RDKafkaErrorCode as Code;
use sys::rd_kafka_admin_op_t as AdminOperation;

use super::acl::{Acl, Operation, ResourceKind};
use crate::client::LogContext;
use entry::Entry;
use request::Request;

/// For librdkafka's reasons.
const ERROR_TEXT_BYTES: usize = 512;

/// Every entry of the cluster. Blocks.
///
/// librdkafka 2.12 drops the broker's refusal of this request and answers with an empty list, so an
/// empty one means nothing until [`probe`] has said what it means.
pub(super) fn describe(
    client: &Client<LogContext>,
    timeout: Duration,
) -> Result<Vec<Acl>, KafkaError> {
    let everything = Entry::filter(None)?;
    let request = Request::new(
        client,
        AdminOperation::RD_KAFKA_ADMIN_OP_DESCRIBEACLS,
        timeout,
    )?;
    // SAFETY: client, filter, options and queue live until the answer has come; the filter is copied.
    unsafe {
        sys::rd_kafka_DescribeAcls(
            client.native_ptr(),
            everything.0.as_ptr(),
            request.options.0.as_ptr(),
            request.queue.0.as_ptr(),
        );
    }
    let answer = request.answer(timeout)?;
    let mut count = 0;
    // SAFETY: the answer is of the kind asked for, or librdkafka answers null, which is no entries.
    // The array and its entries belong to the answer, which outlives the copies made of them here.
    unsafe {
        let result = sys::rd_kafka_event_DescribeAcls_result(answer.0.as_ptr());
        let entries = sys::rd_kafka_DescribeAcls_result_acls(
            non_null(result.cast_mut(), "answer to DescribeAcls")?.as_ptr(),
            &raw mut count,
        );
        Ok((0..count)
            .map(|index| Entry::copied(*entries.add(index)))
            .collect())
    }
}

/// Adds entries; one that is there already stays as it is. Blocks.
pub(super) fn create(
    client: &Client<LogContext>,
    acls: &[Acl],
    timeout: Duration,
) -> Result<(), KafkaError> {
    let entries: Vec<Entry> = acls.iter().map(Entry::binding).collect::<Result<_, _>>()?;
    let mut pointers: Vec<_> = entries.iter().map(|entry| entry.0.as_ptr()).collect();
    let request = Request::new(
        client,
        AdminOperation::RD_KAFKA_ADMIN_OP_CREATEACLS,
        timeout,
    )?;
    // SAFETY: as in `describe`; the array is only read, for its true length.
    unsafe {
        sys::rd_kafka_CreateAcls(
            client.native_ptr(),
            pointers.as_mut_ptr(),
            pointers.len(),
            request.options.0.as_ptr(),
            request.queue.0.as_ptr(),
        );
    }
    let answer = request.answer(timeout)?;
    let mut count = 0;
    // SAFETY: as in `describe`; one result for each entry sent, owned by the answer.
    unsafe {
        let result = sys::rd_kafka_event_CreateAcls_result(answer.0.as_ptr());
        let results = sys::rd_kafka_CreateAcls_result_acls(
            non_null(result.cast_mut(), "answer to CreateAcls")?.as_ptr(),
            &raw mut count,
        );
        (0..count)
            .try_for_each(|index| checked(sys::rd_kafka_acl_result_error(*results.add(index))))
    }
}

/// Removes exactly these entries. Blocks.
pub(super) fn delete(
    client: &Client<LogContext>,
    acls: &[Acl],
    timeout: Duration,
) -> Result<(), KafkaError> {
    let filters: Vec<Entry> = acls
        .iter()
        .map(|acl| Entry::filter(Some(acl)))
        .collect::<Result<_, _>>()?;
    let mut pointers: Vec<_> = filters.iter().map(|entry| entry.0.as_ptr()).collect();
    let request = Request::new(
        client,
        AdminOperation::RD_KAFKA_ADMIN_OP_DELETEACLS,
        timeout,
    )?;
    // SAFETY: as in `create`.
    unsafe {
        sys::rd_kafka_DeleteAcls(
            client.native_ptr(),
            pointers.as_mut_ptr(),
            pointers.len(),
            request.options.0.as_ptr(),
            request.queue.0.as_ptr(),
        );
    }
    let answer = request.answer(timeout)?;
    let mut count = 0;
    // SAFETY: as in `create`; one response for each filter sent.
    unsafe {
        let result = sys::rd_kafka_event_DeleteAcls_result(answer.0.as_ptr());
        let responses = sys::rd_kafka_DeleteAcls_result_responses(
            non_null(result.cast_mut(), "answer to DeleteAcls")?.as_ptr(),
            &raw mut count,
        );
        (0..count).try_for_each(|index| {
            checked(sys::rd_kafka_DeleteAcls_result_response_error(
                *responses.add(index),
            ))
        })
    }
}

/// What an empty list means: `Ok` that there are none, an error that there is no authorizer
/// ([`SecurityDisabled`](Code::SecurityDisabled)) or that we may not know.
///
/// It asks to remove an entry about a topic whose name no topic can have: of the requests about ACLs
/// whose refusal librdkafka passes on, it is the one that changes nothing.
pub(super) fn probe(client: &Client<LogContext>, timeout: Duration) -> Result<(), KafkaError> {
    let nobody = Acl::allow("User:/", Operation::Describe, ResourceKind::Topic, "/");
    delete(client, &[nobody], timeout)
}

/// # Safety
/// Null, or an error that is alive.
unsafe fn checked(error: *const sys::rd_kafka_error_t) -> Result<(), KafkaError> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the caller vouches for it.
    match unsafe { sys::rd_kafka_error_code(error) } {
        sys::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
        code => Err(KafkaError::AdminOp(Code::from(code))),
    }
}

fn non_null<T>(pointer: *mut T, what: &str) -> Result<NonNull<T>, KafkaError> {
    NonNull::new(pointer)
        .ok_or_else(|| KafkaError::AdminOpCreation(format!("librdkafka did not make {what}")))
}
