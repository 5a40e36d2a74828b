//! Numbers, bytes and lists as bytes, for messages between two processes of the same binary.

use std::ffi::{CStr, CString, OsString};
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

    pub(crate) fn c_string(&mut self, text: &CStr) {
        self.bytes(text.to_bytes_with_nul());
    }

    pub(crate) fn c_strings(&mut self, texts: &[CString]) {
        let length: usize = texts.iter().map(|text| text.count_bytes() + 1).sum();
        self.number(length as u64);
        for text in texts {
            self.0.extend(text.to_bytes_with_nul());
        }
    }

    pub(crate) fn list<'a>(&mut self, list: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.number(list.len() as u64);
        list.for_each(|one| self.bytes(one));
    }
}

pub(crate) struct Decoder<'a>(pub(crate) &'a [u8]);

/// Strings that lie in a message one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CStrings<'a>(&'a [u8]);

impl<'a> Iterator for CStrings<'a> {
    type Item = &'a CStr;

    fn next(&mut self) -> Option<&'a CStr> {
        let text = CStr::from_bytes_until_nul(self.0).ok()?;
        self.0 = &self.0[text.count_bytes() + 1..];
        Some(text)
    }
}

impl<'a> Decoder<'a> {
    pub(crate) fn number(&mut self) -> io::Result<u64> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(invalid)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    fn slice(&mut self) -> io::Result<&'a [u8]> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn bytes(&mut self) -> io::Result<Vec<u8>> {
        self.slice().map(<[u8]>::to_vec)
    }

    pub(crate) fn c_string(&mut self) -> io::Result<&'a CStr> {
        CStr::from_bytes_with_nul(self.slice()?).map_err(|_| invalid())
    }

    pub(crate) fn c_strings(&mut self) -> io::Result<CStrings<'a>> {
        let texts = self.slice()?;
        match texts.last() {
            None | Some(0) => Ok(CStrings(texts)),
            Some(_) => Err(invalid()),
        }
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
