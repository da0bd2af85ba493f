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
    let server = devnet.serve(0).expect("a free port");
    let own = server.http_url();
    let check = |origin: Option<&str>, code: &str| {
        let line = status(&server, origin);
        assert!(line.contains(code), "{origin:?}: {line}");
    };
    check(None, "200");
    check(Some(&own), "200");
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
