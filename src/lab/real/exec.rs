//! Commands in nodes: with pipes or with a real TTY, and ended when nobody
//! waits for them any more.
//!
//! The engine leaves an exec's process running when its client goes away
//! (moby#9098). Each exec therefore carries a mark in its environment, by which
//! it and its children are found inside the node and signalled.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::super::{LabError, Output, Pipes};
use super::{RealLab, engine_error, gone, is_missing, raw_error};
use crate::shell::Exec;

/// The name of the mark in an exec's environment.
const MARK: &str = "SWARMLINGS_EXEC";

/// A TTY is told its size this often, [`SIZE_PAUSE`] apart, until it is there.
const SIZE_TRIES: u32 = 500;
const SIZE_PAUSE: Duration = Duration::from_millis(20);

/// A command that is left is told so this often, [`HEARS_PAUSE`] apart: its node
/// may be paused.
const HEARS_TRIES: u32 = 30;
const HEARS_PAUSE: Duration = Duration::from_secs(2);

/// Signals every process whose environment has the mark. `$1` signal, `$2` mark.
/// Alpine's grep (`docker:dind`) reads a line up to its first NUL only, so each
/// variable gets a line of its own.
const SIGNAL_MARKED: &str = r#"for p in /proc/[0-9]*; do
  if { tr '\0' '\n' <"$p/environ" | grep -qxF "$2"; } 2>/dev/null; then
    kill -s "$1" "${p##*/}" 2>/dev/null
  fi
done; :"#;

impl RealLab {
    /// Runs a command in a node to its end.
    pub async fn exec(&self, exec: &Exec, pipes: Pipes) -> Result<i64, LabError> {
        let container = self.container_name(&exec.node);
        let mark = new_mark();
        let mut env = exec.env.clone();
        env.push(format!("{MARK}={mark}"));
        let tty = pipes.tty.is_some();
        if tty {
            env.push(format!(
                "TERM={}",
                std::env::var("TERM").unwrap_or_else(|_| "xterm".to_owned())
            ));
        }
        let doing = format!("exec in {}", exec.node);
        let created = self
            .docker
            .create_exec(
                &container,
                CreateExecOptions {
                    attach_stdin: Some(pipes.input.is_some() && !exec.detach),
                    attach_stdout: Some(!exec.detach),
                    attach_stderr: Some(!exec.detach),
                    tty: Some(tty),
                    env: Some(env),
                    cmd: Some(exec.argv.clone()),
                    user: exec.user.clone(),
                    working_dir: exec.workdir.clone(),
                    ..Default::default()
                },
            )
            .await
            .map_err(|error| not_running(engine_error(&doing, error), &exec.node))?;
        if exec.detach {
            let options = StartExecOptions {
                detach: true,
                ..Default::default()
            };
            self.docker
                .start_exec(&created.id, Some(options))
                .await
                .map_err(|error| engine_error(&doing, error))?;
            return Ok(0);
        }
        let mut running = Running {
            docker: self.docker.clone(),
            container,
            mark,
            ended: false,
        };
        let result = match pipes.tty {
            Some(size) => {
                self.with_tty(&created.id, &doing, pipes.out, pipes.input, size)
                    .await
            }
            None => self.with_pipes(&created.id, &doing, pipes, &running).await,
        };
        running.ended = result.is_ok();
        result?;
        self.forget_seen();
        self.exit_code(&created.id, &doing).await
    }

    async fn with_pipes(
        &self,
        id: &str,
        doing: &str,
        pipes: Pipes,
        running: &Running,
    ) -> Result<(), LabError> {
        let options = StartExecOptions {
            output_capacity: Some(64 * 1024),
            ..Default::default()
        };
        let started = self
            .docker
            .start_exec(id, Some(options))
            .await
            .map_err(|error| engine_error(doing, error))?;
        let StartExecResults::Attached { mut output, input } = started else {
            return Ok(());
        };
        let mut feed = Box::pin(feed(input, pipes.input));
        let mut fed = false;
        let mut interrupt = pipes.interrupt;
        let mut interrupts = 0;
        loop {
            tokio::select! {
                () = &mut feed, if !fed => fed = true,
                () = interrupted(&mut interrupt) => {
                    interrupts += 1;
                    running.signal(if interrupts == 1 { "INT" } else { "KILL" }).await;
                }
                frame = output.next() => match frame {
                    Some(Ok(LogOutput::StdErr { message })) => {
                        let _ = pipes.out.send(Output::Err(message.to_vec())).await;
                    }
                    Some(Ok(frame)) => {
                        let bytes = frame.into_bytes().to_vec();
                        let _ = pipes.out.send(Output::Out(bytes)).await;
                    }
                    Some(Err(error)) => return Err(engine_error(doing, error)),
                    None => return Ok(()),
                }
            }
        }
    }

