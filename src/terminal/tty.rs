//! The terminal itself: its size, raw mode, and the keys that are typed while
//! a command in a node has it.
//!
//! Keys are read only when the terminal has some and somebody asks for them,
//! so that what is typed later is left for the prompt. (`tokio::io::stdin`
//! reads in a thread that can't be called back and eats the next key.)

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::look::Look;

/// Bytes read at once; a paste comes in several pieces.
const CHUNK: usize = 4096;

/// How large a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns, never 0.
    pub columns: u16,
    /// Rows, never 0.
    pub rows: u16,
}

/// The size of the terminal that output goes to, or else input comes from.
/// `None` where there is none, or it doesn't know.
pub fn size() -> Option<Size> {
    size_of(io::stdout().as_fd())
        .or_else(|| size_of(io::stderr().as_fd()))
        .or_else(|| size_of(io::stdin().as_fd()))
}

/// The size of this terminal.
fn size_of(terminal: BorrowedFd<'_>) -> Option<Size> {
    let size = tcgetwinsize(terminal).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some(Size {
        columns: size.ws_col,
        rows: size.ws_row,
    })
}

/// Whether keys can be typed and answers be seen: input and output are terminals.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The look for standard output in this process's environment.
pub fn look(plain: bool) -> Look {
    let width = size_of(io::stdout().as_fd()).map(|size| size.columns);
    Look::detect(plain, io::stdout().is_terminal(), width, &|name| {
        std::env::var(name).ok()
    })
}

/// A terminal as it was, which it is again when this is dropped.
#[derive(Debug)]
struct Before {
    terminal: OwnedFd,
    modes: Termios,
}

impl Before {
    /// Changes this terminal's modes. `Now`: keys that were typed ahead stay.
    fn change(terminal: BorrowedFd<'_>, how: impl FnOnce(&mut Termios)) -> io::Result<Before> {
        let terminal = terminal.try_clone_to_owned()?;
        let modes = tcgetattr(&terminal)?;
        let mut changed = modes.clone();
        how(&mut changed);
        tcsetattr(&terminal, OptionalActions::Now, &changed)?;
        Ok(Before { terminal, modes })
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.modes);
    }
}

/// Raw mode: every key is a byte, none is a signal. Ends when it is dropped.
#[derive(Debug)]
pub struct RawMode {
    _before: Before,
}

impl RawMode {
    /// Puts standard input into raw mode.
    ///
    /// # Errors
    /// Where standard input is no terminal.
    pub fn enter() -> io::Result<RawMode> {
        RawMode::on(io::stdin().as_fd())
    }

    /// Puts this terminal into raw mode.
    ///
    /// # Errors
    /// Where it is no terminal.
    pub fn on(terminal: BorrowedFd<'_>) -> io::Result<RawMode> {
        let _before = Before::change(terminal, Termios::make_raw)?;
        Ok(RawMode { _before })
    }
}

/// Keys are not shown while this lives, as they would tear a picture that is drawn
/// over; they are kept for whoever reads next, and Ctrl-C stays a signal.
#[derive(Debug)]
pub struct Unseen {
    _before: Before,
}

impl Unseen {
    /// On standard input, where that is a terminal.
    pub fn keys() -> Option<Unseen> {
        let stdin = io::stdin();
        let quiet = |modes: &mut Termios| modes.local_modes.remove(LocalModes::ECHO);
        let _before = Before::change(stdin.as_fd(), quiet).ok()?;
        Some(Unseen { _before })
    }
}

/// Tells when the terminal's size has changed.
#[derive(Debug)]
pub struct Resizes(Signal);

impl Resizes {
    /// Begins to listen. Needs tokio's signal driver.
    ///
    /// # Errors
    /// Where the signal can't be listened for.
    pub fn listen() -> io::Result<Resizes> {
        Ok(Resizes(signal(SignalKind::window_change())?))
    }

    /// Waits for the next change; [`size`] then has the new one. Cancel safe.
    pub async fn changed(&mut self) {
        if self.0.recv().await.is_none() {
            // No further change can be told.
            std::future::pending::<()>().await;
        }
    }
}

/// Standard input, for those who take it for a while.
#[derive(Clone, Copy, Debug)]
pub struct Stdin;

impl Stdin {
    /// Takes standard input until the `Keys` are dropped. Needs tokio's I/O driver.
    ///
    /// # Errors
    /// Where standard input is closed.
    pub fn attach() -> io::Result<Keys> {
        Keys::on(io::stdin().as_fd())
    }
}

