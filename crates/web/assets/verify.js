// Verifies a receipt (.tlog-proof) in the browser, with nothing but WebCrypto.
//
// What it is: C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-proof (text of July 2026), tlog-cosignature v1.0.1
// (Ed25519), inclusion after RFC 6962. What it is *not*: a judge of whether what the entry says is true, and no proof
// that the key is the log's own: that is for the reader to compare. It touches no page; verify-page.js does.
// Tested under node: crates/web/tests/js/verify.test.mjs.

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const MAX_RECEIPT = 512 * 1024;
const MAX_HASHES = 63;
const MAX_SIGNATURES = 64;
const MAX_SIZE = 1n << 63n;
const ED25519 = 0x01;
const COSIGNATURE = 0x04;

/** What is wrong, as a code that a page has words for, and the details that those words may need. */
export class Wrong extends Error {
  constructor(code, detail = "") {
    super(detail === "" ? code : `${code}: ${detail}`);
    this.code = code;
    this.detail = String(detail);
  }
}

const utf8 = new TextEncoder();

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Lower-case hexadecimal. */
export function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Strict base64 of RFC 4648 §4: padded, no other characters, no stray bits. Null for anything else. */
export function base64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return btoa(binary) === text ? bytes : null;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

/** RFC 6962 hash of a leaf: SHA-256(0x00 ‖ entry). */
export function leafHash(entry) {
  return sha256([0], entry);
}

function nodeHash(left, right) {
  return sha256([1], left, right);
}

/** A decimal without leading zeros, below 2^63, as BigInt; null for anything else. */
function decimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) return null;
  const n = BigInt(text);
  return n < MAX_SIZE ? n : null;
}

/** A key name of a signed note: not empty, no Unicode space, no control character, no plus sign. */
function isKeyName(name) {
  // \s has U+FEFF, which is no Unicode space, and lacks U+0085, which is one.
  return name !== "" && !/[\s\u0085+]/u.test(name.replaceAll("\ufeff", "")) && !/[\u0000-\u001f]/.test(name);
}

/** Reads a verifier key `name+hex8+base64` and checks that its ID belongs to it. */
export async function parseKey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const bytes = base64(rest.join("+"));
  if (!isKeyName(name ?? "") || !/^[0-9a-f]{8}$/.test(id ?? "") || bytes === null || bytes.length < 1) throw new Wrong("key-form");
  const [type] = bytes;
  if (type !== ED25519 && type !== COSIGNATURE) throw new Wrong("key-type", `0x${hex([type])}`);
  if (bytes.length !== 33) throw new Wrong("key-form");
  const digest = await sha256(utf8.encode(name), [0x0a], bytes);
  if (hex(digest.slice(0, 4)) !== id) throw new Wrong("key-id", hex(digest.slice(0, 4)));
  return { name, id, type, public: bytes.slice(1) };
}

/** Reads a signed note: its text and its signature lines. The last empty line separates them. */
export function parseNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new Wrong("note-form");
  const text = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2).split("\n").slice(0, -1);
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) throw new Wrong("note-form");
  const signatures = lines.map((line) => {
    const parts = /^— ([^ ]+) ([^ ]+)$/.exec(line);
    const bytes = parts && base64(parts[2]);
    if (!bytes || bytes.length < 5 || !isKeyName(parts[1])) throw new Wrong("note-signature-form");
    return { name: parts[1], id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
  });
  return { text, signatures };
}

/** Reads the three lines of a checkpoint. Further lines are refused: nobody can audit them. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  const size = decimal(lines[1] ?? "");
  const root = base64(lines[2] ?? "");
  if (lines.length !== 4 || lines[3] !== "" || !isKeyName(lines[0]) || size === null || root?.length !== 32) throw new Wrong("checkpoint-form");
  return { origin: lines[0], size, root };
}

/** Reads a receipt. `extra` is not authenticated by anything: it is only where our own receipts carry the entry. */
export function parseReceipt(text) {
  if (text.length > MAX_RECEIPT) throw new Wrong("receipt-long");
  const lines = text.split("\n");
  if (lines[0] !== FIRST_LINE) throw new Wrong("receipt-first-line");
  let at = 1;
  let extra = null;
  if (lines[at]?.startsWith("extra ")) {
    extra = base64(lines[at].slice(6));
    if (extra === null) throw new Wrong("receipt-extra");
    at += 1;
  }
  const index = lines[at]?.startsWith("index ") ? decimal(lines[at].slice(6)) : null;
  if (index === null) throw new Wrong("receipt-index");
  at += 1;
  const hashes = [];
  for (; at < lines.length && lines[at] !== ""; at += 1) {
    const hash = base64(lines[at]);
    if (hash?.length !== 32 || hashes.length === MAX_HASHES) throw new Wrong("receipt-hash", hashes.length + 1);
    hashes.push(hash);
  }
  if (at >= lines.length - 1) throw new Wrong("receipt-short");
  return { extra, index, hashes, note: lines.slice(at + 1).join("\n") };
}

