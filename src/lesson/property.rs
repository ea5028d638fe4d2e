//! What must be true of every reading, of any bytes: tried by proptest in the
//! tests of `reading`, and by the fuzz target `lesson`.

use super::problem::Problem;
use super::reading::read;
use crate::words::Lang;

/// Reads, and panics where what must hold does not.
pub fn any_bytes_are_read(bytes: &[u8]) {
    let read = read("a.md", bytes);
    let lines = 1 + bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count();
    for problem in &read.problems {
        assert!(problem.line >= 1 && problem.line <= lines, "{problem:?}");
        assert!(problem.column >= 1, "{problem:?}");
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len().max(1),
            "{problem:?}"
        );
    }
    let text = String::from_utf8_lossy(bytes);
    let sources = [("a.md", text.as_ref())];
    for lang in [Lang::En, Lang::Ko] {
        super::report(&read.problems, &sources, lang, false, 80);
        super::report_lines(&read.problems, lang);
    }
    let Some(lesson) = read.lesson else {
        assert!(!read.problems.is_empty());
        return;
    };
    let ids: std::collections::BTreeSet<&str> =
        lesson.steps.iter().map(|step| step.id.as_str()).collect();
    if !read.problems.iter().any(Problem::is_error) {
        assert_eq!(ids.len(), lesson.steps.len(), "step ids are unique");
    }
    for command in lesson.steps.iter().flat_map(|step| &step.solution) {
        assert!(!command.text.is_empty() && !command.text.contains('\n'));
        assert!(bytes.get(command.span.clone()).is_some());
    }
}
