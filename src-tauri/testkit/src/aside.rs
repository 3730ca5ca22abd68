//! Runs a server of the tests beside them, on a thread and a runtime of its own, so that a test may block, use
//! another runtime or none.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, TcpListener},
    thread::JoinHandle,
};

use tokio::{net::TcpStream, sync::oneshot};

/// What a captive portal shows in place of whatever was asked for.
pub const PORTAL_PAGE: &str =
    "<!doctype html><title>Welcome</title><p>Please accept the terms of this network to go on.";

/// A port that was free a moment ago.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Takes connections for ever, each on a task of its own.
pub(crate) async fn accept<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    mut connection: impl FnMut(TcpStream) -> F,
) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener for this runtime");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(stream))),
            // The client is gone already, or there are too many files open and one has to be closed first.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// A running server. Dropping it ends every task of it and waits for that, so that its port is closed afterwards.
#[derive(Debug)]
pub(crate) struct Aside {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Aside {
    /// Starts what `serve` makes. `name` is what the thread is called.
    pub(crate) fn run<F: Future<Output = ()>>(
        name: &str,
        serve: impl FnOnce() -> F + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let body = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = serve() => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
        Self {
            stop: Some(stop),
            thread: Some(thread.expect("a thread")),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panicked in a test that fails anyway; a second panic here would hide the first.
            let _ = thread.join();
        }
    }
}
