//! What the learner sees, as text: a step with everything in it, in both
//! languages, at two widths and in each look.
//!
//! Any prose, whatever is in it, must keep to its width and send the terminal
//! nothing but text and our own colours.

use proptest::prelude::*;
use swarmlings::lesson::{Block, Condition, Quiz, QuizOption, Role, Step};
use swarmlings::terminal::{Look, markdown, say, step};
use swarmlings::words::Lang;
use unicode_width::UnicodeWidthStr;

const PROSE_EN: &str = r#"
A **service** says *what* should run, and Swarm sees to it that it does. You made one
node a `manager`; now it takes orders. Read [the service docs](https://docs.docker.com/engine/swarm/services/)
or <https://example.com>; press <kbd>Ctrl-C</kbd> to stop.

### What each word means

| Word | Meaning | Tasks |
|:-----|:--------|------:|
| service | the wish: an image, and how many of it should run at any time on the nodes of the swarm | |
| task | one container of a service, on one node | 6 |
| `replicas` | how many | 60 |

1. The manager writes the wish down.
2. The scheduler places tasks:
   - on nodes that are `Ready`,
   - as evenly as it can.
3. Each node starts its containers.

   It reports back ~~once~~ all the time.

- [x] swarm made
- [ ] service made

> A published port is open on **every** node, also on those without a task.
>
> > It needs IP_VS.

```yaml
services:
  web:
    image: swarmlings/web:1  # the first
    ports: ["8080:80"]
```

```
plain output, with a line that is long enough to be broken at eighty columns and at forty too
```

---

![A map of four nodes](map.png) The end<br>of the text.
"#;

const PROSE_KO: &str = r#"
**서비스**는 *무엇을* 실행할지 적어 둔 것이고, 스웜은 그것이 지켜지도록 합니다. 노드 하나를
`manager`로 만들었으니 이제 명령을 받습니다. 자세한 내용은 [서비스 문서](https://docs.docker.com/engine/swarm/services/)를
참고합니다.

|이름|역할|
|:---:|:---|
|service|기본적인 배포 단위. 스웜에서 클러스터 안의 서비스를 관리하며 `docker run`과 비슷합니다|
|task|컨테이너 배포 단위. 서비스는 여러 개의 태스크를 실행합니다|

1. 매니저가 원하는 상태를 기록합니다.
2. 스케줄러가 태스크를 배치합니다.
   - `Ready`인 노드에,
   - 되도록 고르게 배치합니다.

> 공개한 포트는 태스크가 없는 노드를 포함해 **모든** 노드에서 열립니다.
"#;

fn sample(lang: Lang) -> Step {
    let say = |en: &str, ko: &str| match lang {
        Lang::En => en.to_owned(),
        Lang::Ko => ko.to_owned(),
    };
    let console = |role, condition, text: &str| Block::Console {
        role,
        text: text.to_owned(),
        condition,
    };
    let option = |text: String, right| QuizOption {
        text,
        right,
        explanation: None,
    };
    Step {
        id: "create-service".into(),
        title: say("Create a service", "서비스 만들기"),
        blocks: vec![
            console(
                Role::Setup,
                None,
                "$ docker exec manager docker service rm web\n",
            ),
            Block::Prose(say(PROSE_EN, PROSE_KO)),
            console(
                Role::Solution,
                None,
                "$ docker exec -it manager \\\ndocker service create --name test_swarm -p 5678:5678 hashicorp/http-echo:latest -text='hello swarm'\n$ docker exec -it manager docker service ls\nID             NAME         MODE         REPLICAS   IMAGE                        PORTS\nm1q8yqlcr3xf   test_swarm   replicated   1/1        hashicorp/http-echo:latest   *:5678->5678/tcp\n",
            ),
            console(
                Role::Solution,
                Some(Condition::Mesh),
                "$ docker exec worker03 wget -qO- http://127.0.0.1:5678\n",
            ),
            console(
                Role::Solution,
                Some(Condition::NoMesh),
                "$ docker exec manager docker service ps test_swarm\n",
            ),
            Block::File {
                path: "stack.yaml".into(),
                language: "yaml".into(),
                text: "services:\n  web:\n    image: swarmlings/web:1\n    deploy: {replicas: 3}\n"
                    .into(),
            },
            Block::Prose(say(
                "What does `service ls` show while a task is starting?",
                "태스크가 시작되는 동안 `service ls`에는 무엇이 보입니까?",
            )),
            Block::Quiz(Quiz {
                predict: false,
                question: String::new(),
                options: vec![
                    option(
                        say(
                            "`0/1`: wanted, not running yet",
                            "`0/1`: 원하지만 아직 실행되지 않음",
                        ),
                        true,
                    ),
                    option(
                        say("`1/1`: Docker counts it at once", "`1/1`: 바로 센다"),
                        false,
                    ),
                    option(
                        say(
                            "nothing at all, because a service is only listed once every one of its tasks runs",
                            "아무것도 보이지 않는다. 모든 태스크가 실행된 뒤에야 목록에 나오기 때문이다",
                        ),
                        false,
                    ),
                ],
            }),
            Block::Branch {
                summary: say("With a registry", "레지스트리를 쓰는 방법"),
                markdown: say(
                    "Tag it first:\n\n```console\n$ docker tag hashicorp/http-echo localhost:5000/http-echo\n```\n",
                    "먼저 태그를 붙입니다.\n\n```console\n$ docker tag hashicorp/http-echo localhost:5000/http-echo\n```\n",
                ),
            },
            console(
                Role::Cleanup,
                None,
                "$ docker exec manager docker service rm test_swarm\n",
            ),
        ],
        ..Step::default()
    }
}

fn colour(width: usize) -> Look {
    Look {
        width,
        colour: true,
        unicode: true,
        plain: false,
    }
}

fn shown(lang: Lang, look: &Look, mesh: Option<bool>, more: bool) -> String {
    let lesson = match lang {
        Lang::En => "Services and tasks",
        Lang::Ko => "서비스와 태스크",
    };
    step(&sample(lang), lesson, (3, 12), look, lang, mesh, more)
}

#[test]
fn a_step_with_everything() {
    for lang in [Lang::En, Lang::Ko] {
        for width in [80, 40] {
            let name = |look: &str| format!("step_{}_{width}_{look}", lang.code());
            insta::assert_snapshot!(
                name("plain"),
                shown(lang, &Look::plain(width), Some(true), true)
            );
            let signs = Look {
                colour: false,
                ..colour(width)
            };
            insta::assert_snapshot!(name("signs"), shown(lang, &signs, None, false));
        }
        let coloured = shown(lang, &colour(80), Some(false), false);
        insta::assert_snapshot!(
            format!("step_{}_80_colour", lang.code()),
            coloured.replace('\x1b', "␛")
        );
    }
}

/// Every step of a lesson, one under the other, its branches open.
fn lesson_shown(lesson: &swarmlings::lesson::Lesson, lang: Lang, look: &Look) -> String {
    let total = lesson.steps.len();
    let pages = lesson.steps.iter().enumerate().map(|(index, one)| {
        let position = (index + 1, total);
        step(one, &lesson.title, position, look, lang, None, true)
    });
    pages.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_lesson_of_the_course() {
    for (lang, course) in swarmlings::driver::embedded().twins {
        for lesson in &course.lessons {
            for width in [80, 40] {
                let name = format!("lesson_{}_{}_{width}", lang.code(), lesson.id);
                let plain = lesson_shown(lesson, lang, &Look::plain(width));
                keeps_the_rules(&plain, &Look::plain(width));
                insta::assert_snapshot!(format!("{name}_plain"), plain);
                // One lesson shows the colours; the rules hold for all.
                let coloured = lesson_shown(lesson, lang, &colour(width));
                if lesson.id == "service" {
                    insta::assert_snapshot!(format!("{name}_colour"), coloured);
                }
            }
        }
    }
}

#[test]
fn the_variant_without_the_mesh_is_shown_unless_the_mesh_is_there() {
    let look = Look::plain(80);
    for (mesh, wanted, unwanted) in [
        (Some(true), "wget", "service ps"),
        (Some(false), "service ps", "wget"),
        (None, "service ps", "wget"),
    ] {
        let shown = shown(Lang::En, &look, mesh, false);
        assert!(
            shown.contains(wanted) && !shown.contains(unwanted),
            "{mesh:?}"
        );
    }
}

/// The text as the terminal shows it: our own colours taken off.
fn without_colours(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        shown.push_str(before);
        let end = after.find('m').expect("a colour ends in m");
        assert!(after[..end].chars().all(|c| c.is_ascii_digit() || c == ';'));
        rest = &after[end + 1..];
    }
    shown.push_str(rest);
    shown
}

/// What every screen must keep, whatever is on it.
fn keeps_the_rules(text: &str, look: &Look) {
    if !look.colour {
        assert!(!text.contains('\x1b'), "an escape without colours");
    }
    for line in without_colours(text).split('\n') {
        assert!(
            !line.chars().any(char::is_control),
            "a control character in {line:?}"
        );
        assert!(!line.ends_with(' '), "a space at the end of {line:?}");
        assert!(
            line.width() <= look.width,
            "wider than {}: {line:?}",
            look.width
        );
    }
    assert!(text.is_empty() || text.ends_with('\n'));
}

fn looks() -> impl Strategy<Value = Look> {
    (20usize..120, 0..3).prop_map(|(width, kind)| match kind {
        0 => Look::plain(width),
        1 => colour(width),
        _ => Look {
            colour: false,
            ..colour(width)
        },
    })
}

/// Pieces of Markdown, so that most samples are more than one paragraph.
fn markdowns() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,40}",
        any::<String>(),
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "  \n",
            "- ",
            "1. ",
            "999999999. ",
            "> ",
            "    ",
            "\t",
            "# ",
            "### ",
            "```\n",
            "```console\n$ ",
            "```yaml\na: b\n",
            "|a|b|\n|-|:-:|\n|",
            "|",
            "\n|",
            "`",
            "**",
            "*",
            "~~",
            "[x](",
            "](https://example.com/a/very/long/address/",
            ")",
            "![",
            "<br>",
            "<div>",
            "</div>\n\n",
            "<!-- ",
            " -->",
            "<kbd>",
            "- [ ] ",
            "---\n",
            "\x1b[2J",
            "\x07",
            "\r",
            "\u{202e}",
            "\u{9b}31m",
            "서비스를 ",
            "매니저노드에서",
            "👩‍👩‍👧 ",
            "☀\u{fe0f}",
            "e\u{301}",
            "\u{ad}",
            "docker service create --name test_swarm -p 5678:5678 hashicorp/http-echo:latest ",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn markdown_keeps_the_rules(text in markdowns(), look in looks()) {
        keeps_the_rules(&markdown(&text, &look), &look);
    }

    #[test]
    fn sentences_keep_the_rules(text in any::<String>(), look in looks()) {
        keeps_the_rules(&say(swarmlings::terminal::Tone::Warn, &text, &look), &look);
    }

    #[test]
    fn steps_keep_the_rules(
        text in markdowns(),
        title in any::<String>(),
        look in looks(),
        korean in any::<bool>(),
        more in any::<bool>(),
    ) {
        let lang = if korean { Lang::Ko } else { Lang::En };
        let mut sample = sample(lang);
        sample.title = title.clone();
        sample.blocks.push(Block::Prose(text.clone()));
        sample.blocks.push(Block::Console { role: Role::Setup, text: text.clone(), condition: None });
        sample.blocks.push(Block::File { path: title.clone(), language: "yaml".into(), text: text.clone() });
        sample.blocks.push(Block::Branch { summary: title.clone(), markdown: text });
        keeps_the_rules(&step(&sample, &title, (10, 12), &look, lang, None, more), &look);
    }
}
