//! A TCP proxy that makes a line slow, dead or broken when it is told to.
//!
//! Services know a server only by the proxy's address. One task for each connection and direction copies bytes and looks at
//! the weather before it passes anything on, so a change reaches connections that are open already.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::plan::Trouble;

/// Bytes passed on at a time.
const CHUNK: usize = 64 << 10;

/// A line to one server; dropping it breaks it.
pub(super) struct Proxy {
    port: u16,
    trouble: watch::Sender<Option<Trouble>>,
    cuts: broadcast::Sender<Cut>,
    accepting: JoinHandle<()>,
}

/// Resets the connections whose number it divides.
#[derive(Clone, Copy, Debug)]
struct Cut {
    one_in: u64,
}

impl Proxy {
    /// Listens on a free port for clients of the server on that port.
    pub(super) async fn open(server: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("failed to listen for the proxy")?;
        let port = listener.local_addr()?.port();
        let (trouble, present) = watch::channel(None);
        let (cuts, _) = broadcast::channel(16);
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, server));
        let accepting = tokio::spawn(accept(listener, server, present, cuts.clone()));
        Ok(Self {
            port,
            trouble,
            cuts,
            accepting,
        })
    }

    /// Where clients are to connect.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// From now on this, or nothing more.
    pub(super) fn set(&self, trouble: Option<Trouble>) {
        self.trouble.send_replace(trouble);
        if trouble == Some(Trouble::Refuse) {
            self.cut(1);
        }
    }

    /// Resets one in so many connections, now.
    pub(super) fn cut(&self, one_in: u64) {
        // With no connection there is nothing to cut.
        let _ = self.cuts.send(Cut { one_in });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut(1);
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    trouble: watch::Receiver<Option<Trouble>>,
    cuts: broadcast::Sender<Cut>,
) {
    let mut number = 0;
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors for a moment: others close theirs.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        if *trouble.borrow() == Some(Trouble::Refuse) {
            reset(&client);
            continue;
        }
        number += 1;
        let cuts = Cuts {
            number,
            heard: cuts.subscribe(),
        };
        tokio::spawn(connect(client, server, trouble.clone(), cuts));
    }
}

/// What one connection hears of the cuts.
struct Cuts {
    number: u64,
    heard: broadcast::Receiver<Cut>,
}

impl Cuts {
    /// Returns when this connection is to be reset.
    async fn come(&mut self) {
        loop {
            match self.heard.recv().await {
                Ok(cut) if !self.number.is_multiple_of(cut.one_in) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Ok(_) | Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }
}

/// Passes on what the two say until one of them ends it or it is cut.
async fn connect(
    mut client: TcpStream,
    server: SocketAddr,
    trouble: watch::Receiver<Option<Trouble>>,
    mut cuts: Cuts,
) {
    let connected = TcpStream::connect(server).await;
    let Ok(mut server) = connected else {
        reset(&client);
        return;
    };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let cut = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            _ = pass_on(from_client, to_server, trouble.clone()) => false,
            _ = pass_on(from_server, to_client, trouble) => false,
            () = cuts.come() => true,
        }
    };
    if cut {
        reset(&client);
        reset(&server);
    }
}

async fn pass_on(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut trouble: watch::Receiver<Option<Trouble>>,
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        pass_through(&mut trouble).await;
        to.write_all(&chunk[..length]).await?;
    }
}

/// Takes as long as the line does at present.
async fn pass_through(trouble: &mut watch::Receiver<Option<Trouble>>) {
    loop {
        let present = *trouble.borrow_and_update();
        match present {
            Some(Trouble::Stall) => {}
            Some(Trouble::Delay { by }) => break tokio::time::sleep(by).await,
            Some(Trouble::Refuse) | None => break,
        }
        if trouble.changed().await.is_err() {
            break;
        }
    }
}

/// The peer gets a RST, not an orderly end, when the stream is dropped.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use tokio::time::{Instant, timeout};

    /// Answers what it hears.
    async fn echo() -> anyhow::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        Ok(port)
    }

    async fn line() -> anyhow::Result<(Proxy, TcpStream)> {
        let proxy = Proxy::open(echo().await?).await?;
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
        answers(&mut client).await?;
        Ok((proxy, client))
    }

    async fn answers(client: &mut TcpStream) -> std::io::Result<()> {
        client.write_all(b"x").await?;
        client.read_exact(&mut [0]).await.map(drop)
    }

    #[tokio::test]
    async fn a_calm_line_passes_everything_on() -> anyhow::Result<()> {
        let (_proxy, mut client) = line().await?;
        let sent = vec![7; 3 * CHUNK];
        let mut heard = vec![0; sent.len()];
        let (mut read, mut write) = client.split();
        let (written, answered) = tokio::join!(write.write_all(&sent), read.read_exact(&mut heard));
        written?;
        answered?;
        assert_eq!(heard, sent);
        Ok(())
    }

    #[tokio::test]
    async fn a_stalled_line_passes_on_when_it_is_well_again() -> anyhow::Result<()> {
        let (proxy, mut client) = line().await?;
        proxy.set(Some(Trouble::Stall));
        client.write_all(b"x").await?;
        let heard = timeout(Duration::from_millis(100), client.read_exact(&mut [0])).await;
        assert!(heard.is_err(), "nothing passes");
        proxy.set(None);
        client.read_exact(&mut [0]).await?;
        Ok(())
    }

    #[tokio::test]
    async fn a_slow_line_passes_on_later() -> anyhow::Result<()> {
        let (proxy, mut client) = line().await?;
        let by = Duration::from_millis(60);
        proxy.set(Some(Trouble::Delay { by }));
        let started = Instant::now();
        answers(&mut client).await?;
        assert!(started.elapsed() >= by * 2, "both ways");
        Ok(())
    }

    #[tokio::test]
    async fn a_cut_resets_its_share_of_the_connections() -> anyhow::Result<()> {
        let (proxy, mut first) = line().await?;
        let mut second = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
        answers(&mut second).await?;
        proxy.cut(2);
        let error = second.read_exact(&mut [0]).await.err();
        assert_eq!(
            error.map(|error| error.kind()),
            Some(ErrorKind::ConnectionReset)
        );
        answers(&mut first).await?;
        Ok(())
    }

    #[tokio::test]
    async fn a_refusing_line_resets_all_there_are_and_all_that_come() -> anyhow::Result<()> {
        let (proxy, mut client) = line().await?;
        proxy.set(Some(Trouble::Refuse));
        assert!(client.read_exact(&mut [0]).await.is_err());
        let mut late = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
        assert!(late.read_exact(&mut [0]).await.is_err());
        proxy.set(None);
        let mut later = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
        answers(&mut later).await?;
        Ok(())
    }
}
