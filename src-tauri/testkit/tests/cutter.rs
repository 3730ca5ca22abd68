//! The line between a client and a server, with plain TCP and with the fake storage behind it.

#![expect(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::{io::ErrorKind, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use seekwell_testkit::{
    cutter::{Cutter, Way},
    gcs::{FakeGcs, Kind},
    web::{Answer, Web, WebError},
};

/// A server that a test plays itself, and the line to it.
struct Pair {
    listener: TcpListener,
    cutter: Cutter,
}

impl Pair {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cutter = Cutter::before(listener.local_addr().unwrap());
        Self { listener, cutter }
    }

    /// Both ends of a new connection.
    async fn connect(&self) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(self.cutter.address()).await.unwrap();
        let (server, _) = self.listener.accept().await.unwrap();
        (client, server)
    }
}

/// Everything until the end, and how it ended.
async fn read_out(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    (bytes, end.err().map(|error| error.kind()))
}

const RESET: Option<ErrorKind> = Some(ErrorKind::ConnectionReset);

#[tokio::test]
async fn bytes_pass_in_both_ways_and_are_counted() {
    let pair = Pair::new().await;
    let (mut client, mut server) = pair.connect().await;
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(read_out(&mut server).await, (b"question".to_vec(), None));
    server.write_all(b"answer").await.unwrap();
    drop(server);
    assert_eq!(read_out(&mut client).await, (b"answer".to_vec(), None));
    let tally = pair.cutter.until(|tally| tally.open == 0).await;
    assert_eq!((tally.connections, tally.cut), (1, 0));
    assert_eq!((tally.passed(Way::ToServer), tally.passed(Way::ToClient)), (8, 6));
}

#[tokio::test]
async fn a_cut_resets_both_ends_and_later_connections_pass() {
    let pair = Pair::new().await;
    let (mut client, mut server) = pair.connect().await;
    assert_eq!(pair.cutter.cut(), 1);
    assert_eq!(read_out(&mut client).await.1, RESET);
    assert_eq!(read_out(&mut server).await.1, RESET);
    let (mut client, mut server) = pair.connect().await;
    client.write_all(b"again").await.unwrap();
    let mut bytes = [0; 5];
    server.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"again");
}

#[tokio::test]
async fn a_connection_is_cut_after_the_byte_that_was_named() {
    let pair = Pair::new().await;
    pair.cutter.cut_next(Way::ToServer, 5);
    let (mut client, mut server) = pair.connect().await;
    client.write_all(b"question").await.unwrap();
    assert_eq!(read_out(&mut server).await, (b"quest".to_vec(), RESET));
    assert_eq!(read_out(&mut client).await.1, RESET);

    pair.cutter.cut_next(Way::ToClient, 0);
    let (mut client, mut server) = pair.connect().await;
    client.write_all(b"question").await.unwrap();
    let mut bytes = [0; 8];
    server.read_exact(&mut bytes).await.unwrap();
    server.write_all(b"answer").await.unwrap();
    assert_eq!(read_out(&mut client).await, (Vec::new(), RESET));
    assert_eq!(pair.cutter.until(|tally| tally.open == 0).await.cut, 2);
}

#[tokio::test]
async fn a_cut_counts_from_the_order_and_meets_one_connection() {
    let pair = Pair::new().await;
    let (mut one, mut server_of_one) = pair.connect().await;
    one.write_all(b"before").await.unwrap();
    pair.cutter.until_passed(Way::ToServer, 6).await;
    pair.cutter.cut_after(Way::ToServer, 3);
    let (mut two, mut server_of_two) = pair.connect().await;
    two.write_all(b"ok").await.unwrap();
    pair.cutter.until_passed(Way::ToServer, 8).await;
    one.write_all(b"after").await.unwrap();
    assert_eq!(read_out(&mut server_of_one).await, (b"beforeaft".to_vec(), RESET));
    two.write_all(b"ay").await.unwrap();
    two.shutdown().await.unwrap();
    assert_eq!(read_out(&mut server_of_two).await, (b"okay".to_vec(), None));
}

#[tokio::test]
async fn what_is_held_comes_after_the_healing() {
    let pair = Pair::new().await;
    let (mut client, mut server) = pair.connect().await;
    pair.cutter.hold(Way::ToServer);
    client.write_all(b"late").await.unwrap();
    // The other way is free meanwhile.
    server.write_all(b"hello").await.unwrap();
    let mut bytes = [0; 5];
    client.read_exact(&mut bytes).await.unwrap();
    assert_eq!(pair.cutter.tally().passed(Way::ToServer), 0);
    pair.cutter.heal();
    client.shutdown().await.unwrap();
    assert_eq!(read_out(&mut server).await, (b"late".to_vec(), None));
}

#[tokio::test]
async fn what_is_lost_never_comes_and_its_connection_ends_with_the_healing() {
    let pair = Pair::new().await;
    let (mut client, mut server) = pair.connect().await;
    let (mut whole, mut server_of_whole) = pair.connect().await;
    pair.cutter.lose(Way::ToClient);
    client.write_all(b"question").await.unwrap();
    let mut bytes = [0; 8];
    server.read_exact(&mut bytes).await.unwrap();
    server.write_all(b"answer").await.unwrap();
    pair.cutter.until_lost(Way::ToClient, 6).await;
    pair.cutter.heal();
    assert_eq!(read_out(&mut client).await, (Vec::new(), RESET));
    whole.write_all(b"x").await.unwrap();
    whole.shutdown().await.unwrap();
    assert_eq!(read_out(&mut server_of_whole).await, (b"x".to_vec(), None));
}

