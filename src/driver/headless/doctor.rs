//! `doctor`: what this machine can and cannot do, and what `--fix` can do about it.

mod gather;

use std::sync::Arc;

use super::super::{End, Failure, Options, Screen, opening};
use super::images;
use crate::doctor::{self, Facts, Finding, IpVs, Level, Root};
use crate::lab::{RealLab, RelicKind, Stocked, Tell};
use crate::progress::Store;
use crate::terminal::Tone;
use crate::words::doctor::Fixed;
use crate::words::{self, Lang};

/// `doctor`
pub async fn doctor(
    options: &Options,
    store: &Store,
    fix: bool,
    json: bool,
) -> Result<End, Failure> {
    let messages = Screen::stderr(options);
    let mut fixed = Vec::new();
    if fix {
        let facts = gather::facts(options, store, false, &messages).await;
        fixed = mended(options, store, &facts, &messages).await;
    }
    let mut facts = gather::facts(options, store, true, &messages).await;
    if fixed
        .iter()
        .any(|fixed| matches!(fixed, Fixed::NoModprobe(_)))
    {
        facts.host.root = Root::InVain;
    }
    let findings = doctor::judge(facts);
    let can_run = doctor::can_run(&findings);
    match json {
        true => println!("{}", as_json(&findings, &fixed, options)),
        false => print(&findings, &fixed, options),
    }
    Ok(match can_run {
        true => End::Done,
        false => End::Environment,
    })
}

/// Does what can be done without harm: fetches images, removes what is lost,
/// loads a kernel module where we are root already or are told that we may be.
async fn mended(options: &Options, store: &Store, facts: &Facts, screen: &Screen) -> Vec<Fixed> {
    let mut fixed = Vec::new();
    let Ok(engine) = &facts.engine else {
        return fixed;
    };
    // The nodes' kernel is this one's only where the engine is here.
    if engine.survey.local && facts.host.ip_vs == Some(IpVs::Missing) {
        fixed.extend(modprobe(options, facts.host.root, screen).await);
    }
    let Ok(lab) = opening::open_real(options, store).await else {
        return fixed;
    };
    let lost: Vec<_> = doctor::leftovers(&engine.relics).cloned().collect();
    if !lost.is_empty() {
        let count = |kind| lost.iter().filter(|relic| relic.kind == kind).count();
        fixed.push(match lab.remove_relics(&lost).await {
            Ok(()) => {
                gather::forget(&lost);
                Fixed::Leftovers(count(RelicKind::Container), count(RelicKind::Network))
            }
            Err(error) => Fixed::NoLeftovers(words::lab::error(options.lang, &error)),
        });
    }
    if !engine.old_images.is_empty() {
        let gone = lab.remove_old_images(&engine.old_images).await;
        fixed.push(Fixed::OldImages(gone.len()));
    }
    let wanting = engine
        .stock
        .iter()
        .filter(|image| matches!(image.stocked, Stocked::Pullable | Stocked::Makeable))
        .count();
    if wanting > 0 {
        fixed.push(fetched(options, store, &lab, wanting, screen).await);
    }
    fixed
}

async fn fetched(
    options: &Options,
    store: &Store,
    lab: &Arc<RealLab>,
    wanting: usize,
    screen: &Screen,
) -> Fixed {
    let plan = images::plan();
    let mut executor = images::told(store, lab, screen);
    let work = |tell: Tell| {
        let (lab, plan) = (Arc::clone(lab), plan);
        async move { lab.fetch_images(&plan, &tell).await.map(|_| ()) }
    };
    match executor.with_news(work).await {
        Ok(_) => Fixed::Images(wanting),
        Err(failure) => Fixed::NoImages(failure.told(options.lang).1),
    }
}

