//! Numbers, bytes and lists as bytes, for messages between two processes of the same binary.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;

#[derive(Default)]
pub(crate) struct Encoder(pub(crate) Vec<u8>);

impl Encoder {
    pub(crate) fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    pub(crate) fn list<'a>(&mut self, list: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.number(list.len() as u64);
        list.for_each(|one| self.bytes(one));
    }
}

pub(crate) struct Decoder<'a>(pub(crate) &'a [u8]);

impl Decoder<'_> {
    pub(crate) fn number(&mut self) -> io::Result<u64> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(invalid)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    pub(crate) fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = rest;
        Ok(bytes.to_vec())
    }

    pub(crate) fn list(&mut self) -> io::Result<Vec<OsString>> {
        let length = self.number()?;
        (0..length)
            .map(|_| Ok(OsString::from_vec(self.bytes()?)))
            .collect()
    }

    pub(crate) fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| invalid())
    }
}

pub(crate) fn invalid() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}
