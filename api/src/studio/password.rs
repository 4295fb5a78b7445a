//! Passwords: slow hashes with argon2id, and generated passwords.
//!
//! The studio's sign-in and `florilege accounts` come through here. Invariant: a generated password has 120 random
//! bits; a hash carries its own salt and parameters, so that later ones may be slower.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// The fewest characters of a chosen password.
pub(crate) const SHORTEST: usize = 12;
/// The longest password, in bytes: a hash takes time.
pub(crate) const LONGEST_BYTES: usize = 1_024;
/// Letters and digits that nobody mistakes for each other: 32 of them, five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567891";

/// Why a password cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// Too easy to guess.
    #[error("a password has at least {SHORTEST} characters")]
    Short,
    /// Too long to hash.
    #[error("a password has at most {LONGEST_BYTES} bytes")]
    Long,
    /// The system gives no random bytes.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

/// A password nobody chose: four groups of six letters and digits.
pub(crate) fn generate() -> Result<String, PasswordError> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| PasswordError::Random(error.to_string()))?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    let groups: Vec<String> = bytes
        .chunks(6)
        .map(|group| group.iter().map(letter).collect())
        .collect();
    Ok(groups.join("-"))
}

/// The hash of a password that may be used.
pub(crate) fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < SHORTEST {
        return Err(PasswordError::Short);
    }
    if password.len() > LONGEST_BYTES {
        return Err(PasswordError::Long);
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    let hashed = hashed.map_err(|error| PasswordError::Random(error.to_string()))?;
    Ok(hashed.to_string())
}

/// Whether a password is the one of a hash. Without a hash it takes as long, and is wrong.
pub(crate) fn is_right(password: &str, hash: Option<&str>) -> bool {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    let nobodys = || NOBODYS.get_or_init(|| self::hash("nobody has this password").unwrap_or_default());
    let known = hash.unwrap_or_else(|| nobodys().as_str());
    let right =
        password.len() <= LONGEST_BYTES && Argon2::default().verify_password(password.as_bytes(), known).is_ok();
    right && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_alone() {
        let password = generate().expect("random");
        assert_eq!(password.len(), 27, "{password}");
        let hashed = hash(&password).expect("hashed");
        assert!(hashed.starts_with("$argon2id$"), "{hashed}");
        assert!(!hashed.contains(&password));
        assert!(is_right(&password, Some(&hashed)));
        assert!(!is_right("another password", Some(&hashed)));
        assert!(!is_right("nobody has this password", None));
        assert_ne!(generate().expect("random"), password);
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(matches!(hash("elevenchars"), Err(PasswordError::Short)));
        assert!(matches!(hash(&"x".repeat(2_000)), Err(PasswordError::Long)));
    }
}
