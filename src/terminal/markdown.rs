//! Markdown as a terminal shows it. Knows nothing of lessons: directives are
//! comments here, and comments are dropped.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::code;
use super::html;
use super::look::{Look, Tone};
use super::table::Table;
use super::text::{Line, paint_all};
use super::wrap::Inline;

/// The text as lines for this look, each with its line end.
///
/// Running text is at most 100 columns wide, tables and code as wide as the
/// terminal. Raw HTML is dropped but for the text in it and `<br>`; an image is
/// its alternative text; a link keeps its address.
pub fn markdown(text: &str, look: &Look) -> String {
    paint_all(&lines(text, look.columns(), look), look)
}

/// The text as lines of at most so many columns.
pub(super) fn lines(text: &str, columns: usize, look: &Look) -> Vec<Line> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut page = Page::new(columns, look);
    let mut events = Parser::new_ext(text, options).peekable();
    while let Some(event) = events.next() {
        // An item that begins with a paragraph belongs to a loose list.
        let loose = matches!(events.peek(), Some(Event::Start(Tag::Paragraph)));
        page.event(event, loose);
    }
    page.flush();
    page.lines
}

/// The page so far, and where in it we are.
struct Page<'a> {
    look: &'a Look,
    columns: usize,
    lines: Vec<Line>,
    /// Quotes and list items around the current block.
    containers: Vec<Container>,
    lists: Vec<List>,
    /// A blank line is due before the next block.
    gap: bool,
    /// The running text of the current block.
    inline: Inline,
    tones: Vec<Tone>,
    links: Vec<Link>,
    /// Alternative text, while inside an image.
    image: Option<(String, String)>,
    /// Language and text, while inside a code block.
    code: Option<(String, String)>,
    /// Markup, while inside a block of HTML.
    html: Option<String>,
    table: Option<Table>,
}

/// What stands to the left of a block.
struct Container {
    /// On its first line, until that is drawn.
    marker: Option<Line>,
    /// On the lines after it; as wide as the marker.
    rest: Line,
    /// Something of it has been drawn.
    begun: bool,
}

/// A list around the current block.
struct List {
    /// The next number, if it is numbered.
    number: Option<u64>,
    /// Blank lines stand between its items.
    loose: bool,
    begun: bool,
}

struct Link {
    address: String,
    text: String,
    /// The address is the text.
    bare: bool,
}

impl<'a> Page<'a> {
    fn new(columns: usize, look: &'a Look) -> Self {
        Page {
            look,
            columns,
            lines: Vec::new(),
            containers: Vec::new(),
            lists: Vec::new(),
            gap: false,
            inline: Inline::default(),
            tones: Vec::new(),
            links: Vec::new(),
            image: None,
            code: None,
            html: None,
            table: None,
        }
    }

