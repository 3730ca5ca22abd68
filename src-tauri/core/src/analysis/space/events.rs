//! The event stream (`text/event-stream`, WHATWG HTML, section 9.2) in which a Gradio server reports on a call.

/// An event that ends a call, or says that it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The result, as JSON text.
    Complete(String),
    /// The server's function failed.
    Error,
    /// It works on it.
    StillThere,
}

/// More than an answer in words ever has.
const LONGEST: usize = 64 * 1024;

/// Reads a stream that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// What came and is not a whole line yet.
    rest: Vec<u8>,
    name: String,
    data: Option<String>,
}

/// The stream is none, or has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAStream;

impl Events {
    /// Takes the next piece and gives the events that it completes. (Lines end in LF or CRLF; a lone CR, which the specification
    /// has too, ends none here.)
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<Vec<Event>, NotAStream> {
        let mut events = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                let line = std::str::from_utf8(&line).map_err(|_| NotAStream)?;
                events.extend(self.line(line.trim_end_matches(['\r', '\n']))?);
            }
            if self.rest.len() + self.data.as_ref().map_or(0, String::len) > LONGEST {
                return Err(NotAStream);
            }
        }
        Ok(events)
    }

    fn line(&mut self, line: &str) -> Result<Option<Event>, NotAStream> {
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                let data = self.data.get_or_insert_default();
                if !data.is_empty() {
                    data.push('\n');
                }
                data.push_str(value);
            }
            // A comment keeps the line open.
            "" | "id" | "retry" => {}
            _ => return Err(NotAStream),
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take();
        match name.as_str() {
            "complete" => Some(Event::Complete(data?)),
            "error" => Some(Event::Error),
            _ => data.map(|_| Event::StillThere),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let stream = "event: heartbeat\ndata: null\n\n: still here\r\n\r\nevent: complete\r\ndata: [\"MEL: 1%\"]\r\n\r\n";
        let whole = vec![Event::StillThere, Event::Complete("[\"MEL: 1%\"]".to_owned())];
        assert_eq!(Events::default().take(stream.as_bytes()).unwrap(), whole);
        let mut events = Events::default();
        let mut read = Vec::new();
        for byte in stream.bytes() {
            read.extend(events.take(&[byte]).unwrap());
        }
        assert_eq!(read, whole);
    }

    #[test]
    fn half_an_event_is_none() {
        let mut events = Events::default();
        assert_eq!(events.take(b"event: complete\ndata: [\"MEL").unwrap(), []);
        assert_eq!(events.take(b": 1%\"]\n").unwrap(), []);
        assert_eq!(
            events.take(b"\n").unwrap(),
            [Event::Complete("[\"MEL: 1%\"]".to_owned())]
        );
    }

    #[test]
    fn what_is_no_stream_is_said_to_be_none() {
        assert_eq!(Events::default().take(b"<html>\n"), Err(NotAStream));
        assert_eq!(Events::default().take(b"data: \xff\xfe\n"), Err(NotAStream));
        for endless in [&b"x".repeat(4096)[..], b"data: more and more\n"] {
            let mut events = Events::default();
            assert!((0..10_000).any(|_| events.take(endless) == Err(NotAStream)));
        }
    }
}
