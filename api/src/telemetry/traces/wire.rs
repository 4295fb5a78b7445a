//! Spans as OTLP writes them in JSON, and `traceparent` as the W3C writes it in a header.
//!
//! Invariant: identifiers are hexadecimal and never zero; times are nanoseconds since 1970 in decimal text, as OTLP
//! asks of 64-bit numbers.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::stages::Stages;

/// The span of a caller, of the header `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    trace: u128,
    span: u64,
    /// Whether the caller traces this call.
    pub(crate) sampled: bool,
}

impl Parent {
    /// Reads `00-TRACE-SPAN-FLAGS`; anything else is no parent, as the specification says.
    pub(crate) fn read(header: &str) -> Option<Self> {
        let parts: Vec<&str> = header.trim().split('-').collect();
        let [version, trace, span, flags, ..] = parts[..] else {
            return None;
        };
        let is_hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let fits = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
        // Version ff is forbidden; version 00 has four parts and no more.
        if !fits || version == "ff" || (version == "00" && parts.len() > 4) {
            return None;
        }
        let parent = Self {
            trace: u128::from_str_radix(trace, 16).ok()?,
            span: u64::from_str_radix(span, 16).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        };
        (parent.trace != 0 && parent.span != 0).then_some(parent)
    }
}

/// A call that ended.
#[derive(Debug)]
pub(crate) struct Span {
    /// The call's identifier, which is the trace's where no caller has one.
    pub(crate) call: Uuid,
    /// Who called.
    pub(crate) parent: Option<Parent>,
    /// The method.
    pub(crate) method: &'static str,
    /// The route's pattern.
    pub(crate) route: String,
    /// The status.
    pub(crate) status: u16,
    /// The problem's code, or nothing.
    pub(crate) code: &'static str,
    /// What the answer tells of itself, as the log line does.
    pub(crate) told: Vec<(&'static str, String)>,
    /// When it began, in nanoseconds since 1970.
    pub(crate) began_ns: i128,
    /// The same on the clock that stages are timed by.
    pub(crate) begun: tokio::time::Instant,
    /// How long it took.
    pub(crate) took: Duration,
    /// What it waited for.
    pub(crate) stages: Stages,
}

impl Span {
    fn trace(&self) -> String {
        format!(
            "{:032x}",
            self.parent.map_or(self.call.as_u128(), |parent| parent.trace)
        )
    }

    /// The span of the call, or of one of its stages, from 1.
    fn id(&self, stage: u64) -> String {
        // The low half of a UUIDv7 holds its variant, so it is never zero, and 62 bits of chance.
        let own = self.call.as_u64_pair().1;
        format!("{:016x}", own.wrapping_add(stage).max(1))
    }

    /// The call, then its stages.
    fn spans(&self) -> Vec<Value> {
        let mut all = vec![self.call()];
        for (stage, number) in self.stages.0.iter().zip(1..) {
            let began = self.began_ns + nanos(stage.begun.saturating_duration_since(self.begun));
            all.push(json!({
                "traceId": self.trace(), "spanId": self.id(number), "parentSpanId": self.id(0),
                "name": stage.name, "kind": 1,
                "startTimeUnixNano": began.to_string(), "endTimeUnixNano": (began + nanos(stage.took)).to_string(),
                "status": {},
            }));
        }
        all
    }

    fn call(&self) -> Value {
        let mut attributes = vec![
            text("http.request.method", self.method),
            text("http.route", &self.route),
            json!({"key": "http.response.status_code", "value": {"intValue": self.status.to_string()}}),
            text("florilege.request_id", &self.call.to_string()),
        ];
        let told = self.told.iter().filter(|(_, value)| !value.is_empty());
        attributes.extend(told.map(|(name, value)| text(&format!("florilege.{name}"), value)));
        if !self.code.is_empty() {
            attributes.push(text("error.type", self.code));
        }
        let mut span = json!({
            "traceId": self.trace(), "spanId": self.id(0), "name": format!("{} {}", self.method, self.route),
            // A server's span.
            "kind": 2,
            "startTimeUnixNano": self.began_ns.to_string(),
            "endTimeUnixNano": (self.began_ns + nanos(self.took)).to_string(),
            "attributes": attributes,
            // A client's mistake is no error of the server.
            "status": if self.status >= 500 { json!({"code": 2}) } else { json!({}) },
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = json!(format!("{:016x}", parent.span));
        }
        span
    }
}

/// The body of `POST /v1/traces`.
pub(super) fn request(batch: &[Span]) -> Value {
    let spans: Vec<Value> = batch.iter().flat_map(Span::spans).collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "florilege"), text("service.version", version)]},
        "scopeSpans": [{"scope": {"name": "florilege", "version": version}, "spans": spans}],
    }]})
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_or_is_none() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read = Parent::read(good).expect("a parent");
        assert_eq!(
            (read.trace, read.span, read.sampled),
            (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331, true)
        );
        assert!(!Parent::read(&good.replace("-01", "-00")).expect("a parent").sampled);
        assert!(Parent::read(&format!("{}-later", good.replace("00-0a", "cc-0a"))).is_some());
        for bad in [
            "",
            "00",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            "00-é-b7ad6b7169203331-01",
        ] {
            assert_eq!(Parent::read(bad), None, "{bad}");
        }
    }
}
