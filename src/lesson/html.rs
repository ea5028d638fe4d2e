//! The little HTML that Markdown files have: tags, text, and what only lays out.

use std::ops::Range;

/// A tag in HTML.
#[derive(Debug, PartialEq)]
pub(crate) struct HtmlTag<'t> {
    pub name: &'t str,
    pub closing: bool,
    pub span: Range<usize>,
}

/// The tags of an HTML text, comments passed over; spans are of `html`.
pub(crate) fn html_tags(html: &str) -> Vec<HtmlTag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let rest = &html[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            match comment.find("-->") {
                Some(length) => at = start + 4 + length + 3,
                None => break,
            }
            continue;
        }
        let closing = rest.starts_with('/');
        let name_at = usize::from(closing);
        let length = rest[name_at..]
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        if length == 0 {
            at = start + 1;
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        tags.push(HtmlTag {
            name: &rest[name_at..name_at + length],
            closing,
            span: start..start + 1 + end + 1,
        });
        at = start + 1 + end + 1;
    }
    tags
}

/// An HTML text without its tags and comments.
pub(crate) fn html_text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let is_tag = rest[1..].starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
        let end = match rest.strip_prefix("<!--") {
            Some(comment) => comment
                .find("-->")
                .map_or(Some(rest.len()), |at| Some(at + 7)),
            None if is_tag => rest.find('>').map(|at| at + 1),
            None => None,
        };
        match end {
            Some(end) => rest = &rest[end..],
            None if is_tag => break,
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// HTML that only lays out.
pub(crate) fn is_noise(html: &str) -> bool {
    let tags = html_tags(html);
    !tags.is_empty()
        && html_text(html).is_empty()
        && tags.iter().all(|tag| {
            ["br", "div", "p", "center", "hr"]
                .iter()
                .any(|name| tag.name.eq_ignore_ascii_case(name))
        })
}

pub(crate) fn is_break(html: &str) -> bool {
    matches!(html_tags(html)[..], [HtmlTag { name, closing: false, .. }]
        if name.eq_ignore_ascii_case("br"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_outside_comments() {
        let html = "<details open><!-- <p> --><summary>A &lt; <b>B</b></summary>";
        let names: Vec<_> = html_tags(html).iter().map(|tag| tag.name).collect();
        assert_eq!(names, ["details", "summary", "b", "b", "summary"]);
        assert_eq!(html_text(html), "A < B");
        assert!(is_noise("</div>\n<br/>"));
        assert!(!is_noise("<p>x</p>"));
        assert!(!is_noise("plain"));
    }
}
