/**
 * Encrypts secrets with a key that lies in a file of its own: AES-GCM with 256 bits, by WebCrypto.
 *
 * Each secret's name is bound to it as additional data, so that a value that somebody moved to another row does not open. Whoever has
 * the database without the key file, as in a backup, has no values.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import process from "node:process";
import { FlowctlError, messageOf } from "./errors.ts";

/** An encrypted text. */
export interface Sealed {
  /** Base64 of 12 bytes. */
  nonce: string;
  /** Base64 of ciphertext and tag. */
  value: string;
}

/** See the module's comment. */
export interface SecretBox {
  /** Encrypts a text under a name. The first call makes the key. */
  seal(name: string, text: string): Promise<Sealed>;
  /** @throws {FlowctlError} `invalid` when it was encrypted with another key, or under another name */
  open(name: string, sealed: Sealed): Promise<string>;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * Makes a box over a key file, which is made with the first secret and read anew each time, as another process of this home may be
 * the one that makes it.
 *
 * @param path The key's file; its folder exists.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { openSecretBox } from "./secret_box.ts";
 *
 * const folder = mkdtempSync("/tmp/flowctl-doc-");
 * const box = openSecretBox(`${folder}/secret.key`);
 * const sealed = await box.seal("TOKEN", "open sesame");
 * console.assert(await box.open("TOKEN", sealed) === "open sesame");
 * rmSync(folder, { recursive: true });
 * ```
 */
export function openSecretBox(path: string): SecretBox {
  return {
    async seal(name, text) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const key = await importKey(readKey(path) ?? makeKey(path));
      const value = await crypto.subtle.encrypt(parameters(name, nonce), key, new TextEncoder().encode(text));
      return { nonce: toBase64(nonce), value: toBase64(new Uint8Array(value)) };
    },
    async open(name, sealed) {
      const bytes = readKey(path);
      if (bytes === undefined) throw closed(name, `its key "${path}" is gone`);
      try {
        const key = await importKey(bytes);
        const text = await crypto.subtle.decrypt(
          parameters(name, fromBase64(sealed.nonce)),
          key,
          fromBase64(sealed.value),
        );
        return new TextDecoder().decode(text);
      } catch (cause) {
        throw closed(name, `it was encrypted with another key than "${path}"`, cause);
      }
    },
  };
}

const closed = (name: string, why: string, cause?: unknown) =>
  new FlowctlError("invalid", `Cannot read secret "${name}": ${why}`, {
    hint: "Bring the key file back, or set the secret again",
    cause,
  });

const parameters = (name: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(name),
});

const importKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));

/** The key; undefined when there is none yet. */
function readKey(path: string): Uint8Array<ArrayBuffer> | undefined {
  const refuse = (why: string, hint: string, cause?: unknown): never => {
    throw new FlowctlError("forbidden", `Cannot use the key of secrets "${path}": ${why}`, { hint, cause });
  };
  let text: string;
  try {
    // On Windows rights are inherited from the user's folder.
    if (process.platform !== "win32" && (lstatSync(path).mode & 0o077) !== 0) {
      refuse("others may read it", `Take their rights away with: chmod 600 ${path}`);
    }
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof FlowctlError) throw error;
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    return refuse(messageOf(error), "Give the server's user the right to read it", error);
  }
  const bytes = fromBase64(text);
  return bytes.length === KEY_BYTES ? bytes : refuse("it is damaged", "Bring it back from where it was copied to");
}

/** Made whole beside its place and linked there: nobody reads half a key, and of two processes that make one the first wins. */
function makeKey(path: string): Uint8Array<ArrayBuffer> {
  const own = `${path}.${crypto.randomUUID()}`;
  try {
    const file = openSync(own, "wx", 0o600);
    try {
      writeSync(file, `${toBase64(crypto.getRandomValues(new Uint8Array(KEY_BYTES)))}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(own, path);
  } catch (cause) {
    if ((cause as { code?: string }).code !== "EEXIST") {
      throw new FlowctlError("forbidden", `Cannot make the key of secrets "${path}": ${messageOf(cause)}`, { cause });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return readKey(path)!;
}
