//! Moves the bytes of one connection.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Way,
    state::{Connection, Shared},
};

/// Bytes that are read at once.
const BLOCK: usize = 64 * 1024;

/// The same on a narrow line: about a packet, so that connections take turns.
const PACKET: usize = 1460;

/// Blocks that may be under way in one direction of a connection.
const UNDER_WAY: usize = 32;

/// Bytes on their way; none for the end of the stream.
struct Parcel {
    due: Instant,
    bytes: Bytes,
}

/// How the moving ended.
enum End {
    /// Both sides closed in order.
    Closed,
    /// The line was cut.
    Cut,
    /// One side reset or can't be reached.
    Failed,
}

/// Serves one connection until its end.
pub(super) async fn connection(mut client: TcpStream, server: SocketAddr, shared: Arc<Shared>) {
    let connection = shared.open();
    let accepted = Instant::now();
    let Ok(mut server) = TcpStream::connect(server).await else {
        let _ = client.set_zero_linger();
        drop(client);
        connection.close(false);
        return;
    };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let both = async {
            tokio::try_join!(
                pump(&connection, Way::ToServer, from_client, to_server, accepted),
                pump(&connection, Way::ToClient, from_server, to_client, accepted),
            )
        };
        tokio::select! {
            biased;
            () = connection.until_cut() => End::Cut,
            moved = both => match moved {
                Ok(_) => End::Closed,
                Err(Stop::Cut) => End::Cut,
                Err(Stop::Failed) => End::Failed,
            },
        }
    };
    if !matches!(end, End::Closed) {
        // Closing a socket that lingers for no time sends RST. Where one side reset, the other learns it likewise.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
    drop((client, server));
    connection.close(matches!(end, End::Cut));
}

/// Why a direction stops before its end.
enum Stop {
    Cut,
    Failed,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Failed
    }
}

async fn pump(
    connection: &Connection,
    way: Way,
    from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    accepted: Instant,
) -> Result<(), Stop> {
    let (parcels, arriving) = mpsc::channel(UNDER_WAY);
    tokio::try_join!(
        take(connection.shared(), way, from, parcels, accepted),
        deliver(connection, way, to, arriving),
    )?;
    Ok(())
}

/// Reads from one end, as fast as the line is wide.
async fn take(
    shared: &Shared,
    way: Way,
    mut from: ReadHalf<'_>,
    parcels: mpsc::Sender<Parcel>,
    accepted: Instant,
) -> Result<(), Stop> {
    let mut block = vec![0; BLOCK];
    let rules = shared.rules();
    loop {
        let most = rules.borrow().rate[way.index()].map_or(BLOCK, |_| PACKET);
        let read = from.read(&mut block[..most]).await?;
        // Once more: the line may have changed while there was nothing to read.
        let (round_trip, rate) = {
            let rules = rules.borrow();
            (rules.round_trip, rules.rate[way.index()])
        };
        if let Some(rate) = rate.filter(|_| read > 0) {
            sleep_until(shared.reserve(way, read, rate)).await;
        }
        let parcel = Parcel {
            due: due(way, Instant::now(), accepted, round_trip),
            bytes: Bytes::copy_from_slice(&block[..read]),
        };
        if parcels.send(parcel).await.is_err() || read == 0 {
            return Ok(());
        }
    }
}

/// When bytes that set out now are at the other end.
fn due(way: Way, now: Instant, accepted: Instant, round_trip: Duration) -> Instant {
    let start = match way {
        // The client could send only after the handshake, which the kernel did in no time.
        Way::ToServer => now.max(accepted + round_trip),
        Way::ToClient => now,
    };
    start + round_trip / 2
}

/// Hands over at the other end what is due.
async fn deliver(
    connection: &Connection,
    way: Way,
    mut to: WriteHalf<'_>,
    mut parcels: mpsc::Receiver<Parcel>,
) -> Result<(), Stop> {
    let mut rules = connection.shared().rules();
    while let Some(Parcel { due, bytes }) = parcels.recv().await {
        if due > Instant::now() {
            sleep_until(due).await;
        }
        if rules.wait_for(|rules| !rules.held[way.index()]).await.is_err() {
            return Err(Stop::Failed);
        }
        if connection.loses(way, bytes.len()) {
            continue;
        }
        if bytes.is_empty() {
            to.shutdown().await?;
            continue;
        }
        let cut = connection.cut_within(way, bytes.len());
        let passing = &bytes[..cut.unwrap_or(bytes.len())];
        to.write_all(passing).await?;
        connection.pass(way, passing.len());
        if cut.is_some() {
            return Err(Stop::Cut);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_its_reply_take_a_round_trip_and_the_first_one_more() {
        let accepted = Instant::now();
        let round_trip = Duration::from_millis(200);
        let there = due(Way::ToServer, accepted, accepted, round_trip);
        let back = due(Way::ToClient, there, accepted, round_trip);
        assert_eq!(back - accepted, 2 * round_trip);
        let there = due(Way::ToServer, back, accepted, round_trip);
        assert_eq!(due(Way::ToClient, there, accepted, round_trip) - back, round_trip);
    }
}