#[tokio::test]
async fn a_network_that_is_gone_refuses_and_comes_back_at_the_same_address() {
    let pair = Pair::new().await;
    let (mut client, _server) = pair.connect().await;
    for _ in 0..3 {
        pair.cutter.refuse();
        let refused = TcpStream::connect(pair.cutter.address())
            .await
            .map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
        pair.cutter.accept();
        pair.connect().await;
    }
    assert_eq!(read_out(&mut client).await.1, RESET);
}

#[tokio::test]
async fn a_long_and_narrow_line_changes_no_byte() {
    let pair = Pair::new().await;
    pair.cutter.delay(Duration::from_millis(20));
    pair.cutter.limit(Way::ToServer, Some(8_000_000));
    let (mut client, mut server) = pair.connect().await;
    let sent: Vec<u8> = (0..50_000_u32)
        .map(|index| u8::try_from(index * 7 % 251).unwrap())
        .collect();
    client.write_all(&sent).await.unwrap();
    client.shutdown().await.unwrap();
    let (received, end) = read_out(&mut server).await;
    assert!(received == sent && end.is_none());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_reset() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let cutter = Cutter::before(nobody);
    // The reset may come before the client has noticed that it is connected.
    let end = match TcpStream::connect(cutter.address()).await {
        Ok(mut client) => read_out(&mut client).await.1,
        Err(error) => Some(error.kind()),
    };
    assert_eq!(end, RESET);
}

async fn create(cutter: &Cutter, web: &Web, bytes: &'static [u8]) -> Result<Answer, WebError> {
    let path = "/upload/storage/v1/b/clinic-images/o?uploadType=media&name=photo&ifGenerationMatch=0";
    let request = Request::builder()
        .method("POST")
        .uri(format!("{}{path}", cutter.url()));
    web.ask(request.body(Full::new(Bytes::from_static(bytes))).unwrap())
        .await
}

#[tokio::test]
async fn an_upload_is_cut_before_sending_in_its_middle_and_after_the_commit() {
    let gcs = FakeGcs::start();
    gcs.make_bucket("clinic-images");
    let cutter = Cutter::before(gcs.address());
    let web = Web::new();

    cutter.cut_after(Way::ToServer, 0);
    create(&cutter, &web, b"photo").await.unwrap_err();
    assert_eq!(gcs.count(Kind::UploadSimple), 0);

    cutter.cut_after(Way::ToServer, 300_000);
    create(&cutter, &web, &[7; 600_000]).await.unwrap_err();
    assert!(gcs.stored().is_empty());

    cutter.cut_after(Way::ToClient, 0);
    create(&cutter, &web, b"photo").await.unwrap_err();
    assert_eq!(gcs.stored().len(), 1);
    assert_eq!(create(&cutter, &web, b"photo").await.unwrap().status, 412);
}

#[tokio::test]
async fn a_resumable_session_leads_through_the_line_again() {
    let gcs = FakeGcs::start();
    gcs.make_bucket("clinic-images");
    let cutter = Cutter::before(gcs.address());
    let open = async |host: &str| {
        let path = "/upload/storage/v1/b/clinic-images/o?uploadType=resumable&name=photo";
        let request = Request::builder()
            .method("POST")
            .uri(format!("{}{path}", cutter.url()));
        let request = request.header("host", host).body(Full::default()).unwrap();
        let opened = Web::new().ask(request).await.unwrap();
        opened.header("location").to_owned()
    };
    assert!(
        open(&cutter.address().to_string())
            .await
            .starts_with(&cutter.url())
    );
    assert!(open("127.0.0.1").await.starts_with(&gcs.url()));
    gcs.behind(cutter.address());
    assert!(open("127.0.0.1").await.starts_with(&cutter.url()));
}

#[tokio::test]
async fn two_servers_at_the_end_of_one_line_share_it() {
    let first = Pair::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cutter = first.cutter.beside(listener.local_addr().unwrap());
    let second = Pair { listener, cutter };
    first.cutter.limit(Way::ToServer, Some(800_000));
    let (mut one, mut of_one) = first.connect().await;
    let (mut other, mut of_other) = second.connect().await;
    let begun = std::time::Instant::now();
    for client in [&mut one, &mut other] {
        client.write_all(&[7; 20_000]).await.unwrap();
        client.shutdown().await.unwrap();
    }
    let (of_one, of_other) = tokio::join!(read_out(&mut of_one), read_out(&mut of_other));
    assert_eq!((of_one.0.len(), of_other.0.len()), (20_000, 20_000));
    // 40,000 bytes at 100,000 a second; two lines of their own would take half of it.
    assert!(
        begun.elapsed() > Duration::from_millis(380),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(second.cutter.tally().passed(Way::ToServer), 40_000);
    assert_eq!(first.cutter.cut(), 2);
    assert_eq!(read_out(&mut other).await.1, RESET);
}
