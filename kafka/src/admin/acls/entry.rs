//! An entry as librdkafka has it: a binding, or a filter for bindings.

use std::ffi::{CStr, CString, NulError, c_char};
use std::ptr::{self, NonNull};

use rdkafka::error::KafkaError;
use rdkafka_sys as sys;

use super::super::acl::Acl;
use super::words::{
    Pattern, Permission, SysKind, SysOperation, kind_of, operation_of, pattern, permission,
    sys_kind, sys_operation,
};
use super::{ERROR_TEXT_BYTES, non_null};

guard!(Entry, rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy);

impl Entry {
    pub(super) fn binding(acl: &Acl) -> Result<Self, KafkaError> {
        Self::new(Some(acl), sys::rd_kafka_AclBinding_new)
    }

    /// Matches exactly this entry; without one, every entry.
    pub(super) fn filter(acl: Option<&Acl>) -> Result<Self, KafkaError> {
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

    /// A copy of an entry.
    ///
    /// # Safety
    /// The entry must be alive. librdkafka has replaced values that its enums do not know by `UNKNOWN`.
    pub(super) unsafe fn copied(entry: *const sys::rd_kafka_AclBinding_t) -> Acl {
        // SAFETY: the caller vouches for the entry, which owns the strings copied here.
        unsafe {
            Acl {
                kind: kind_of(sys::rd_kafka_AclBinding_restype(entry)),
                name: text_of(sys::rd_kafka_AclBinding_name(entry)),
                prefixed: sys::rd_kafka_AclBinding_resource_pattern_type(entry)
                    == Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
                principal: text_of(sys::rd_kafka_AclBinding_principal(entry)),
                host: text_of(sys::rd_kafka_AclBinding_host(entry)),
                operation: operation_of(sys::rd_kafka_AclBinding_operation(entry)),
                allowed: sys::rd_kafka_AclBinding_permission_type(entry)
                    == Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            }
        }
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

/// # Safety
/// Null, or a string that ends with a zero and is alive.
unsafe fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches for it.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

fn c_string(text: &str) -> Result<CString, KafkaError> {
    CString::new(text).map_err(|error: NulError| KafkaError::AdminOpCreation(error.to_string()))
}
