//! Cursors: the engine's page state, signed and bound to its request, as one opaque word.
//!
//! Invariants: a cursor only continues the request that made it (all but `limit` and `cursor`); a damaged or forged
//! one is a 422 `cursor_mismatch` and never reaches the engine.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use florilege_engine::invalid::{Code, Invalid};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The bytes of the signature that a cursor carries.
const SEAL: usize = 16;
/// The longest cursor that is looked at.
const MAX_CHARS: usize = 64 * 1024;

/// What a cursor is bound to: the kind of list and the request without what may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Binding([u8; 32]);

impl Binding {
    /// The binding of a request's JSON to a kind of list.
    pub(crate) fn new(kind: &str, request: &Value) -> Self {
        let mut request = request.clone();
        if let Value::Object(fields) = &mut request {
            fields.retain(|name, value| !value.is_null() && name != "limit" && name != "cursor");
        }
        // Fields of an object are kept sorted, so that their order in the request does not matter.
        Self(Sha256::digest(format!("{kind}\n{request}")).into())
    }
}

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        // HMAC takes a key of any length; hashing first gives a whole block, which it cannot refuse.
        let mut key = [0; 64];
        key[..32].copy_from_slice(&Sha256::digest(secret));
        Self(Hmac::new(&key.into()))
    }

    /// The cursor of a page state.
    pub(crate) fn seal(&self, binding: &Binding, state: &impl Serialize) -> Result<String, serde_json::Error> {
        let state = serde_json::to_vec(state)?;
        let mut bytes = self.mac(binding, &state)[..SEAL].to_vec();
        bytes.extend_from_slice(&state);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The page state of a cursor that this signer made for the same request.
    pub(crate) fn open<T: DeserializeOwned>(&self, binding: &Binding, cursor: &str) -> Result<T, Invalid> {
        self.unseal(binding, cursor).ok_or_else(|| {
            let message = "the cursor is damaged or continues another request; only `limit` may change between pages";
            Invalid::one("/cursor", Code::CursorMismatch, message)
        })
    }

    fn unseal<T: DeserializeOwned>(&self, binding: &Binding, cursor: &str) -> Option<T> {
        if cursor.len() > MAX_CHARS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, state) = bytes.split_at_checked(SEAL)?;
        let expected = self.mac(binding, state);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..SEAL], seal)) {
            return None;
        }
        serde_json::from_slice(state).ok()
    }

    fn mac(&self, binding: &Binding, state: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&binding.0);
        mac.update(state);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Signer")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_continues_its_request_alone() {
        let signer = Signer::new(b"secret");
        let binding = Binding::new("list", &json!({"q": "a", "limit": 3, "user_id": null}));
        let cursor = signer.seal(&binding, &json!({"page": 2})).expect("a cursor");
        let same = Binding::new("list", &json!({"limit": 50, "cursor": cursor, "q": "a"}));
        assert_eq!(signer.open::<Value>(&same, &cursor), Ok(json!({"page": 2})));
        let others = [
            Binding::new("list", &json!({"q": "b"})),
            Binding::new("search", &json!({"q": "a"})),
            Binding::new("list", &json!({"q": "a", "seed": 1})),
        ];
        for other in others {
            assert!(signer.open::<Value>(&other, &cursor).is_err());
        }
        assert!(Signer::new(b"other").open::<Value>(&same, &cursor).is_err());
    }

    #[test]
    fn every_damage_is_seen() {
        let signer = Signer::new(b"secret");
        let binding = Binding::new("list", &json!({}));
        let cursor = signer.seal(&binding, &json!([1, 2, 3])).expect("a cursor");
        for place in 0..cursor.len() {
            let mut damaged = cursor.clone().into_bytes();
            damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).expect("ASCII");
            assert!(signer.open::<Value>(&binding, &damaged).is_err(), "{place}");
        }
        for cursor in [
            "",
            "x",
            "é",
            "AAAA",
            &"A".repeat(MAX_CHARS + 1),
            &cursor[..cursor.len() - 1],
        ] {
            assert!(signer.open::<Value>(&binding, cursor).is_err());
        }
    }
}