    fn event(&mut self, event: Event, loose: bool) {
        match event {
            Event::Start(tag) => self.start(tag, loose),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.inline_code(&text),
            Event::Html(html) => match &mut self.html {
                Some(collected) => collected.push_str(&html),
                None => self.inline_html(&html),
            },
            Event::InlineHtml(html) => self.inline_html(&html),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => match &mut self.image {
                Some((alternative, _)) => alternative.push(' '),
                None => self.inline.hard_break(),
            },
            Event::Rule => {
                self.flush();
                let width = self.room().min(self.look.measure());
                let rule = Line::of(Tone::Dim, &self.look.sign("─", "-").repeat(width));
                self.block(vec![rule]);
            }
            Event::TaskListMarker(done) => {
                let (mark, tone) = match done {
                    true => ("[x]", Tone::Good),
                    false => ("[ ]", Tone::Dim),
                };
                // Its own space must not break.
                self.inline.push(tone, mark.replace(' ', "\u{a0}").as_str());
                self.inline.push(Tone::Text, " ");
            }
            // Off, or what they hold is only shown.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text)
            }
        }
    }

    fn start(&mut self, tag: Tag, loose: bool) {
        match tag {
            Tag::Paragraph | Tag::TableHead | Tag::TableRow | Tag::TableCell => {}
            Tag::Heading { level, .. } => {
                self.flush();
                self.gap = !self.lines.is_empty();
                self.tones.push(Tone::Heading);
                if !self.look.colour {
                    let sign = "#".repeat(level as usize);
                    self.inline.push(Tone::Heading, &format!("{sign} "));
                }
            }
            Tag::BlockQuote(_) => {
                self.flush();
                let bar = Line::of(Tone::Dim, self.look.sign("│ ", "| "));
                self.enter(bar.clone(), bar);
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap_or(""),
                    CodeBlockKind::Indented => "",
                };
                self.code = Some((language.to_owned(), String::new()));
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::List(number) => {
                self.flush();
                // A list below the text of a tight item stands right below it.
                self.gap &= self.lists.last().is_none_or(|list| list.loose);
                self.lists.push(List {
                    number,
                    loose: false,
                    begun: false,
                });
            }
            Tag::Item => self.item(loose),
            Tag::Table(alignments) => {
                self.flush();
                self.table = Some(Table::new(alignments));
            }
            Tag::Emphasis => self.tones.push(Tone::Emphasis),
            Tag::Strong => self.tones.push(Tone::Strong),
            Tag::Strikethrough => {
                self.tones.push(Tone::Struck);
                self.strike();
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                self.tones.push(Tone::Link);
                self.links.push(Link {
                    address: dest_url.to_string(),
                    text: String::new(),
                    bare: matches!(link_type, LinkType::Autolink | LinkType::Email),
                });
            }
            Tag::Image { dest_url, .. } => {
                self.image = Some((String::new(), dest_url.to_string()));
            }
            // Extensions that are off.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(_) => {
                self.tones.pop();
                self.flush();
            }
            TagEnd::BlockQuote(_) => self.leave(),
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let indent = code::indent(self.room());
                    let room = self.room().saturating_sub(indent.len());
                    let lines = code::fence(&language, &text, room, self.look);
                    self.block(code::indented(lines, indent));
                }
            }
            TagEnd::HtmlBlock => {
                let markup = self.html.take().unwrap_or_default();
                for (index, line) in html::text(&markup).lines().enumerate() {
                    if index > 0 {
                        self.inline.hard_break();
                    }
                    self.inline.push(Tone::Text, line.trim());
                }
                self.flush();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap = true;
            }
            TagEnd::Item => self.leave(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let lines = table.lines(self.room(), self.look);
                    self.block(lines);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong => {
                self.tones.pop();
            }
            TagEnd::Strikethrough => {
                self.strike();
                self.tones.pop();
            }
            TagEnd::Link => {
                self.tones.pop();
                if let Some(link) = self.links.pop() {
                    let inside = link.address.starts_with('#');
                    if !link.bare && !inside && link.address != link.text {
                        self.text(" ");
                        self.inline.push(Tone::Dim, &format!("({})", link.address));
                    }
                }
            }
            TagEnd::Image => {
                if let Some((alternative, address)) = self.image.take() {
                    let shown = match alternative.trim() {
                        "" => address,
                        alternative => alternative.to_owned(),
                    };
                    self.text(&format!("[{shown}]"));
                }
            }
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
        } else if let Some((alternative, _)) = &mut self.image {
            alternative.push_str(text);
        } else {
            if let Some(link) = self.links.last_mut() {
                link.text.push_str(text);
            }
            let tone = self.tones.last().copied().unwrap_or_default();
            self.inline.push(tone, text);
        }
    }

    fn inline_code(&mut self, text: &str) {
        if self.image.is_some() {
            return self.text(text);
        }
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(text);
        }
        self.inline.push_code(text, self.look);
    }

    fn inline_html(&mut self, tag: &str) {
        if html::is_line_break(tag) && self.image.is_none() {
            self.inline.hard_break();
        }
    }

    /// Without colours a struck word would read as its opposite.
    fn strike(&mut self) {
        if !self.look.colour {
            self.text("~~");
        }
    }

    fn item(&mut self, loose: bool) {
        self.flush();
        let bullet = match self.lists.len() % 2 {
            1 => self.look.sign("• ", "- "),
            _ => self.look.sign("◦ ", "* "),
        };
        let Some(list) = self.lists.last_mut() else {
            return;
        };
        list.loose |= loose;
        if list.begun {
            self.gap = list.loose;
        }
        list.begun = true;
        let marker = match &mut list.number {
            Some(number) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            None => bullet.to_owned(),
        };
        let marker = Line::of(Tone::Dim, &marker);
        let rest = Line::of(Tone::Text, &" ".repeat(marker.width()));
        self.enter(marker, rest);
    }

    fn enter(&mut self, marker: Line, rest: Line) {
        // Deep nesting goes on without indenting further, so that room is left.
        let fits = self.indent() + marker.width() <= self.columns / 2;
        self.containers.push(Container {
            marker: fits.then_some(marker),
            rest: if fits { rest } else { Line::default() },
            begun: false,
        });
    }

    fn leave(&mut self) {
        self.flush();
        if let Some(container) = self.containers.last()
            && !container.begun
        {
            // An empty item still shows its marker.
            self.block(vec![Line::default()]);
        }
        self.containers.pop();
    }

    /// Ends the running text as a block of its own.
    fn flush(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        if !inline.is_empty() {
            let lines = inline.wrap(self.room().min(self.look.measure()));
            self.block(lines);
        }
    }

    /// Draws a block inside its containers, after a blank line where one is due.
    fn block(&mut self, lines: Vec<Line>) {
        if self.gap && !self.lines.is_empty() {
            let mut blank = Line::default();
            for container in self.containers.iter().filter(|c| c.begun) {
                blank.append(container.rest.clone());
            }
            self.lines.push(blank);
        }
        for line in lines {
            let mut shown = Line::default();
            for container in &mut self.containers {
                let lead = container.marker.take();
                shown.append(lead.unwrap_or_else(|| container.rest.clone()));
                container.begun = true;
            }
            shown.append(line);
            self.lines.push(shown);
        }
        self.gap = true;
    }

    fn indent(&self) -> usize {
        self.containers.iter().map(|c| c.rest.width()).sum()
    }

    /// Columns left for a block.
    fn room(&self) -> usize {
        self.columns.saturating_sub(self.indent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, width: usize) -> String {
        markdown(text, &Look::plain(width))
    }

    #[test]
    fn lists_nest_and_keep_their_tightness() {
        let text = "Before\n\n- a\n- b\n  1. c\n  2. d\n- e\n\nAfter\n\n9. f\n\n10. g\n";
        assert_eq!(
            plain(text, 80),
            "Before\n\n- a\n- b\n  1. c\n  2. d\n- e\n\nAfter\n\n9. f\n\n10. g\n"
        );
    }

    #[test]
    fn quotes_keep_their_bar_between_paragraphs_only() {
        assert_eq!(
            plain("a\n\n> b\n>\n> c\n\nd", 80),
            "a\n\n| b\n|\n| c\n\nd\n"
        );
    }

    #[test]
    fn an_address_is_never_lost() {
        assert_eq!(
            plain(
                "[docs](https://d.example/a), <https://e.example>, [x](#y)",
                80
            ),
            "docs (https://d.example/a), https://e.example, x\n"
        );
    }

    #[test]
    fn html_leaves_only_its_text_and_breaks() {
        assert_eq!(
            plain(
                "a<br>b <kbd>Ctrl-C</kbd><!-- no -->\n\n<div>\nin &lt;it&gt;\n</div>",
                80
            ),
            "a\nb Ctrl-C\n\nin <it>\n"
        );
        assert_eq!(plain("<!-- step: x -->\n\ntext", 80), "text\n");
    }

    #[test]
    fn meaning_survives_without_colour() {
        assert_eq!(
            plain(
                "### H\n\n`a b` ~~not~~ **so** ![map](m.png)\n\n- [x] done\n- [ ] open",
                80
            ),
            "### H\n\n`a b` ~~not~~ so [map]\n\n- [x] done\n- [ ] open\n"
        );
    }

    #[test]
    fn escapes_in_the_text_are_shown_not_obeyed() {
        let shown = plain("a \x1b[2J `b\x07`\n\n```\nc\x1b]0;d\x07\n```", 80);
        assert_eq!(shown, "a ^[[2J `b^G`\n\n    c^[]0;d^G\n");
    }

    #[test]
    fn deep_nesting_leaves_room() {
        let text = format!("{}deep", "> ".repeat(3_000));
        let shown = plain(&text, 40);
        assert!(shown.lines().all(|line| line.len() <= 40));
        assert!(shown.contains("deep"));
    }
}