/// What is typed. Dropped, it leaves no thread behind and has taken no key that
/// nobody was given.
#[derive(Debug)]
pub struct Keys(Source);

#[derive(Debug)]
enum Source {
    /// A terminal, a pipe, a socket.
    Waits(AsyncFd<OwnedFd>),
    /// A file, which epoll refuses since it never makes anybody wait.
    Ready(OwnedFd),
}

impl Keys {
    /// Reads from a duplicate of this descriptor. The mode of the terminal,
    /// which others share, is not touched: `O_NONBLOCK` would be theirs too.
    ///
    /// # Errors
    /// Where the descriptor can't be duplicated or waited for.
    pub fn on(input: BorrowedFd<'_>) -> io::Result<Keys> {
        let input = input.try_clone_to_owned()?;
        // What tokio now has instead is `unsafe`: it wants the promise that the
        // descriptor stays open, which an `OwnedFd` of our own keeps anyway.
        #[allow(deprecated)]
        let waits = AsyncFd::try_with_interest(input, Interest::READABLE);
        match waits {
            Ok(waits) => Ok(Keys(Source::Waits(waits))),
            Err(refused) => {
                let (input, error) = refused.into_parts();
                match Errno::from_io_error(&error) {
                    Some(Errno::PERM) => Ok(Keys(Source::Ready(input))),
                    _ => Err(error),
                }
            }
        }
    }

    /// The next bytes, as soon as there are some; none at the end of the input
    /// (also that of a terminal that is gone). Cancel safe: between taking
    /// bytes and giving them there is nothing to wait for.
    ///
    /// # Errors
    /// What reading says.
    pub async fn read(&mut self) -> io::Result<Vec<u8>> {
        match &self.0 {
            Source::Ready(input) => read_now(input.as_fd()),
            Source::Waits(input) => loop {
                let mut guard = input.readable().await?;
                // The descriptor blocks, and being told that it is readable
                // may be old news: look before reading.
                if has_input(input.get_ref().as_fd())? {
                    return read_now(input.get_ref().as_fd());
                }
                guard.clear_ready();
            },
        }
    }
}

