//! One figure beside a peer's, as a line of JSON.

use serde_json::{Map, Value, json};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// `ours_ms` and `peer_ms`.
    Milliseconds,
    /// `ours_mb` and `peer_mb`, 10⁶ bytes; `ours_ms` and `peer_ms` are null then, and `unit` says `MB`.
    Megabytes,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurement<'a> {
    pub(crate) bench: &'a str,
    pub(crate) case: &'a str,
    pub(crate) unit: Unit,
    pub(crate) ours: f64,
    /// A program, or `limit` where a number was set beforehand.
    pub(crate) peer: &'a str,
    pub(crate) peers: f64,
    /// What ours divided by the peer's may be at most, where something was set.
    pub(crate) at_most: Option<f64>,
}

impl Measurement<'_> {
    /// Prints the line, and beside it, for people, whether the aim was met.
    pub(crate) fn report(&self) {
        println!("{}", self.line());
        let ratio = self.ours / self.peers;
        let verdict = match self.at_most {
            Some(most) if ratio <= most => format!(", at most {most:.3} was wanted: met"),
            Some(most) => format!(", at most {most:.3} was wanted: MISSED"),
            None => String::new(),
        };
        let unit = match self.unit {
            Unit::Milliseconds => "ms",
            Unit::Megabytes => "MB",
        };
        eprintln!(
            "{}: {}: {:.2} {unit}, {} {:.2} {unit}: {ratio:.3}{verdict}",
            self.bench, self.case, self.ours, self.peer, self.peers
        );
    }

    fn line(&self) -> Value {
        let mut line = Map::new();
        line.insert("bench".into(), self.bench.into());
        line.insert("case".into(), self.case.into());
        let (ours, peers) = (rounded(self.ours), rounded(self.peers));
        match self.unit {
            Unit::Milliseconds => {
                line.insert("ours_ms".into(), ours);
                line.insert("peer".into(), self.peer.into());
                line.insert("peer_ms".into(), peers);
            }
            Unit::Megabytes => {
                line.insert("ours_ms".into(), Value::Null);
                line.insert("peer".into(), self.peer.into());
                line.insert("peer_ms".into(), Value::Null);
                line.insert("unit".into(), "MB".into());
                line.insert("ours_mb".into(), ours);
                line.insert("peer_mb".into(), peers);
            }
        }
        line.insert("ratio".into(), rounded(self.ours / self.peers));
        Value::Object(line)
    }
}

/// To three places: what comes after them is noise.
fn rounded(number: f64) -> Value {
    json!((number * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(unit: Unit) -> Value {
        let one = Measurement {
            bench: "prepare",
            case: "12 MP",
            unit,
            ours: 40.0,
            peer: "libvips",
            peers: 80.0,
            at_most: None,
        };
        one.line()
    }

    #[test]
    fn a_time_is_in_milliseconds() {
        let wanted = json!({
            "bench": "prepare", "case": "12 MP", "ours_ms": 40.0, "peer": "libvips", "peer_ms": 80.0, "ratio": 0.5
        });
        assert_eq!(measured(Unit::Milliseconds), wanted);
    }

    #[test]
    fn memory_never_passes_for_a_time() {
        let line = measured(Unit::Megabytes);
        assert!(line["ours_ms"].is_null() && line["peer_ms"].is_null());
        assert_eq!(
            (&line["unit"], &line["ours_mb"], &line["ratio"]),
            (&json!("MB"), &json!(40.0), &json!(0.5))
        );
    }
}
