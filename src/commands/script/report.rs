//! What came of a script, for people and for continuous integration.

use std::collections::BTreeMap;
use std::fmt;

use serde_saphyr::Spanned;

/// Facts by name, as `expect` names them.
pub(super) type Facts = BTreeMap<String, String>;

/// An expectation that was not met.
#[derive(Debug, Clone)]
pub(super) struct Surprise {
    pub line: u64,
    pub key: String,
    pub expected: String,
    pub actual: String,
}

/// How one script went.
#[derive(Debug)]
pub struct Report {
    file: String,
    title: String,
    pub(super) steps: usize,
    pub(super) surprises: Vec<Surprise>,
    /// The step that could not be carried out.
    broken: Option<(u64, String)>,
}

impl Report {
    pub(super) fn new(file: String, title: String) -> Self {
        Self { file, title, steps: 0, surprises: vec![], broken: None }
    }

    pub(super) fn unreadable(file: String, problem: String) -> Self {
        let mut report = Self::new(file, "unreadable".to_owned());
        report.broken = Some((0, problem));
        report
    }

    pub(super) fn failed(&mut self, line: u64, problem: String) {
        self.broken = Some((line, problem));
    }

    #[must_use]
    pub fn passed(&self) -> bool {
        self.surprises.is_empty() && self.broken.is_none()
    }

    pub(super) fn compare(
        &mut self,
        expected: &BTreeMap<String, Spanned<serde_json::Value>>,
        facts: &Facts,
        vars: &BTreeMap<String, String>,
    ) {
        for (key, value) in expected {
            let wanted = fill(&plain(&value.value), vars);
            let actual = facts.get(key).map_or("none", String::as_str);
            if !matches(&wanted, actual) {
                self.surprises.push(Surprise {
                    line: value.referenced.line(),
                    key: key.clone(),
                    expected: wanted,
                    actual: actual.to_owned(),
                });
            }
        }
    }
}

/// Scalars as they are compared; nothing is `none`.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Replaces each `${name}` by its value.
pub(super) fn fill(text: &str, vars: &BTreeMap<String, String>) -> String {
    vars.iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

/// Compares without regard to case; `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed() { "ok    " } else { "FAILED" };
        writeln!(f, "{word} {} ({}, {} steps)", self.title, self.file, self.steps)?;
        for surprise in &self.surprises {
            let Surprise { line, key, expected, actual } = surprise;
            writeln!(
                f,
                "       {}:{line}: {key} should be {expected:?} and is {actual:?}",
                self.file
            )?;
        }
        if let Some((line, problem)) = &self.broken {
            writeln!(f, "       {}:{line}: {problem}", self.file)?;
        }
        Ok(())
    }
}

/// JUnit XML, one test case a script.
pub(super) fn junit(reports: &[Report]) -> String {
    let failures = reports.iter().filter(|report| !report.passed()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"hearthline script\" tests=\"{}\" failures=\"{failures}\">\n",
        reports.len()
    );
    for report in reports {
        let (file, title) = (escape(&report.file), escape(&report.title));
        xml.push_str(&format!("  <testcase classname=\"{file}\" name=\"{title}\""));
        if report.passed() {
            xml.push_str("/>\n");
        } else {
            let text = escape(&report.to_string());
            xml.push_str(&format!(">\n    <failure>{text}</failure>\n  </testcase>\n"));
        }
    }
    xml.push_str("</testsuite>\n");
    xml
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, expected) in [
            ("calling anna.", "Calling Anna.", true),
            ("*anna*", "Calling Anna.", true),
            ("calling*", "Calling Anna.", true),
            ("*.", "Calling Anna.", true),
            ("*tom*", "Calling Anna.", false),
            ("anna", "Calling Anna.", false),
            ("*a*n*", "anna", true),
            ("", "", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