    async fn with_tty(
        &self,
        id: &str,
        doing: &str,
        out: mpsc::Sender<Output>,
        mut input: Option<mpsc::Receiver<Vec<u8>>>,
        mut size: watch::Receiver<(u16, u16)>,
    ) -> Result<(), LabError> {
        let body = serde_json::json!({ "Detach": false, "Tty": true });
        let path = format!("/exec/{id}/start");
        let stream = self
            .raw
            .upgrade(Method::POST, &path, &body)
            .await
            .map_err(|error| raw_error(doing, error))?;
        let (mut read, mut write) = tokio::io::split(stream);
        let now = *size.borrow_and_update();
        // Beside the output: a short command may be over before the engine has
        // taken the size.
        let mut resizing = Some(Box::pin(self.resize(id, now)));
        let mut buffer = vec![0; 32 * 1024];
        let mut size_known = true;
        // Beside it as well: a command that echoes takes no more keys until what
        // it has written is read.
        let mut writing = Box::pin(async {
            while let Some(keys) = typed(&mut input).await {
                if write.write_all(&keys).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        });
        loop {
            tokio::select! {
                count = read.read(&mut buffer) => match count {
                    Ok(0) | Err(_) => return Ok(()),
                    Ok(count) => {
                        let _ = out.send(Output::Out(buffer[..count].to_vec())).await;
                    }
                },
                () = &mut writing => unreachable!("writing never ends"),
                changed = size.changed(), if size_known => match changed {
                    Ok(()) => {
                        let now = *size.borrow_and_update();
                        resizing = Some(Box::pin(self.resize(id, now)));
                    }
                    Err(_) => size_known = false,
                },
                () = resized(&mut resizing) => resizing = None,
            }
        }
    }

    /// The engine knows the exec's TTY a moment after it said that it started,
    /// and a slow one some seconds after.
    async fn resize(&self, id: &str, (columns, rows): (u16, u16)) {
        let path = format!("/exec/{id}/resize?w={columns}&h={rows}");
        let mut pause = tokio::time::interval(SIZE_PAUSE);
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..SIZE_TRIES {
            pause.tick().await;
            let sent = self
                .raw
                .send(Method::POST, &path, &serde_json::Value::Null)
                .await;
            if sent.is_ok() {
                return;
            }
        }
    }

    async fn exit_code(&self, id: &str, doing: &str) -> Result<i64, LabError> {
        // The stream closes a moment before the engine has noted the exit.
        let mut pause = tokio::time::interval(Duration::from_millis(2));
        for _ in 0..1000 {
            pause.tick().await;
            let found = self
                .docker
                .inspect_exec(id)
                .await
                .map_err(|error| engine_error(doing, error))?;
            if found.running != Some(true)
                && let Some(code) = found.exit_code
            {
                return Ok(code);
            }
        }
        Ok(-1)
    }

    /// A command of the program's own: its output and exit code, within a deadline.
    pub(super) async fn run_in(
        &self,
        container: &str,
        argv: &[&str],
        within: Duration,
    ) -> Result<(i64, String, String), LabError> {
        let doing = format!("run {}", argv.first().unwrap_or(&""));
        let run = run_quietly(&self.docker, container, argv);
        match tokio::time::timeout(within, run).await {
            Ok(result) => result.map_err(|error| engine_error(&doing, error)),
            Err(_) => Err(LabError::Engine {
                doing,
                message: "no end in time".to_owned(),
                status: None,
            }),
        }
    }
}

/// An exec whose process is ended when it is dropped before its end.
struct Running {
    docker: bollard::Docker,
    container: String,
    mark: String,
    ended: bool,
}

impl Running {
    async fn signal(&self, signal: &str) {
        signal_marked(&self.docker, &self.container, &self.mark, signal).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (docker, container, mark) = (
            self.docker.clone(),
            self.container.clone(),
            self.mark.clone(),
        );
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // What is stopped hears of it when it goes on.
                let told = [("HUP", HEARS_TRIES), ("CONT", 1)];
                for (signal, tries) in told {
                    let mut pause = tokio::time::interval(HEARS_PAUSE);
                    for _ in 0..tries {
                        pause.tick().await;
                        if signal_marked(&docker, &container, &mark, signal).await {
                            break;
                        }
                    }
                }
            });
        }
    }
}