/// Whether a read would return at once.
fn has_input(input: BorrowedFd<'_>) -> io::Result<bool> {
    const AT_ONCE: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut polled = [PollFd::from_borrowed_fd(input, PollFlags::IN)];
    match poll(&mut polled, Some(&AT_ONCE)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn read_now(input: BorrowedFd<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; CHUNK];
    loop {
        match rustix::io::read(input, &mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                return Ok(bytes);
            }
            Err(Errno::INTR) => {}
            // The other end of the terminal is gone.
            Err(Errno::IO) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;
    use std::time::Duration;

    use portable_pty::{MasterPty, PtySize, native_pty_system};
    use rustix::fs::{Mode, OFlags, fcntl_getfl, open};

    use super::*;

    /// A terminal of the test's own: the side that types, and the one that reads.
    fn terminal() -> (Box<dyn MasterPty>, OwnedFd) {
        let size = PtySize {
            rows: 24,
            cols: 80,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let name = pair.master.tty_name().unwrap();
        let reader = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        (pair.master, reader)
    }

    fn run<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        // A deadline, so that a key that was eaten fails the test.
        let deadline = Duration::from_secs(20);
        runtime.block_on(async { tokio::time::timeout(deadline, test).await.unwrap() })
    }

    #[test]
    fn raw_mode_ends_when_it_is_dropped() {
        let (_master, terminal) = terminal();
        let modes = || tcgetattr(&terminal).unwrap().local_modes;
        let before = modes();
        let raw = RawMode::on(terminal.as_fd()).unwrap();
        assert!(!modes().intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG));
        drop(raw);
        assert_eq!(modes(), before);
    }

    #[test]
    fn raw_mode_ends_in_a_panic() {
        let (_master, terminal) = terminal();
        let before = tcgetattr(&terminal).unwrap().local_modes;
        let panicked = std::panic::catch_unwind(|| {
            let _raw = RawMode::on(terminal.as_fd()).unwrap();
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        assert_eq!(tcgetattr(&terminal).unwrap().local_modes, before);
    }

    #[test]
    fn a_pipe_is_no_terminal() {
        let (reader, _writer) = io::pipe().unwrap();
        assert!(RawMode::on(reader.as_fd()).is_err());
        assert_eq!(size_of(reader.as_fd()), None);
    }

    #[test]
    fn the_size_follows_the_terminal() {
        let (master, terminal) = terminal();
        assert_eq!(
            size_of(terminal.as_fd()),
            Some(Size {
                columns: 80,
                rows: 24
            })
        );
        let size = PtySize {
            rows: 10,
            cols: 40,
            ..PtySize::default()
        };
        master.resize(size).unwrap();
        assert_eq!(
            size_of(terminal.as_fd()),
            Some(Size {
                columns: 40,
                rows: 10
            })
        );
    }

    #[test]
    fn keys_come_as_bytes() {
        let (master, terminal) = terminal();
        let _raw = RawMode::on(terminal.as_fd()).unwrap();
        let mut writer = master.take_writer().unwrap();
        run(async {
            let mut keys = Keys::on(terminal.as_fd()).unwrap();
            for typed in [&b"\x03"[..], b"\x1b[A", "가".as_bytes()] {
                writer.write_all(typed).unwrap();
                let mut read = Vec::new();
                while read.len() < typed.len() {
                    read.extend(keys.read().await.unwrap());
                }
                assert_eq!(read, typed);
            }
        });
    }

    #[test]
    fn a_read_that_is_given_up_eats_no_key() {
        let (master, terminal) = terminal();
        let _raw = RawMode::on(terminal.as_fd()).unwrap();
        let mut writer = master.take_writer().unwrap();
        run(async {
            for _ in 0..20 {
                let mut keys = Keys::on(terminal.as_fd()).unwrap();
                // The first poll of `read` registers its interest; then it is dropped.
                tokio::select! {
                    biased;
                    _ = keys.read() => panic!("nothing was typed"),
                    () = tokio::task::yield_now() => {}
                }
                drop(keys);
                writer.write_all(b"x").unwrap();
                assert_eq!(read_now(terminal.as_fd()).unwrap(), b"x");

                // Typed while attached and not asked for: left in the terminal too.
                let keys = Keys::on(terminal.as_fd()).unwrap();
                writer.write_all(b"y").unwrap();
                tokio::task::yield_now().await;
                drop(keys);
                assert_eq!(read_now(terminal.as_fd()).unwrap(), b"y");
            }
        });
        assert!(!fcntl_getfl(&terminal).unwrap().contains(OFlags::NONBLOCK));
    }

    #[test]
    fn old_news_of_input_does_not_block() {
        let (master, terminal) = terminal();
        let _raw = RawMode::on(terminal.as_fd()).unwrap();
        let mut writer = master.take_writer().unwrap();
        run(async {
            let mut keys = Keys::on(terminal.as_fd()).unwrap();
            writer.write_all(b"a").unwrap();
            assert_eq!(keys.read().await.unwrap(), b"a");
            writer.write_all(b"b").unwrap();
            // Somebody else takes it after the runtime has been told of it.
            tokio::task::yield_now().await;
            assert_eq!(read_now(terminal.as_fd()).unwrap(), b"b");
            tokio::select! {
                biased;
                read = keys.read() => panic!("nothing is left, yet {read:?}"),
                () = async { for _ in 0..10 { tokio::task::yield_now().await } } => {}
            }
            writer.write_all(b"c").unwrap();
            assert_eq!(keys.read().await.unwrap(), b"c");
        });
    }

    #[test]
    fn the_end_of_the_input_is_an_empty_read() {
        run(async {
            let (reader, mut writer) = io::pipe().unwrap();
            let mut keys = Keys::on(reader.as_fd()).unwrap();
            writer.write_all(b"last").unwrap();
            drop(writer);
            assert_eq!(keys.read().await.unwrap(), b"last");
            assert_eq!(keys.read().await.unwrap(), b"");

            let (master, terminal) = terminal();
            let mut keys = Keys::on(terminal.as_fd()).unwrap();
            drop(master);
            assert_eq!(keys.read().await.unwrap(), b"");
        });
    }

    #[test]
    fn a_file_is_read_too() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"exit\n").unwrap();
        rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0)).unwrap();
        run(async {
            let mut keys = Keys::on(file.as_fd()).unwrap();
            assert_eq!(keys.read().await.unwrap(), b"exit\n");
            assert_eq!(keys.read().await.unwrap(), b"");
        });
    }

    #[test]
    fn a_resize_is_told() {
        run(async {
            let mut resizes = Resizes::listen().unwrap();
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::WINCH).unwrap();
            resizes.changed().await;
        });
    }
}
