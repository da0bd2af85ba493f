//! The server's manners: loopback, one port, no requests for other sites.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use latchkey::devnet::{DevnetError, Server};

use super::support::*;

/// Sends one request by hand and returns the status line.
fn status(server: &Server, origin: Option<&str>) -> String {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#;
    let origin = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
    let mut stream = TcpStream::connect(server.local_addr()).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline");
    let (address, length) = (server.local_addr(), body.len());
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\n{origin}Content-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reads");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn other_sites_are_refused() {
    let devnet = on_demand();
    let server = devnet.serve_to(0, &["https://game.example".to_owned()]).expect("a free port");
    let own = server.http_url();
    let check = |origin: Option<&str>, code: &str| {
        let line = status(&server, origin);
        assert!(line.contains(code), "{origin:?}: {line}");
    };
    check(None, "200");
    check(Some(&own), "200");
    check(Some("https://game.example"), "200");
    check(Some("https://evil.example"), "403");
    check(Some("null"), "403");
}

#[test]
fn a_port_in_use_is_named() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    assert!(server.local_addr().ip().is_loopback());
    let port = server.local_addr().port();
    let error = devnet.serve(port).expect_err("the port is taken");
    assert!(matches!(error, DevnetError::PortInUse(taken) if taken == port), "{error}");
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "a dropped server closes its port");
}

#[test]
fn many_live_in_one_process() {
    let devnets: Vec<_> = (0..20).map(|_| on_demand()).collect();
    let servers: Vec<_> = devnets.iter().map(|devnet| devnet.serve(0).expect("a free port")).collect();
    for (blocks, devnet) in devnets.iter().enumerate() {
        for _ in 0..blocks {
            devnet.mine();
        }
    }
    for (blocks, devnet) in devnets.iter().enumerate() {
        assert_eq!(devnet.with_chain(|chain| chain.head().number()), blocks as u64);
    }
    let ports: std::collections::BTreeSet<_> = servers.iter().map(|server| server.local_addr().port()).collect();
    assert_eq!(ports.len(), 20);
}

/// Speaks WebSocket by hand: what a well-behaved client would never do is what is tested.
struct Socket(TcpStream);

impl Socket {
    fn open(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.local_addr()).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a deadline");
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server.local_addr()
        )
        .expect("writes");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer");
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Self(stream)
    }

    /// Sends a short text, masked with zeros.
    fn send(&mut self, text: &str) {
        let length = u8::try_from(text.len()).expect("short").min(125);
        assert_eq!(usize::from(length), text.len(), "short");
        let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat();
        self.0.write_all(&frame).expect("writes");
    }

    /// The next frame: its opcode and its payload.
    fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).expect("a frame");
        let length = match head[1] {
            126 => {
                let mut long = [0; 2];
                self.0.read_exact(&mut long).expect("a length");
                u64::from(u16::from_be_bytes(long))
            }
            127 => {
                let mut long = [0; 8];
                self.0.read_exact(&mut long).expect("a length");
                u64::from_be_bytes(long)
            }
            short => short.into(),
        };
        let mut payload = vec![0; usize::try_from(length).expect("it fits")];
        self.0.read_exact(&mut payload).expect("a payload");
        (head[0] & 0x0f, payload)
    }
}

#[test]
fn a_subscriber_that_falls_behind_is_told_why_it_is_closed() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let mut socket = Socket::open(&server);
    socket.send(r#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#);
    let (_, answer) = socket.receive();
    assert_eq!(String::from_utf8_lossy(&answer), r#"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#);
    // Twice as many blocks at once as anybody may fall behind, told much faster than they can be written.
    devnet.with_chain(|chain| {
        for _ in 0..latchkey::devnet::limits::MAX_NOTICES {
            chain.mine();
        }
    });
    let (mut opcode, mut payload) = socket.receive();
    while opcode == 1 {
        (opcode, payload) = socket.receive();
    }
    assert_eq!(opcode, 8, "a close frame");
    assert_eq!(payload[..2], 1008_u16.to_be_bytes());
    let reason = String::from_utf8_lossy(&payload[2..]);
    assert!(reason.contains("fell more than 2048 notices behind"), "{reason}");
}

#[test]
fn a_server_that_stops_says_so() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let mut socket = Socket::open(&server);
    drop(server);
    let (opcode, payload) = socket.receive();
    assert_eq!((opcode, &payload[..2]), (8, 1001_u16.to_be_bytes().as_slice()));
}

#[test]
fn a_client_that_does_not_read_is_not_read_from() {
    let devnet = on_demand();
    let server = devnet.serve(0).expect("a free port");
    let mut socket = Socket::open(&server);
    socket.0.set_write_timeout(Some(Duration::from_millis(500))).expect("a deadline");
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x0",true]}"#;
    let frame = [&[0x81, 0x80 | request.len() as u8, 0, 0, 0, 0], request.as_bytes()].concat();
    // Far beyond what the two sockets can hold between them.
    let taken = (0..1_000_000).take_while(|_| socket.0.write_all(&frame).is_ok()).count();
    assert!(taken < 1_000_000, "the server goes on reading from a client that reads nothing");
}