/// Whether there is no more to send: not where the node is paused.
async fn signal_marked(
    docker: &bollard::Docker,
    container: &str,
    mark: &str,
    signal: &str,
) -> bool {
    let needle = format!("{MARK}={mark}");
    let argv = ["sh", "-c", SIGNAL_MARKED, "sh", signal, &needle];
    let sent = run_quietly(docker, container, &argv).await;
    match sent.map_err(|error| engine_error("signal", error)) {
        Ok(_) => true,
        // With the node its commands have ended.
        Err(error) if is_missing(&error) => true,
        Err(error) => {
            tracing::warn!(container, %error, "could not signal a command in a node");
            false
        }
    }
}

async fn run_quietly(
    docker: &bollard::Docker,
    container: &str,
    argv: &[&str],
) -> Result<(i64, String, String), bollard::errors::Error> {
    let exec = docker
        .create_exec(
            container,
            CreateExecOptions {
                attach_stdout: Some(true),
                attach_stderr: Some(true),
                cmd: Some(argv.to_vec()),
                ..Default::default()
            },
        )
        .await?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let started = docker
        .start_exec(&exec.id, None::<StartExecOptions>)
        .await?;
    if let StartExecResults::Attached { mut output, .. } = started {
        while let Some(frame) = output.next().await {
            match frame? {
                LogOutput::StdErr { message } => err.extend_from_slice(&message),
                frame => out.extend_from_slice(&frame.into_bytes()),
            }
        }
    }
    let code = docker.inspect_exec(&exec.id).await?.exit_code.unwrap_or(-1);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((code, text(out), text(err)))
}

async fn feed(
    mut input: std::pin::Pin<Box<dyn tokio::io::AsyncWrite + Send>>,
    typed: Option<mpsc::Receiver<Vec<u8>>>,
) {
    if let Some(mut typed) = typed {
        while let Some(bytes) = typed.recv().await {
            if input.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }
    let _ = input.shutdown().await;
}

async fn typed(input: &mut Option<mpsc::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    match input {
        Some(input) => input.recv().await,
        None => std::future::pending().await,
    }
}

async fn resized(resizing: &mut Option<impl Future<Output = ()> + Unpin>) {
    match resizing {
        Some(resizing) => resizing.await,
        None => std::future::pending().await,
    }
}

async fn interrupted(interrupt: &mut Option<mpsc::Receiver<()>>) {
    let closed = match interrupt {
        Some(receiver) => receiver.recv().await.is_none(),
        None => std::future::pending().await,
    };
    if closed {
        *interrupt = None;
        std::future::pending::<()>().await;
    }
}

fn not_running(error: LabError, node: &str) -> LabError {
    match gone(error, node) {
        LabError::Engine {
            status: Some(409), ..
        } => LabError::NotRunning(node.to_owned()),
        other => other,
    }
}

fn new_mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{count}", std::process::id())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// With `sh`, `tr` and `grep` as this machine has them; in a node they may be
    /// busybox's.
    #[test]
    fn a_process_is_found_by_its_mark_wherever_that_stands() {
        if !cfg!(target_os = "linux") {
            return;
        }
        let mark = format!("test-{}", new_mark());
        let mut marked = std::process::Command::new("sleep")
            .arg("60")
            .env("A", "1")
            .env(MARK, &mark)
            .env("Z", "1")
            .spawn()
            .unwrap();
        let needle = format!("{MARK}={mark}");
        let done = std::process::Command::new("sh")
            .args(["-c", SIGNAL_MARKED, "sh", "KILL", &needle])
            .status();
        assert!(done.unwrap().success());
        assert!(!marked.wait().unwrap().success());
    }
}
