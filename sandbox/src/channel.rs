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

/// Bytes, and the descriptors that came with them.
pub(crate) type Message = (Vec<u8>, Vec<OwnedFd>);

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

    /// Waits for a message, unless told not to, and tells its length.
    fn next_length(&self, wait: RecvFlags) -> io::Result<usize> {
        let flags = RecvFlags::PEEK | RecvFlags::TRUNC | wait;
        let (_, length) =
            rustix::io::retry_on_intr(|| rustix::net::recv(&self.socket, &mut [0; 1], flags))?;
        Ok(length)
    }

    /// Waits for one message; `None` when the other end is gone.
    pub(crate) fn receive(&self) -> io::Result<Option<Message>> {
        self.receive_with(RecvFlags::empty())
    }

    /// Takes a message that is already there; `None` also when there is none.
    pub(crate) fn receive_now(&self) -> io::Result<Option<Message>> {
        match self.receive_with(RecvFlags::DONTWAIT) {
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Ok(None),
                // The other end went without reading what we sent. The kernel tells that once, and then what it said.
                io::ErrorKind::ConnectionReset => self.receive_now(),
                _ => Err(error),
            },
            result => result,
        }
    }

    fn receive_with(&self, wait: RecvFlags) -> io::Result<Option<Message>> {
        let mut message = vec![0; self.next_length(wait)?];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = rustix::io::retry_on_intr(|| {
            rustix::net::recvmsg(
                &self.socket,
                &mut [IoSliceMut::new(&mut message)],
                &mut ancillary,
                RecvFlags::CMSG_CLOEXEC,
            )
        })?;
        let mut fds = Vec::new();
        for one in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(received) = one {
                fds.extend(received);
            }
        }
        if received
            .flags
            .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
        {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        message.truncate(received.bytes);
        Ok((!message.is_empty()).then_some((message, fds)))
    }
}
