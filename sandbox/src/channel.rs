//! Messages with descriptors over a `SOCK_SEQPACKET` pair: the line between a supervisor and its keeper.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

/// A message is one packet, and the kernel takes no larger ones without tuning.
pub(crate) const MESSAGE_MAX: usize = 128 * 1024;
/// Descriptors in one message.
pub(crate) const FDS_MAX: usize = 64;

/// What most messages are far below.
const SHORT: usize = 8 * 1024;

/// Descriptors that came with a message, in their order. They need no heap.
#[derive(Debug)]
pub(crate) struct Descriptors {
    fds: [Option<OwnedFd>; FDS_MAX],
    count: usize,
}

impl Descriptors {
    fn new() -> Descriptors {
        Descriptors {
            fds: [const { None }; FDS_MAX],
            count: 0,
        }
    }

    /// More than there is room for the kernel would have cut off.
    fn push(&mut self, fd: OwnedFd) {
        if let Some(place) = self.fds.get_mut(self.count) {
            *place = Some(fd);
            self.count += 1;
        }
    }

    /// How many came.
    pub(crate) fn received(&self) -> usize {
        self.count
    }
}

/// Takes them out.
impl Iterator for Descriptors {
    type Item = OwnedFd;

    fn next(&mut self) -> Option<OwnedFd> {
        self.fds.iter_mut().find_map(Option::take)
    }
}

/// A short message, and the descriptors that came with it.
pub(crate) type Message = (Vec<u8>, Descriptors);

/// One end of the line.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: OwnedFd,
}

impl From<OwnedFd> for Channel {
    fn from(socket: OwnedFd) -> Channel {
        Channel { socket }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Channel {
    /// Two connected ends, both closed on exec.
    pub(crate) fn pair() -> io::Result<(Channel, OwnedFd)> {
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Channel::from(ours), theirs))
    }

    /// Sends one message.
    pub(crate) fn send(&self, message: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        if message.len() > MESSAGE_MAX || fds.len() > FDS_MAX {
            return Err(io::Error::from(io::ErrorKind::ArgumentListTooLong));
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(fds));
        }
        // A dead peer is an error to be handled, not a signal to die of.
        rustix::net::sendmsg(
            &self.socket,
            &[IoSlice::new(message)],
            &mut ancillary,
            SendFlags::NOSIGNAL,
        )?;
        Ok(())
    }

    /// Waits for one short message; `None` when the other end is gone.
    pub(crate) fn receive(&self) -> io::Result<Option<Message>> {
        self.receive_short(RecvFlags::empty())
    }

    /// Takes a short message that is already there; `None` also when there is none.
    pub(crate) fn receive_now(&self) -> io::Result<Option<Message>> {
        match self.receive_short(RecvFlags::DONTWAIT) {
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Ok(None),
                // The other end went without reading what we sent. The kernel tells that once, and then what it said.
                io::ErrorKind::ConnectionReset => self.receive_now(),
                _ => Err(error),
            },
            result => result,
        }
    }

    fn receive_short(&self, wait: RecvFlags) -> io::Result<Option<Message>> {
        let mut buffer = [0; SHORT];
        let received = self.receive_with(&mut buffer, wait)?;
        Ok(received.map(|(length, fds)| (buffer[..length].to_vec(), fds)))
    }

    /// Waits for one message that fits into `buffer`, and tells its length; `None` when the other end is gone.
    pub(crate) fn receive_into(
        &self,
        buffer: &mut [u8],
    ) -> io::Result<Option<(usize, Descriptors)>> {
        self.receive_with(buffer, RecvFlags::empty())
    }

    fn receive_with(
        &self,
        buffer: &mut [u8],
        wait: RecvFlags,
    ) -> io::Result<Option<(usize, Descriptors)>> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC | wait;
        let received = rustix::io::retry_on_intr(|| {
            let parts = &mut [IoSliceMut::new(buffer)];
            rustix::net::recvmsg(&self.socket, parts, &mut ancillary, flags)
        })?;
        let mut fds = Descriptors::new();
        for one in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(received) = one {
                received.for_each(|fd| fds.push(fd));
            }
        }
        let cut = ReturnFlags::TRUNC | ReturnFlags::CTRUNC;
        if received.flags.intersects(cut) {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        Ok((received.bytes > 0).then_some((received.bytes, fds)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_does_not_fit_is_an_error_and_not_half_a_message() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel::from(theirs);
        let long = [7; SHORT + 1];
        theirs.send(&long, &[]).unwrap();
        assert!(ours.receive().is_err());
        theirs.send(&long, &[]).unwrap();
        let mut buffer = [0; SHORT + 1];
        assert_eq!(
            ours.receive_into(&mut buffer).unwrap().unwrap().0,
            SHORT + 1
        );
        assert_eq!(buffer, long);
        assert!(ours.receive_now().unwrap().is_none());
    }

    #[test]
    fn descriptors_arrive_in_their_order() {
        let (ours, theirs) = Channel::pair().unwrap();
        let (first, second) = rustix::pipe::pipe().unwrap();
        let sent = [first.as_fd(), second.as_fd()];
        Channel::from(theirs).send(b"m", &sent).unwrap();
        let (_, mut fds) = ours.receive().unwrap().unwrap();
        assert_eq!(fds.received(), 2);
        let (read, write) = (fds.next().unwrap(), fds.next().unwrap());
        assert!(fds.next().is_none());
        rustix::io::write(write, b"x").unwrap();
        assert_eq!(rustix::io::read(read, &mut [0; 2]).unwrap(), 1);
    }
}
