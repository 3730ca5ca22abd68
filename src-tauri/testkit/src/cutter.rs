//! A line between a client and a server, as a TCP proxy on loopback, that does what lines in the field do: it is cut,
//! stalls, is slow or narrow, loses one direction, or is not there at all.
//!
//! The server may be anything that speaks TCP: PostgreSQL, the fake storage. Every control takes effect at once, on
//! connections that are open as well as on later ones, and what passed is counted, so that a test waits for events
//! ([`Cutter::until`]) and never for time.
//!
//! Limits of the imitation: TCP itself is the kernel's, so there is no slow start and no lost packet. A round-trip
//! time delays the bytes of both ways by half of it and the first bytes of a connection by one more, for the
//! handshake. One connection has at most about 2 MiB under way.

mod pump;
mod state;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc as std_mpsc},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::mpsc,
};

use crate::aside::Aside;
use state::Shared;
pub use state::Tally;

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the client to the server: requests.
    ToServer,
    /// From the server to the client: replies.
    ToClient,
}

/// A running proxy; dropping it resets every connection and stops it.
pub struct Cutter {
    shared: Arc<Shared>,
    address: SocketAddr,
    door: mpsc::UnboundedSender<Door>,
    _server: Aside,
}

/// An order to the listener, with whom to tell that it was done.
enum Door {
    Shut(std_mpsc::Sender<()>),
    Open(std_mpsc::Sender<()>),
}

impl Cutter {
    /// Stands in front of a server, on a free port, and lets everything pass.
    pub fn before(server: SocketAddr) -> Self {
        Self::on(Arc::new(Shared::new()), server)
    }

    /// A second server at the other end of the same line, on a port of its own: width, delay, stalls, losses and cuts are
    /// one for both, whichever of the two is told, and so is the tally. Only a refusal is of one port alone, though it
    /// resets the connections of both.
    pub fn beside(&self, server: SocketAddr) -> Self {
        Self::on(Arc::clone(&self.shared), server)
    }

    fn on(shared: Arc<Shared>, server: SocketAddr) -> Self {
        let place = Place::take();
        let address = place.address;
        let (door, orders) = mpsc::unbounded_channel();
        let of_server = Arc::clone(&shared);
        let (ready, is_ready) = std_mpsc::channel();
        let aside = Aside::run("cutter", move || listen(place, server, of_server, orders, ready));
        // It fails only if the thread died, and then the first connection says so.
        let _ = is_ready.recv();
        Self {
            shared,
            address,
            door,
            _server: aside,
        }
    }

    /// Where clients connect: 127.0.0.1 and a port that stays the same, also while connections are refused.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same for HTTP: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes the line this long; zero for none.
    pub fn delay(&self, round_trip: Duration) {
        self.shared.rule(|rules| rules.round_trip = round_trip);
    }

    /// Makes the line this narrow in one direction, in bits per second shared by all connections; `None` for no limit.
    ///
    /// # Panics
    /// If the limit is 0: [`Cutter::hold`] is that.
    pub fn limit(&self, way: Way, bits_per_second: Option<u64>) {
        assert_ne!(bits_per_second, Some(0), "a line of no width is `hold`");
        self.shared
            .rule(|rules| rules.rate[way.index()] = bits_per_second);
    }

    /// Stalls a direction: its bytes wait until [`Cutter::heal`], and none is lost.
    pub fn hold(&self, way: Way) {
        self.shared.rule(|rules| rules.held[way.index()] = true);
    }

    /// Loses a direction: its sender goes on undisturbed, but nothing arrives until [`Cutter::heal`].
    pub fn lose(&self, way: Way) {
        self.shared.rule(|rules| rules.lost[way.index()] = true);
    }

    /// Resets every open connection, at both ends, and gives their number. New ones pass.
    pub fn cut(&self) -> usize {
        self.shared.cut_all()
    }

    /// Resets the next new connection once `bytes` of it have passed in a direction; with 0, instead of passing on the
    /// first ones. Several such orders are for one new connection each, in their sequence.
    pub fn cut_next(&self, way: Way, bytes: u64) {
        self.shared.trap_next(way, bytes);
    }

