//! Runs a server of the tests beside them, on a thread and a runtime of its own, so that a test may block, use
//! another runtime or none.

use std::{future::Future, thread::JoinHandle};

use tokio::sync::oneshot;

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
