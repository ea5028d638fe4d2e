//! `stable_for`, and the timeline's beginning.

use super::*;

fn held_three_seconds(looks: Vec<Build>) -> Verdict {
    let check = Check::new(replicas(2));
    assert_eq!(check.stable_for, Duration::from_secs(3));
    judge(&check, &timeline(looks), &shape())
}

fn good() -> Build {
    Build::four()
        .service("web", 2)
        .running("web", &["worker01", "worker02"])
}

fn bad() -> Build {
    Build::four()
        .service("web", 2)
        .running("web", &["worker01"])
}

fn not_stable(held: u64) -> Verdict {
    gap(Gap::NotStable {
        held: Duration::from_secs(held),
        want: Duration::from_secs(3),
    })
}

#[test]
fn it_must_hold_from_the_newest_snapshot_back() {
    assert_eq!(held_three_seconds(vec![good()]), not_stable(0));
    assert_eq!(
        held_three_seconds(vec![bad(), good(), good()]),
        not_stable(1)
    );
    assert_eq!(
        held_three_seconds(vec![good(), good(), bad(), good(), good(), good()]),
        not_stable(2)
    );
    let mut looks = vec![bad()];
    looks.extend(vec![good(); 4]);
    assert_eq!(held_three_seconds(looks.clone()), Verdict::Met);
    looks.push(bad());
    assert!(matches!(held_three_seconds(looks), Verdict::NotYet(gaps)
        if matches!(gaps[..], [Gap::ReplicasRunning { have: 1, want: 2, .. }])));
}

#[test]
fn no_more_is_asked_than_a_full_timeline_remembers() {
    let check = Check {
        stable_for: Duration::from_secs(100_000),
        ..Check::new(replicas(2))
    };
    let full = timeline(vec![good(); KEPT]);
    assert_eq!(judge(&check, &full, &shape()), Verdict::Met);
}

#[test]
fn nothing_seen_is_said() {
    for kind in [four_nodes(), replicas(1), Kind::LabDown] {
        assert_eq!(judged(kind, []), gap(Gap::NothingSeen));
    }
}

#[test]
fn the_entry_is_remembered_when_its_snapshot_is_forgotten() {
    let scaled = || {
        Build::four()
            .service("web", 3)
            .running("web", &["manager", "worker01", "worker02"])
    };
    let mut looks = vec![good()];
    looks.extend(vec![scaled(); KEPT + 5]);
    assert_eq!(
        judged(replicas(2), looks),
        broken(Fault::TooManyReplicas {
            name: s("web"),
            have: 3,
            want: 2,
            manager: s("manager"),
        })
    );
}

#[test]
fn all_checks_are_judged_in_order() {
    let checks = [Check::new(four_nodes()), Check::new(Kind::LabDown)];
    let verdicts = judge_all(&checks, &timeline([Build::four()]), &shape());
    assert_eq!(verdicts[0], Verdict::Met);
    assert!(matches!(verdicts[1], Verdict::NotYet(_)));
}
