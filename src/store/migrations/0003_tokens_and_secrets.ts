/**
 * Tokens, of which only hashes are kept, and secrets, which are kept encrypted.
 *
 * @module
 */

/** `token.hash` is SHA-256 in hex. `secret.value` is AES-GCM's ciphertext with its tag, and `nonce` its nonce, both base64. */
export const tokensAndSecrets = `
CREATE TABLE token (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  last_used TEXT,
  expires TEXT,
  revoked TEXT
) STRICT;

CREATE TABLE secret (
  name TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  nonce TEXT NOT NULL,
  value TEXT NOT NULL
) STRICT;
`;
