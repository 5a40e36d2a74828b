//! What every wire type has in common.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};

use crate::codec::{Codec, DecodeError, EncodeError};

/// A type with an Avro schema, carried on one or more topics.
pub trait Message: Serialize + DeserializeOwned + Clone + Sized + 'static {
    /// The record's name in its schema, and its folder's name under `avro/`.
    const NAME: &'static str;

    /// The codec of this type, built on first use from the schemas in [`crate::released`].
    fn codec() -> &'static Codec<Self>;

    /// Makes a value fit for the wire: cuts what may be cut, refuses what may not.
    fn prepare(&self) -> Result<Cow<'_, Self>, EncodeError> {
        Ok(Cow::Borrowed(self))
    }

    /// Refuses a value that was decoded but is larger than anything we would ever write.
    fn admit(&self) -> Result<(), DecodeError> {
        Ok(())
    }
}
