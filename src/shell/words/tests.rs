#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn variables() -> Variables {
    BTreeMap::from([
        ("MANAGER_IP".into(), Some("10.0.0.2".into())),
        ("SPACED".into(), Some("a b".into())),
        ("WORKER_TOKEN".into(), None),
    ])
}

fn texts(line: &str) -> Vec<String> {
    let words = split(line, &variables()).unwrap_or_else(|refusal| panic!("{line}: {refusal:?}"));
    words.into_iter().map(|word| word.text).collect()
}

fn refused(line: &str) -> Refusal {
    split(line, &variables()).unwrap_err()
}

#[test]
fn words_are_split_as_a_shell_splits_them() {
    for (line, words) in [
        ("", &[][..]),
        ("   ", &[]),
        ("# all of it", &[]),
        ("docker ps # and why", &["docker", "ps"]),
        ("a#b", &["a#b"]),
        ("a  b\tc", &["a", "b", "c"]),
        ("sh -c 'ls | wc > $HOME'", &["sh", "-c", "ls | wc > $HOME"]),
        ("-text=\"안녕 하세요\"", &["-text=안녕 하세요"]),
        (r#"a\ b "c\"d" "e\f""#, &["a b", "c\"d", "e\\f"]),
        ("--format {{.ID}}", &["--format", "{{.ID}}"]),
        (
            "-p 80:80/tcp a=b,c@d%e [x]",
            &["-p", "80:80/tcp", "a=b,c@d%e", "[x]"],
        ),
        ("'' \"\"", &["", ""]),
        ("$MANAGER_IP:2377", &["10.0.0.2:2377"]),
        ("${MANAGER_IP}:2377", &["10.0.0.2:2377"]),
        (
            "\"$MANAGER_IP\" '$MANAGER_IP'",
            &["10.0.0.2", "$MANAGER_IP"],
        ),
        (r"\$MANAGER_IP", &["$MANAGER_IP"]),
        ("$SPACED", &["a b"]),
        ("cost$ 5", &["cost$", "5"]),
        ("a\\\n  b", &["a", "b"]),
        ("'two\nlines'\r\n", &["two\nlines"]),
        ("'–' \"“\"", &["–", "“"]),
    ] {
        assert_eq!(texts(line), words, "{line}");
    }
}

#[test]
fn spans_and_quoting_are_kept() {
    let words = split("  가 'b c'd", &variables()).unwrap();
    assert_eq!(words[0].span, 2..5);
    assert!(!words[0].quoted);
    assert_eq!(words[1].span, 6..12);
    assert_eq!(words[1].text, "b cd");
    assert!(words[1].quoted);
}

#[test]
fn what_needs_a_shell_is_refused_with_its_place() {
    for (line, at, operator) in [
        ("ls | wc", 3, "|"),
        ("a && b", 2, "&&"),
        ("a || b", 2, "||"),
        ("a; b", 1, ";"),
        ("a > f", 2, ">"),
        ("a >> f", 2, ">>"),
        ("a 2>&1", 3, ">&"),
        ("a < f", 2, "<"),
        ("a &", 2, "&"),
        ("a $(b)", 2, "$("),
        ("a \"$(b)\"", 3, "$("),
        ("a `b`", 2, "`"),
        ("a \"`b`\"", 3, "`"),
        ("ls *.yaml", 3, "*"),
        ("name=x*", 6, "*"),
        ("name=x?", 6, "?"),
        ("docker exec (node)", 12, "("),
        ("echo $?", 5, "$?"),
        ("echo ${A:-b}", 5, "${"),
        ("cat ~/x", 4, "~"),
    ] {
        assert_eq!(
            refused(line),
            Refusal::ShellSyntax {
                at,
                operator: operator.into(),
                suggestion: None
            },
            "{line}"
        );
    }
    assert_eq!(
        texts("--filter 'name=x*' 'a|b' \\* x~y"),
        ["--filter", "name=x*", "a|b", "*", "x~y"]
    );
}

#[test]
fn unfinished_and_unknown_things_are_refused() {
    assert_eq!(refused("a 'b"), Refusal::UnclosedQuote(2));
    assert_eq!(refused("a \"b"), Refusal::UnclosedQuote(2));
    assert_eq!(refused("a \\"), Refusal::UnfinishedLine);
    assert_eq!(
        refused("$WORKER_TOKEN"),
        Refusal::NoValueYet("WORKER_TOKEN".into())
    );
    assert_eq!(
        refused("$manager_ip"),
        Refusal::UnknownVariable {
            name: "manager_ip".into(),
            similar: Some("MANAGER_IP".into())
        }
    );
    assert_eq!(
        refused("$HOME"),
        Refusal::UnknownVariable {
            name: "HOME".into(),
            similar: None
        }
    );
    assert_eq!(refused("a\u{1b}b"), Refusal::ControlCharacter(1, '\u{1b}'));
    assert_eq!(refused("'a\0'"), Refusal::ControlCharacter(2, '\0'));
    assert_eq!(refused("a\nb"), Refusal::ControlCharacter(1, '\n'));
    assert_eq!(
        refused("do\u{200b}cker"),
        Refusal::ControlCharacter(2, '\u{200b}')
    );
    let long = "a".repeat(MAX_LINE + 1);
    assert_eq!(refused(&long), Refusal::TooLong);
}

#[test]
fn look_alikes_are_refused_with_the_line_mended() {
    for (line, meant, mended) in [
        (
            "docker service create –name web",
            '-',
            "docker service create --name web",
        ),
        (
            "docker exec –it manager ls",
            '-',
            "docker exec -it manager ls",
        ),
        (
            "docker exec −i manager ls",
            '-',
            "docker exec -i manager ls",
        ),
        ("x “a b” ‘c’", '"', "x \"a b\" 'c'"),
        ("-p 80：80", ':', "-p 80:80"),
        ("docker\u{a0}ps", ' ', "docker ps"),
        ("docker\u{3000}ps", ' ', "docker ps"),
        ("ｄｏｃｋｅｒ ps", 'd', "docker ps"),
    ] {
        match refused(line) {
            Refusal::LookAlike {
                meant: got,
                suggestion,
                ..
            } => {
                assert_eq!(got, meant, "{line}");
                assert_eq!(suggestion, mended, "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn a_quoted_text_reads_back_as_itself() {
    for text in ["plain", "", "it's", "a b", "$MANAGER_IP", "a|b", "{{.ID}}"] {
        assert_eq!(texts(&quote(text)), [text]);
    }
}

proptest! {
    #[test]
    fn agrees_with_shlex(line in r#"[a-z가=:/ \t'"\\#]{0,40}"#) {
        let ours = split(&line, &Variables::new());
        match shlex::split(&line) {
            Some(theirs) => {
                let ours: Vec<String> = ours.unwrap().into_iter().map(|word| word.text).collect();
                prop_assert_eq!(ours, theirs);
            }
            None => {
                let unfinished = matches!(ours, Err(Refusal::UnclosedQuote(_) | Refusal::UnfinishedLine));
                prop_assert!(unfinished);
            }
        }
    }

    #[test]
    fn never_panics_and_spans_fit(line in "\\PC{0,40}|[$'\"{}A-Z\\\\ \u{0}-\u{7f}–“]{0,30}") {
        if let Ok(words) = split(&line, &variables()) {
            for word in words {
                prop_assert!(line.get(word.span).is_some());
            }
        }
    }

    #[test]
    fn quote_is_undone_by_split(text in "\\PC{0,20}") {
        let words = split(&quote(&text), &Variables::new()).unwrap();
        prop_assert_eq!(&words[0].text, &text);
        prop_assert_eq!(words.len(), 1);
    }
}
