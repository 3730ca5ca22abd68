//! Rust and TypeScript as a rule wants to read them: without comments, or without strings too, with every
//! remaining character in its old place so that line numbers hold.

/// What to blank out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Comments go, strings stay.
    Strings,
    /// Comments and the insides of strings go.
    CodeOnly,
}

/// Replaces comments (and strings, unless kept) by spaces.
pub(crate) fn blanked(source: &str, keep: Keep) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (block_comment(rest), false),
            '"' => (quoted(rest, '"'), keep == Keep::Strings),
            'r' | 'b' if raw_string(rest).is_some() && !continues_a_word(&out) => {
                (raw_string(rest).unwrap_or(1), keep == Keep::Strings)
            }
            '\'' => character(rest).map_or((1, true), |length| (length, keep == Keep::Strings)),
            _ => (first.len_utf8(), true),
        };
        let (piece, after) = rest.split_at(length);
        if kept {
            out.push_str(piece);
        } else {
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    out
}

/// The source up to its test module: what is production code.
pub(crate) fn production(code: &str) -> &str {
    let mut end = 0;
    for line in code.split_inclusive('\n') {
        if line.trim_end() == "#[cfg(test)]" && code[end + line.len()..].trim_start().starts_with("mod ") {
            return &code[..end];
        }
        end += line.len();
    }
    code
}

/// Every place where `word` stands on its own, as a line number (from 1) and what follows the word.
pub(crate) fn uses<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    code.match_indices(word).filter_map(move |(at, _)| {
        let after = &code[at + word.len()..];
        let alone = !continues_a_word(&code[..at]) && !after.starts_with(is_word);
        alone.then(|| (code[..at].matches('\n').count() + 1, after))
    })
}

/// Whether a character can be part of an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn continues_a_word(before: &str) -> bool {
    before.ends_with(is_word)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `br"…"`: its length, if this is one.
fn raw_string(rest: &str) -> Option<usize> {
    let after_letters = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after_letters.len() - after_letters.trim_start_matches('#').len();
    let body = after_letters[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(rest.len() - body.len() + length)
}

/// A character literal's length; `None` for a lifetime, and for the apostrophe that opens a string in TypeScript
/// on a line where it is not closed.
fn character(rest: &str) -> Option<usize> {
    let line = rest.lines().next().unwrap_or(rest);
    let inner = &line[1..];
    if inner.starts_with('\\') {
        return Some(quoted(line, '\''));
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..].starts_with('\'').then(|| 2 + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_go_and_lines_stay() {
        let source =
            "let a = \"x // y\"; // crate::z\n/* crate::q\n/* n */ */ b('\"', r#\"c \" d\"#, &'a str)\n";
        let code = blanked(source, Keep::CodeOnly);
        assert_eq!(code.matches('\n').count(), source.matches('\n').count());
        assert_eq!(
            code.split_whitespace().collect::<Vec<_>>(),
            ["let", "a", "=", ";", "b(", ",", ",", "&'a", "str)"]
        );
        assert!(blanked(source, Keep::Strings).contains("x // y"));
        assert!(!blanked(source, Keep::Strings).contains("crate::z"));
    }

    #[test]
    fn production_ends_where_the_tests_begin() {
        assert_eq!(production("a\n#[cfg(test)]\nmod tests {\nb\n}\n"), "a\n");
        assert_eq!(
            production("a\n#[cfg(test)]\nuse b;\nc\n"),
            "a\n#[cfg(test)]\nuse b;\nc\n"
        );
    }

    #[test]
    fn a_word_inside_another_is_not_a_use() {
        let found: Vec<_> = uses("sqlx_x\nsqlx::a\nmysqlx", "sqlx").collect();
        assert_eq!(found, [(2, "::a\nmysqlx")]);
    }
}
