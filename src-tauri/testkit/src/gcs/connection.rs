//! One connection, which can be reset at any moment.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
};

/// What can be done to a connection from the handling of a request.
pub(super) struct Line {
    cut: watch::Sender<bool>,
    reset: AtomicBool,
    /// Bytes written to the connection.
    written: watch::Sender<u64>,
}

impl Line {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            cut: watch::Sender::new(false),
            reset: AtomicBool::new(false),
            written: watch::Sender::new(0),
        })
    }

    /// Resets the connection: the client sees RST, not an orderly end.
    pub(super) fn cut(&self) {
        self.reset.store(true, Ordering::Release);
        self.cut.send_replace(true);
    }

    /// Returns when the connection is to be reset.
    pub(super) async fn until_cut(&self) {
        // The sender is in `self` and can't be gone.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }

    pub(super) fn written(&self) -> u64 {
        *self.written.borrow()
    }

    /// Returns when more than `bytes` were written.
    pub(super) async fn until_written(&self, bytes: u64) {
        let _ = self
            .written
            .subscribe()
            .wait_for(|written| *written > bytes)
            .await;
    }
}

/// The socket of a line.
pub(super) struct Wire {
    stream: TcpStream,
    line: Arc<Line>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, line: Arc<Line>) -> Self {
        Self { stream, line }
    }

    fn note(&self, written: usize) {
        self.line.written.send_modify(|all| *all += written as u64);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.reset.load(Ordering::Acquire) {
            // Closing a socket that lingers for no time sends RST.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.note(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices))?;
        self.note(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