    /// Resets the first connection, open or new, over which `bytes` more have passed in a direction from now on; with 0,
    /// instead of passing on the next ones. `cut_after(Way::ToServer, 0)` is a cut before sending;
    /// `cut_after(Way::ToClient, 0)` is one after the server did its work and before the client learns of it. Each
    /// order cuts one connection.
    pub fn cut_after(&self, way: Way, bytes: u64) {
        self.shared.trap_any(way, bytes);
    }

    /// The network goes away: open connections are reset, new ones refused. It is so when this returns.
    pub fn refuse(&self) {
        self.tell_door(Door::Shut);
        self.shared.cut_all();
    }

    /// The network comes back: new connections pass. It is so when this returns.
    pub fn accept(&self) {
        self.tell_door(Door::Open);
    }

    /// Undoes [`delay`](Self::delay), [`limit`](Self::limit), [`hold`](Self::hold), [`lose`](Self::lose) and forgets
    /// cuts that have not come yet. Connections that lost bytes are reset, since they can't be whole again.
    pub fn heal(&self) {
        self.shared.heal();
    }

    /// What has happened so far.
    pub fn tally(&self) -> Tally {
        self.shared.tally()
    }

    /// Returns what has happened once `condition` holds for it.
    pub async fn until(&self, condition: impl FnMut(&Tally) -> bool) -> Tally {
        self.shared.until(condition).await
    }

    /// Returns once this many connections arrived since the start.
    pub async fn until_connected(&self, connections: u64) {
        self.until(|tally| tally.connections >= connections).await;
    }

    /// Returns once this many bytes passed in a direction since the start, over all connections.
    pub async fn until_passed(&self, way: Way, bytes: u64) {
        self.until(|tally| tally.passed(way) >= bytes).await;
    }

    /// Returns once this many bytes were lost in a direction since the start, over all connections.
    pub async fn until_lost(&self, way: Way, bytes: u64) {
        self.until(|tally| tally.lost(way) >= bytes).await;
    }

    fn tell_door(&self, order: impl FnOnce(std_mpsc::Sender<()>) -> Door) {
        let (done, is_done) = std_mpsc::channel();
        if self.door.send(order(done)).is_ok() {
            // It answers from its own thread without waiting for anybody.
            let _ = is_done.recv();
        }
    }
}

impl fmt::Debug for Cutter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Cutter");
        out.field("address", &self.address)
            .field("tally", &self.tally())
            .finish()
    }
}

impl Way {
    fn index(self) -> usize {
        match self {
            Self::ToServer => 0,
            Self::ToClient => 1,
        }
    }
}

/// A port that stays ours while nobody listens on it.
struct Place {
    address: SocketAddr,
    /// Bound and never listening: connecting is refused, and no other process can take the port.
    #[cfg(unix)]
    _keeper: TcpSocket,
}

impl Place {
    fn take() -> Self {
        let keeper = bound((Ipv4Addr::LOCALHOST, 0).into());
        Self {
            address: keeper.local_addr().expect("a bound socket has an address"),
            #[cfg(unix)]
            _keeper: keeper,
        }
    }

    fn listen(&self) -> TcpListener {
        bound(self.address).listen(1024).expect("a listener")
    }
}

fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    #[cfg(unix)]
    socket
        .set_reuseport(true)
        .expect("a port for two sockets of ours");
    socket.bind(address).expect("a port on loopback");
    socket
}

async fn listen(
    place: Place,
    server: SocketAddr,
    shared: Arc<Shared>,
    mut orders: mpsc::UnboundedReceiver<Door>,
    ready: std_mpsc::Sender<()>,
) {
    let mut listener = Some(place.listen());
    let _ = ready.send(());
    loop {
        let arrival = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // First, so that no connection that waits slips in after the order.
            biased;
            order = orders.recv() => match order {
                Some(Door::Shut(done)) => {
                    listener = None;
                    let _ = done.send(());
                }
                Some(Door::Open(done)) => {
                    listener.get_or_insert_with(|| place.listen());
                    let _ = done.send(());
                }
                None => return,
            },
            arrival = arrival => match arrival {
                Ok((client, _)) => drop(tokio::spawn(pump::connection(client, server, Arc::clone(&shared)))),
                Err(_) => tokio::task::yield_now().await,
            },
        }
    }
}