/// Loads the module. What `sudo` would do is asked first; without a terminal
/// and without `--yes` it is not done.
async fn modprobe(options: &Options, root: Root, screen: &Screen) -> Option<Fixed> {
    let argv: &[&str] = match root {
        Root::Ours => &["modprobe", "ip_vs"],
        Root::BySudo => &["sudo", "-n", "modprobe", "ip_vs"],
        Root::No | Root::InVain => return None,
    };
    let asks = root == Root::BySudo && !options.yes;
    if asks && !agreed(options.lang, screen) {
        return None;
    }
    let ran = tokio::process::Command::new(argv[0])
        .args(&argv[1..])
        .stdin(std::process::Stdio::null())
        .output()
        .await;
    Some(match ran {
        Ok(output) if output.status.success() => Fixed::Modprobe,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Fixed::NoModprobe(said.trim_end_matches('.').to_owned())
        }
        Err(error) => Fixed::NoModprobe(error.to_string()),
    })
}

fn agreed(lang: Lang, screen: &Screen) -> bool {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() {
        return false;
    }
    screen.say(Tone::Text, words::doctor::may_modprobe(lang));
    screen.text("[y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim().to_lowercase().starts_with('y')
}

fn print(findings: &[Finding], fixed: &[Fixed], options: &Options) {
    let screen = Screen::stdout(options);
    let (lang, look) = (options.lang, screen.look);
    for fixed in fixed {
        screen.say(Tone::Dim, &words::doctor::fixed(lang, fixed));
    }
    for finding in findings {
        let level = finding.level();
        let (sign, tone) = match level {
            Level::Ok => ("✓", Tone::Good),
            Level::Note => ("!", Tone::Warn),
            Level::Problem => ("✗", Tone::Bad),
        };
        let sign = look.sign(sign, words::doctor::level(lang, level));
        let Told {
            says,
            cure,
            commands,
        } = told(finding, options);
        screen.text(&crate::terminal::listed(
            (sign, tone),
            &[Some(says), cure].into_iter().flatten().collect::<Vec<_>>(),
            &commands,
            &look,
        ));
    }
    let count = |level| findings.iter().filter(|f| f.level() == level).count();
    let (problems, notes) = (count(Level::Problem), count(Level::Note));
    let tone = if problems == 0 { Tone::Good } else { Tone::Bad };
    screen.say(tone, &words::doctor::conclusion(lang, problems, notes));
}

/// A finding in words; commands of the program's own are those for this lab.
struct Told {
    says: String,
    cure: Option<String>,
    commands: Vec<String>,
}

fn told(finding: &Finding, options: &Options) -> Told {
    let meant = options.meant();
    let meant = |text: String| words::command::meant(&text, &meant).into_owned();
    Told {
        says: meant(words::doctor::says(options.lang, finding)),
        cure: words::doctor::cure(options.lang, finding).map(&meant),
        commands: finding.commands().into_iter().map(&meant).collect(),
    }
}

fn as_json(findings: &[Finding], fixed: &[Fixed], options: &Options) -> serde_json::Value {
    let of_findings: Vec<serde_json::Value> = findings
        .iter()
        .map(|finding| {
            let told = told(finding, options);
            serde_json::json!({
                "id": finding.id(),
                "level": match finding.level() {
                    Level::Ok => "ok",
                    Level::Note => "note",
                    Level::Problem => "problem",
                },
                "says": told.says,
                "cure": told.cure,
                "commands": told.commands,
            })
        })
        .collect();
    let fixed: Vec<String> = fixed
        .iter()
        .map(|fixed| words::doctor::fixed(options.lang, fixed))
        .collect();
    serde_json::json!({
        "program": env!("CARGO_PKG_VERSION"),
        "can_run": doctor::can_run(findings),
        "findings": of_findings,
        "fixed": fixed,
    })
}

/// One of each, for the test of the documentation.
#[cfg(test)]
pub fn example() -> serde_json::Value {
    as_json(
        &[Finding::NoSubnet],
        &[Fixed::Modprobe],
        &Options::default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_commands_are_for_the_lab_that_was_asked_about() {
        let options = Options {
            lab: "mine".to_owned(),
            ..Options::default()
        };
        let finding = told(&Finding::NodeStopped, &options);
        assert_eq!(finding.commands, ["swarmlings --lab mine doctor"]);
    }
}