/** Root of the tree of `size` leaves that has `leaf` at `index`, by the proof (RFC 6962 §2.1.1; RFC 9162 §2.1.3.2). */
export async function rootFromProof(index, size, leaf, hashes) {
  if (index >= size) throw new Wrong("inclusion-index", `${index} ≥ ${size}`);
  let [f, s, root] = [index, size - 1n, leaf];
  for (const hash of hashes) {
    if (s === 0n) throw new Wrong("inclusion-long");
    if ((f & 1n) === 1n || f === s) {
      root = await nodeHash(hash, root);
      while ((f & 1n) === 0n && f !== 0n) [f, s] = [f >> 1n, s >> 1n];
    } else {
      root = await nodeHash(root, hash);
    }
    [f, s] = [f >> 1n, s >> 1n];
  }
  if (s !== 0n) throw new Wrong("inclusion-short");
  return root;
}

async function ed25519(key, signature, message) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    throw new Wrong(error.name === "NotSupportedError" ? "no-ed25519" : "key-point");
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

/** Whether this browser can do what is needed at all (Ed25519 came to Chromium with version 137). */
export async function supported() {
  if (!globalThis.crypto?.subtle) return false;
  try {
    // The base point of the curve: a valid encoding of a public key.
    const key = new Uint8Array(32).fill(0x66);
    key[0] = 0x58;
    await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/** Verifies the lines of a note that match `key` in name and ID: at least one there, and all good. */
async function signedBy(note, key, message, take) {
  const lines = note.signatures.filter((s) => s.name === key.name && s.id === key.id);
  if (lines.length === 0) throw new Wrong("signature-none", key.id);
  const taken = [];
  for (const line of lines) {
    const { signature, signed, more } = take(line.bytes, message);
    if (!(await ed25519(key.public, signature, signed))) throw new Wrong("signature-bad", key.name);
    taken.push(more);
  }
  return taken;
}

function plain(bytes, text) {
  if (bytes.length !== 64) throw new Wrong("signature-length");
  return { signature: bytes, signed: utf8.encode(text) };
}

function timed(bytes, text) {
  if (bytes.length !== 72) throw new Wrong("signature-length");
  const time = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  return { signature: bytes.slice(8), signed: utf8.encode(`cosignature/v1\ntime ${time}\n${text}`), more: time };
}

/**
 * The five checks, one after another, in the order of tlog-proof: entry, origin, signature, inclusion, witnesses.
 *
 * @param {object} given
 * @param {string} given.receipt text of the receipt
 * @param {Uint8Array|null} given.entry the entry's bytes; without it, `extra` of the receipt is hashed
 * @param {string} given.key verifier key of the log
 * @param {string[]} given.witnesses verifier keys of witnesses, maybe none
 * @param {(name: string, state: "ok"|"bad"|"open"|"skipped", detail: object) => void} tell called once a check
 * @returns {Promise<boolean>} whether none of the checks failed (a check left open has not failed)
 */
export async function verify({ receipt, entry, key, witnesses = [] }, tell) {
  const names = ["entry", "origin", "signature", "inclusion", "witnesses"];
  const steps = {};
  let proof, bytes, leaf, logKey, note, checkpoint;

  steps.entry = async () => {
    proof = parseReceipt(receipt);
    bytes = entry ?? proof.extra;
    if (bytes === null || bytes.length === 0) throw new Wrong("entry-none");
    leaf = await leafHash(bytes);
    return { leaf: hex(leaf), text: new TextDecoder().decode(bytes), index: proof.index.toString(), carried: entry === null };
  };
  steps.origin = async () => {
    logKey = await parseKey(key);
    if (logKey.type !== ED25519) throw new Wrong("key-not-log");
    note = parseNote(proof.note);
    checkpoint = parseCheckpoint(note.text);
    if (checkpoint.origin !== logKey.name) throw new Wrong("origin-other", checkpoint.origin);
    return { origin: checkpoint.origin, size: checkpoint.size.toString() };
  };
  steps.signature = async () => {
    await signedBy(note, logKey, note.text, plain);
    return { id: logKey.id };
  };
  steps.inclusion = async () => {
    const root = await rootFromProof(proof.index, checkpoint.size, leaf, proof.hashes);
    if (!same(root, checkpoint.root)) throw new Wrong("inclusion-root");
    return { index: proof.index.toString(), size: checkpoint.size.toString(), root: hex(root) };
  };
  steps.witnesses = async () => {
    if (witnesses.length === 0) return null;
    const seen = [];
    for (const text of witnesses) {
      const witness = await parseKey(text);
      if (witness.type !== COSIGNATURE) throw new Wrong("key-not-witness", witness.name);
      const [time] = await signedBy(note, witness, note.text, timed);
      seen.push({ name: witness.name, time: time.toString() });
    }
    return { seen };
  };

  let failed = false;
  for (const name of names) {
    if (failed) {
      tell(name, "skipped", {});
      continue;
    }
    try {
      const detail = await steps[name]();
      tell(name, detail === null ? "open" : "ok", detail ?? {});
    } catch (error) {
      failed = true;
      if (!(error instanceof Wrong)) throw error;
      tell(name, "bad", { code: error.code, detail: error.detail });
    }
  }
  return !failed;
}

/** Every code that `Wrong` may carry: the page must have words for each (tested). */
export const CODES = [
  "receipt-long", "receipt-first-line", "receipt-extra", "receipt-index", "receipt-hash", "receipt-short",
  "entry-none", "key-form", "key-type", "key-id", "key-point", "key-not-log", "key-not-witness", "no-ed25519",
  "note-form", "note-signature-form", "checkpoint-form", "origin-other",
  "signature-none", "signature-bad", "signature-length",
  "inclusion-index", "inclusion-long", "inclusion-short", "inclusion-root",
];
