//! Endpoints whose answers never end: they are left before they have filled anything.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use latchkey::devnet::dev_accounts;
use latchkey::{Endpoint, Owner};

/// Most that a client may have taken: the bound of an answer of four mebibytes, and what the system's buffers hold.
const MOST_BYTES: usize = 24 << 20;

/// Most that the server sends to one client.
const ENDLESS_BYTES: usize = 512 << 20;

/// Longest wait for a client to leave.
const DEADLINE: Duration = Duration::from_secs(60);

/// Sends zeros after what `greet` has sent, until the client leaves; says how many it got rid of.
fn endless(greet: impl Fn(&mut TcpStream) -> Option<()> + Send + 'static) -> (u16, Receiver<usize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (left, clients) = sync_channel(4);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut sent, zeros) = (0, vec![b' '; 64 << 10]);
            if greet(&mut stream).is_none() {
                continue;
            }
            while sent < ENDLESS_BYTES && stream.write_all(&zeros).is_ok() {
                sent += zeros.len();
            }
            if left.send(sent).is_err() {
                return;
            }
        }
    });
    (port, clients)
}

/// Reads a request's head; its body may wait.
fn head(stream: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

#[test]
fn an_answer_over_http_that_never_ends() {
    for status in ["200 OK", "500 Internal Server Error"] {
        let (port, clients) = endless(move |stream| {
            head(stream)?;
            write!(stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\r\n").ok()
        });
        let endpoint = Endpoint::url(&format!("http://127.0.0.1:{port}")).expect("a URL");
        let refused = Owner::connect(&endpoint, dev_accounts()[0].clone()).map(drop);
        assert!(refused.is_err_and(|error| error.to_string().contains("longer than")), "it says why");
        let sent = clients.recv_timeout(DEADLINE).expect("the client leaves");
        assert!(sent < MOST_BYTES, "{sent} bytes were taken");
    }
}

#[test]
fn a_message_over_a_socket_that_never_ends() {
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    let (port, clients) = endless(|stream| {
        let head = head(stream)?;
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let (_, key) = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))?;
        let accept = derive_accept_key(key.as_bytes());
        write!(
            stream,
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        )
        .ok()?;
        // One text frame of a gibibyte.
        stream.write_all(&[0x81, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]).ok()
    });
    let endpoint = Endpoint::url(&format!("ws://127.0.0.1:{port}")).expect("a URL");
    let client = std::thread::spawn(move || Owner::connect(&endpoint, dev_accounts()[0].clone()).map(drop));
    let sent = clients.recv_timeout(DEADLINE).expect("the client leaves");
    assert!(sent < MOST_BYTES, "{sent} bytes were taken");
    drop(clients);
    assert!(client.join().expect("no panic").is_err());
}
