//! The cluster's ACLs: reading, making and removing them.
//!
//! rust-rdkafka wraps no call for ACLs, so this file calls librdkafka itself: it is the second of the
//! crate's two places with `unsafe`. Every C object is owned by a guard that frees it once, every request
//! waits for its one answer on a queue of its own, and plain [`Acl`] values are all that leaves.

#![expect(unsafe_code, reason = "rust-rdkafka wraps no call for ACLs")]

mod words;

use std::ffi::{CStr, CString, NulError, c_char, c_int};
use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka_sys as sys;
use rdkafka_sys::RDKafkaErrorCode as Code;
use sys::rd_kafka_admin_op_t as AdminOperation;

use super::acl::{Acl, Operation, ResourceKind};
use crate::client::LogContext;
use words::{
    Pattern, Permission, SysKind, SysOperation, kind_of, operation_of, pattern, permission,
    sys_kind, sys_operation,
};

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
            .map(|index| acl_of(*entries.add(index)))
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
/// ([`RDKafkaErrorCode::SecurityDisabled`]) or that we may not know.
///
/// It asks to remove an entry about a topic whose name no topic can have: of the requests about ACLs
/// whose refusal librdkafka passes on, it is the one that changes nothing.
pub(super) fn probe(client: &Client<LogContext>, timeout: Duration) -> Result<(), KafkaError> {
    let nobody = Acl::allow("User:/", Operation::Describe, ResourceKind::Topic, "/");
    delete(client, &[nobody], timeout)
}

/// One request: its options, and a queue for its answer alone.
struct Request {
    options: Options,
    queue: Queue,
}

impl Request {
    fn new(
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
    fn answer(&self, timeout: Duration) -> Result<Answer, KafkaError> {
        let patience = timeout + Duration::from_secs(1);
        let patience_ms = c_int::try_from(patience.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: the queue is ours and alive; the event taken from it is owned by its guard.
        unsafe {
            let event = sys::rd_kafka_queue_poll(self.queue.0.as_ptr(), patience_ms);
            let timed_out = KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut);
            let answer = Answer(NonNull::new(event).ok_or(timed_out)?);
            match sys::rd_kafka_event_error(answer.0.as_ptr()) {
                sys::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(answer),
                error => Err(KafkaError::AdminOp(Code::from(error))),
            }
        }
    }
}

/// Owns a C object and frees it with the function that librdkafka has for it.
macro_rules! guard {
    ($name:ident, $object:ident, $free:ident) => {
        struct $name(NonNull<sys::$object>);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the guard alone owns the object, and nothing that points into it outlives it.
                unsafe { sys::$free(self.0.as_ptr()) }
            }
        }
    };
}

guard!(
    Options,
    rd_kafka_AdminOptions_t,
    rd_kafka_AdminOptions_destroy
);
guard!(Queue, rd_kafka_queue_t, rd_kafka_queue_destroy);
guard!(Answer, rd_kafka_event_t, rd_kafka_event_destroy);
guard!(Entry, rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy);

impl Entry {
    fn binding(acl: &Acl) -> Result<Self, KafkaError> {
        Self::new(Some(acl), sys::rd_kafka_AclBinding_new)
    }

    /// Matches exactly this entry; without one, every entry.
    fn filter(acl: Option<&Acl>) -> Result<Self, KafkaError> {
        Self::new(acl, sys::rd_kafka_AclBindingFilter_new)
    }

    fn new(acl: Option<&Acl>, make: Make) -> Result<Self, KafkaError> {
        let text = |field: fn(&Acl) -> &str| acl.map(|acl| c_string(field(acl))).transpose();
        let (name, principal, host) = (
            text(|acl| &acl.name)?,
            text(|acl| &acl.principal)?,
            text(|acl| &acl.host)?,
        );
        let pointer = |text: &Option<CString>| text.as_deref().map_or(ptr::null(), CStr::as_ptr);
        let mut why = [0; ERROR_TEXT_BYTES];
        // SAFETY: the strings end with a zero and live through the call, which copies them; null is
        // "any" to a filter, and a binding is only made from an entry, so has none; the buffer is as
        // long as is said.
        let made = unsafe {
            make(
                acl.map_or(SysKind::RD_KAFKA_RESOURCE_ANY, |acl| sys_kind(acl.kind)),
                pointer(&name),
                acl.map_or(Pattern::RD_KAFKA_RESOURCE_PATTERN_ANY, pattern),
                pointer(&principal),
                pointer(&host),
                acl.map_or(SysOperation::RD_KAFKA_ACL_OPERATION_ANY, |acl| {
                    sys_operation(acl.operation)
                }),
                acl.map_or(Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ANY, permission),
                why.as_mut_ptr(),
                why.len(),
            )
        };
        Ok(Self(non_null(made, "an ACL with these values")?))
    }
}

/// librdkafka's two constructors have one signature.
type Make = unsafe extern "C" fn(
    SysKind,
    *const c_char,
    Pattern,
    *const c_char,
    *const c_char,
    SysOperation,
    Permission,
    *mut c_char,
    usize,
) -> *mut sys::rd_kafka_AclBinding_t;

/// A copy of an entry.
///
/// # Safety
/// The entry must be alive. librdkafka has replaced values that its enums do not know by `UNKNOWN`.
unsafe fn acl_of(entry: *const sys::rd_kafka_AclBinding_t) -> Acl {
    // SAFETY: the caller vouches for the entry, which owns the strings copied here.
    unsafe {
        Acl {
            kind: kind_of(sys::rd_kafka_AclBinding_restype(entry)),
            name: copied(sys::rd_kafka_AclBinding_name(entry)),
            prefixed: sys::rd_kafka_AclBinding_resource_pattern_type(entry)
                == Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
            principal: copied(sys::rd_kafka_AclBinding_principal(entry)),
            host: copied(sys::rd_kafka_AclBinding_host(entry)),
            operation: operation_of(sys::rd_kafka_AclBinding_operation(entry)),
            allowed: sys::rd_kafka_AclBinding_permission_type(entry)
                == Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
        }
    }
}

/// # Safety
/// Null, or a string that ends with a zero and is alive.
unsafe fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches for it.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
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

fn c_string(text: &str) -> Result<CString, KafkaError> {
    CString::new(text).map_err(|error: NulError| KafkaError::AdminOpCreation(error.to_string()))
}
