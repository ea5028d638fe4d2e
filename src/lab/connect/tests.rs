#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::http::Method;
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;

use super::*;

/// The machine's engine, or None where there is none to test with.
async fn engine() -> Option<(bollard::Docker, RawClient)> {
    let endpoint = Endpoint::Unix(PathBuf::from("/var/run/docker.sock"));
    open(&endpoint).await.ok()?;
    Some(docker(Connector::to(endpoint)).unwrap())
}

#[tokio::test]
async fn an_engine_answers_both_clients() {
    let Some((docker, raw)) = engine().await else {
        return;
    };
    assert_eq!(docker.ping().await.unwrap(), "OK");
    assert!(docker.version().await.unwrap().api_version.is_some());
    let version = raw
        .send(Method::GET, "/version", &serde_json::Value::Null)
        .await
        .unwrap();
    assert!(String::from_utf8_lossy(&version).contains("ApiVersion"));
}

#[tokio::test]
async fn an_upgrade_that_the_engine_refuses_is_told_in_its_words() {
    let Some((_, raw)) = engine().await else {
        return;
    };
    let refused = raw
        .upgrade(
            Method::POST,
            "/exec/nothing/start",
            &serde_json::json!({"Tty": true}),
        )
        .await
        .err()
        .unwrap();
    assert!(
        matches!(&refused, RawError::Engine { status: 404, message } if message.contains("nothing")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_cause_is_found_below_what_the_clients_say() {
    let path = PathBuf::from("/nonexistent/docker.sock");
    let (docker, raw) = docker(Connector::to(Endpoint::Unix(path.clone()))).unwrap();
    let error = docker.ping().await.unwrap_err();
    assert_eq!(
        ConnectError::of(&error),
        Some(&ConnectError::NoSocket(path.clone()))
    );
    let error = raw
        .send(Method::GET, "/_ping", &serde_json::Value::Null)
        .await
        .unwrap_err();
    assert_eq!(error, RawError::Connect(ConnectError::NoSocket(path)));
}

#[tokio::test]
async fn a_file_is_no_socket_and_a_dead_socket_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open(&Endpoint::Unix(file.clone())).await.err().unwrap();
    assert_eq!(error, ConnectError::NotASocket(file));
    let dead = dir.path().join("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    let error = open(&Endpoint::Unix(dead)).await.err().unwrap();
    assert!(matches!(error, ConnectError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn an_upgraded_stream_is_the_raw_bytes() {
    use tokio::io::AsyncWriteExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("engine.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"{\"Tty\":true}") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream
            .write_all(
                b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\x01\x02ab",
            )
            .await
            .unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), 3);
        String::from_utf8(head).unwrap()
    });
    let (_, raw) = docker(Connector::to(Endpoint::Unix(path))).unwrap();
    let body = serde_json::json!({"Tty": true});
    let mut stream = raw
        .upgrade(Method::POST, "/exec/1/start", &body)
        .await
        .unwrap();
    let mut first = [0; 4];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"\x01\x02ab");
    stream.write_all(&[3]).await.unwrap();
    stream.flush().await.unwrap();
    let head = server.await.unwrap();
    assert!(head.contains("upgrade: tcp"), "{head}");
}

/// An engine that answers each request once it is told to; how often it was
/// dialled.
fn slow_engine() -> (Line, Arc<AtomicUsize>, Arc<Semaphore>) {
    use tokio::io::AsyncWriteExt;
    let (dials, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (dialled, may) = (Arc::clone(&dials), Arc::clone(&answers));
    let connector = Connector::new(move || {
        dialled.fetch_add(1, Ordering::SeqCst);
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let may = Arc::clone(&may);
        tokio::spawn(async move {
            let mut head = Vec::new();
            while let Ok(byte) = theirs.read_u8().await {
                head.push(byte);
                if head.ends_with(b"\r\n\r\n") {
                    head.clear();
                    may.acquire().await.unwrap().forget();
                    let head = "HTTP/1.1 200 OK\r\nSwarm: active/worker\r\nContent-Length: 2";
                    let answer = format!("{head}\r\n\r\nok");
                    theirs.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        });
        Box::pin(async move { Ok(Box::new(ours) as Stream) })
    });
    (Line::new(connector), dials, answers)
}

/// Polls once, so that the request is on its way, and gives it up.
async fn given_up(line: &Line, path: &str) {
    let asked = tokio::time::timeout(std::time::Duration::ZERO, line.get(path));
    assert!(asked.await.is_err());
}

#[tokio::test]
async fn who_asks_again_waits_for_the_answer_that_is_on_its_way() {
    let (line, dials, answers) = slow_engine();
    for _ in 0..20 {
        given_up(&line, "/info").await;
    }
    answers.add_permits(1);
    assert_eq!(line.get("/info").await.unwrap(), "ok");
    assert_eq!(dials.load(Ordering::SeqCst), 1);
    // And the connection is there for the next one.
    answers.add_permits(1);
    assert_eq!(line.get("/nodes").await.unwrap(), "ok");
    assert_eq!(dials.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_engine_says_what_it_is_in_its_swarm() {
    let (line, dials, answers) = slow_engine();
    answers.add_permits(2);
    let role = line.role().await.unwrap();
    assert_eq!(role.as_deref(), Some("active/worker"));
    assert_eq!(line.get("/info").await.unwrap(), "ok");
    assert_eq!(dials.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn another_question_does_not_wait_and_dials_are_few() {
    let (line, dials, answers) = slow_engine();
    for path in ["/a", "/b", "/c", "/d", "/e"] {
        given_up(&line, path).await;
    }
    answers.add_permits(6);
    assert_eq!(line.get("/f").await.unwrap(), "ok");
    assert_eq!(dials.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_name_without_an_address_is_named() {
    let endpoint = Endpoint::Tcp {
        host: "no-such-host.invalid".to_owned(),
        port: 2375,
    };
    let error = open(&endpoint).await.err().unwrap();
    assert!(
        matches!(error, ConnectError::UnknownHost { .. }),
        "{error:?}"
    );
}

#[test]
fn an_endpoint_reads_as_docker_writes_it() {
    let ssh = Endpoint::Ssh {
        user: Some("ann".to_owned()),
        host: "box".to_owned(),
        port: Some(22),
        path: None,
    };
    assert_eq!(ssh.to_string(), "ssh://ann@box:22");
    let tcp = Endpoint::Tcp {
        host: "::1".to_owned(),
        port: 2375,
    };
    assert_eq!(tcp.to_string(), "tcp://[::1]:2375");
}
