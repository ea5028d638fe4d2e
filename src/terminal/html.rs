//! What is left of raw HTML in Markdown: its text.

/// Elements whose text is no text.
const SILENT: [&str; 2] = ["script", "style"];

/// Whether the tag is some `<br>`.
pub(super) fn is_line_break(tag: &str) -> bool {
    name(tag).eq_ignore_ascii_case("br")
}

/// The text between the tags of a block, on the lines it stood on; `<br>` ends
/// a line. Lines without text are left out.
pub(super) fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (tag, after) = tag(rest);
        rest = after;
        if is_line_break(tag) {
            text.push('\n');
        }
        if let Some(name) = SILENT.iter().find(|n| name(tag).eq_ignore_ascii_case(n)) {
            let end = rest.to_ascii_lowercase().find(&format!("</{name}"));
            rest = end.map_or("", |end| &rest[end..]);
        }
    }
    text.push_str(rest);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    entities(&lines.collect::<Vec<_>>().join("\n"))
}

/// Splits off the tag or comment that the text begins with. One that is never
/// closed takes the rest.
fn tag(html: &str) -> (&str, &str) {
    let end = match html.strip_prefix("<!--") {
        Some(comment) => comment.find("-->").map(|at| at + "<!---->".len()),
        None => html.find('>').map(|at| at + 1),
    };
    html.split_at(end.unwrap_or(html.len()))
}

/// The element's name; empty for an end tag or a comment.
fn name(tag: &str) -> &str {
    let inner = tag.strip_prefix('<').unwrap_or(tag);
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric());
    &inner[..end.unwrap_or(inner.len())]
}

/// The entities that a text needs to show the signs of HTML.
fn entities(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_left() {
        assert_eq!(
            text("<div markdown=\"1\">\n<b>a</b> &amp;lt; b<br/>c\n"),
            "a &lt; b\nc"
        );
        assert_eq!(text("<!-- a <b> --> c <script>x<y</script>d"), "c d");
        assert_eq!(text("a <never closed"), "a");
        assert!(is_line_break("<br>") && is_line_break("<BR />") && !is_line_break("</b>"));
    }
}
