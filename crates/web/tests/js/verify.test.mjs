// The verifier of the browser (assets/verify.js) against receipts made here, with node's own Ed25519 and an inclusion
// proof written the slow way; against receipts of the crate tlog; and against everything that a forger may try.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";

import { CODES, Wrong, base64, parseKey, parseReceipt, rootFromProof, leafHash, supported, verify } from "../../assets/verify.js";

const ORIGIN = "liuhen.example/A330100";
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest();
const leaf = (entry) => sha256([0], entry);
const node = (a, b) => sha256([1], a, b);
const b64 = (bytes) => Buffer.from(bytes).toString("base64");

/** Root of a tree, by the definition in RFC 6962 §2.1. */
function mth(leaves) {
  if (leaves.length === 0) return sha256([]);
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return node(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** Path of a leaf, by the definition in RFC 6962 §2.1.1. */
function path(m, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))] : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function split(n) {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

class Key {
  constructor(name, type = 1) {
    const pair = generateKeyPairSync("ed25519");
    this.name = name;
    this.secret = pair.privateKey;
    this.public = Buffer.concat([Buffer.from([type]), pair.publicKey.export({ type: "spki", format: "der" }).subarray(-32)]);
    this.id = sha256(name, "\n", this.public).subarray(0, 4);
    this.text = `${name}+${this.id.toString("hex")}+${b64(this.public)}`;
  }
  sign(text) {
    return `— ${this.name} ${b64(Buffer.concat([this.id, sign(null, Buffer.from(text), this.secret)]))}\n`;
  }
  cosign(text, time) {
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(time));
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), this.secret);
    return `— ${this.name} ${b64(Buffer.concat([this.id, at, signature]))}\n`;
  }
}

const log = new Key(ORIGIN);
const entries = Array.from({ length: 41 }, (_, i) => Buffer.from(`{"v":1,"id":"${i}"}\n\n`));
const leaves = entries.map(leaf);

function checkpoint(size, origin = ORIGIN, root = mth(leaves.slice(0, size))) {
  return `${origin}\n${size}\n${b64(root)}\n`;
}

function receipt({ index = 7, size = 41, extra = entries[index], note, hashes } = {}) {
  const text = checkpoint(size);
  const proof = hashes ?? path(index, leaves.slice(0, size));
  return [
    "c2sp.org/tlog-proof@v1\n",
    extra ? `extra ${b64(extra)}\n` : "",
    `index ${index}\n`,
    ...proof.map((h) => `${b64(h)}\n`),
    "\n",
    note ?? `${text}\n${log.sign(text)}`,
  ].join("");
}

/** Runs the five checks; answers each one's state, and the code of the one that failed. */
async function run(given) {
  const states = [];
  let code = null;
  const good = await verify({ entry: null, key: log.text, witnesses: [], receipt: receipt(), ...given }, (name, state, detail) => {
    states.push(state);
    if (state === "bad") code = detail.code;
  });
  return { good, states: states.join(" "), code };
}

test("node has what the verifier needs", async () => assert.equal(await supported(), true));

test("every entry of every tree up to 41 is proved", async () => {
  for (let size = 1; size <= 41; size += 1) {
    for (let index = 0; index < size; index += size > 9 ? 5 : 1) {
      const { good, states } = await run({ receipt: receipt({ index, size }) });
      assert.deepEqual([good, states], [true, "ok ok ok ok open"], `index ${index}, size ${size}`);
    }
  }
});

test("indexes beyond 32 and 53 bits are counted right", async () => {
  // A tree of 2^62 + 1 leaves: the last one's proof is one hash.
  const last = 1n << 62n;
  const [a, b] = [leaves[0], leaves[1]];
  assert.deepEqual(Buffer.from(await rootFromProof(last, last + 1n, a, [b])), node(b, a));
  await assert.rejects(rootFromProof(last + 1n, last + 1n, a, [b]), { code: "inclusion-index" });
});

test("a pasted entry counts, not the one that the receipt carries", async () => {
  const carried = receipt({ extra: entries[8] });
  assert.equal((await run({ receipt: carried })).code, "inclusion-root");
  assert.equal((await run({ receipt: carried, entry: entries[7] })).good, true);
  assert.equal((await run({ receipt: receipt(), entry: Buffer.from("something else\n\n") })).code, "inclusion-root");
});

test("witnesses are verified when their keys are given, and missing ones are missed", async () => {
  const [w1, w2] = [new Key("w1.example", 4), new Key("w2.example", 4)];
  const text = checkpoint(41);
  const note = `${text}\n${log.sign(text)}${w1.cosign(text, 1700000000)}`;
  assert.equal((await run({ receipt: receipt({ note }), witnesses: [w1.text] })).states, "ok ok ok ok ok");
  assert.equal((await run({ receipt: receipt({ note }), witnesses: [w1.text, w2.text] })).code, "signature-none");
  assert.equal((await run({ receipt: receipt({ note }), witnesses: [log.text] })).code, "key-not-witness");
  const other = `${text}\n${log.sign(text)}${w1.cosign(text, 1700000000).replace("w1", "w1")}`;
  const forged = other.replace(/(— w1\.example \S{20})(.)/, (_, head, c) => head + (c === "A" ? "B" : "A"));
  assert.equal((await run({ receipt: receipt({ note: forged }), witnesses: [w1.text] })).code, "signature-bad");
});

test("forged receipts are refused, each at the check that it fails", async () => {
  const text = checkpoint(41);
  const good = receipt();
  const other = new Key(ORIGIN);
  const elsewhere = new Key("other.example/B");
  const bigger = checkpoint(41, ORIGIN, sha256("another tree"));
  const hashes = path(7, leaves);
  const cases = [
    ["another first line", good.replace("v1", "v2"), "receipt-first-line"],
    ["line ends of Windows", good.replaceAll("\n", "\r\n"), "receipt-first-line"],
    ["extra that is not base64", good.replace(/extra ..../, "extra @@@@"), "receipt-extra"],
    ["no index", good.replace("index 7\n", ""), "receipt-index"],
    ["a negative index", good.replace("index 7", "index -7"), "receipt-index"],
    ["an index with a leading zero", good.replace("index 7", "index 07"), "receipt-index"],
    ["an index of 20 digits", good.replace("index 7", "index 18446744073709551616"), "receipt-index"],
    ["another index", good.replace("index 7", "index 6"), "inclusion-root"],
    ["an index outside the tree", good.replace("index 7", "index 41"), "inclusion-index"],
    ["a hash too short", good.replace(b64(hashes[0]), "AAAA"), "receipt-hash"],
    ["base64 with stray bits", good.replace(b64(hashes[0]), `${b64(hashes[0]).slice(0, 42)}B=`), "receipt-hash"],
    ["too many hashes", receipt({ hashes: [...hashes, ...Array(64).fill(hashes[0])] }), "receipt-hash"],
    ["a hash more", receipt({ hashes: [...hashes, hashes[0]] }), "inclusion-long"],
    ["a hash less", receipt({ hashes: hashes.slice(1) }), "inclusion-short"],
    ["hashes swapped", receipt({ hashes: [hashes[1], hashes[0], ...hashes.slice(2)] }), "inclusion-root"],
    ["cut off after the hashes", good.slice(0, good.indexOf("\n\n") + 1), "receipt-short"],
    ["no entry", receipt({ extra: null }), "entry-none"],
    ["another tree, signed with another key of that name", receipt({ note: `${bigger}\n${other.sign(bigger)}` }), "signature-none"],
    ["another tree under the old signature", receipt({ note: `${bigger}\n${log.sign(text)}` }), "signature-bad"],
    ["a bad signature beside a good one", receipt({ note: `${text}\n${log.sign(text)}${log.sign(bigger)}` }), "signature-bad"],
    ["a larger size under the old signature", good.replace("\n41\n", "\n42\n"), "signature-bad"],
    ["another log", receipt({ note: (() => { const t = checkpoint(41, "other.example/B"); return `${t}\n${elsewhere.sign(t)}`; })() }), "origin-other"],
    ["an extension line", receipt({ note: (() => { const t = `${text}more\n`; return `${t}\n${log.sign(t)}`; })() }), "checkpoint-form"],
    ["an extension line after an empty one", receipt({ note: (() => { const t = `${text}\nmore\n`; return `${t}\n${log.sign(t)}`; })() }), "checkpoint-form"],
    ["no signature", receipt({ note: `${text}\n` }), "note-form"],
    ["a signature line of another shape", receipt({ note: `${text}\n- x y\n` }), "note-signature-form"],
    ["a signature cut short", receipt({ note: `${text}\n— ${ORIGIN} ${b64(Buffer.concat([log.id, Buffer.alloc(63)]))}\n` }), "signature-length"],
    ["a control character", good.replace("\n41\n", "\n41\u0001\n"), "note-form"],
    ["65 signatures", receipt({ note: `${text}\n${log.sign(text).repeat(65)}` }), "note-form"],
    ["half a megabyte", `${good}${"A".repeat(512 * 1024)}`, "receipt-long"],
    ["nothing", "", "receipt-first-line"],
  ];
  for (const [what, text, code] of cases) {
    const result = await run({ receipt: text });
    assert.equal(result.good, false, what);
    assert.equal(result.code, code, what);
    assert.match(result.states, /^(ok )*bad( skipped)*$/, what);
  }
});

test("swapped and broken keys are refused", async () => {
  const other = new Key(ORIGIN);
  const [name, id, key] = [ORIGIN, log.id.toString("hex"), b64(log.public)];
  const short = Buffer.from([1, 2, 3]);
  const noPoint = Buffer.concat([Buffer.from([1]), Buffer.alloc(32, 0xff)]);
  const withId = (bytes) => `${name}+${sha256(name, "\n", bytes).subarray(0, 4).toString("hex")}+${b64(bytes)}`;
  const cases = [
    [other.text, "signature-none"],
    [`${name}+${other.id.toString("hex")}+${key}`, "key-id"],
    [`other.example+${id}+${key}`, "key-id"],
    [`${name}+${id}+${b64(other.public)}`, "key-id"],
    ["", "key-form"],
    [name, "key-form"],
    [`${name}+${id}+@@@@`, "key-form"],
    [`${name}+${id.toUpperCase().replace(/\d/g, "A")}+${key}`, "key-form"],
    [withId(short), "key-form"],
    [withId(Buffer.concat([Buffer.from([2]), log.public.subarray(1)])), "key-type"],
    [new Key(ORIGIN, 4).text, "key-not-log"],
  ];
  for (const [text, code] of cases) assert.equal((await run({ key: text })).code, code, text);
  // Bytes that are no key at all: whatever the platform says first, it must not be "good".
  const text = checkpoint(41);
  const note = `${text}\n— ${ORIGIN} ${b64(Buffer.concat([sha256(name, "\n", noPoint).subarray(0, 4), Buffer.alloc(64)]))}\n`;
  assert.equal((await run({ key: withId(noPoint), receipt: receipt({ note }) })).good, false);
});

test("a line that matches only half of a key is passed over", async () => {
  const text = checkpoint(41);
  const sameName = new Key(ORIGIN);
  const note = `${text}\n${sameName.sign(text)}${new Key("somebody.example").sign(text)}${log.sign(text)}`;
  assert.equal((await run({ receipt: receipt({ note }) })).good, true);
});

test("receipts of the crate tlog verify", async () => {
  const file = new URL("../../../tlog/tests/it/snapshots/it__proof__a_receipt_proves_its_entry.snap", import.meta.url);
  const text = readFileSync(file, "utf8").split("---\n").slice(2).join("---\n");
  const proof = parseReceipt(text);
  assert.equal(proof.index, 7n);
  // Its key is made of the seed 01…01, as tests/it/support.rs of tlog does.
  const { createPrivateKey, createPublicKey } = await import("node:crypto");
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 1)]);
  const raw = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({ type: "spki", format: "der" }).subarray(-32);
  const bytes = Buffer.concat([Buffer.from([1]), raw]);
  const key = `${ORIGIN}+${sha256(ORIGIN, "\n", bytes).subarray(0, 4).toString("hex")}+${b64(bytes)}`;
  const { states } = await run({ receipt: text, entry: Buffer.from("7"), key });
  assert.equal(states, "ok ok ok ok open");
});

test("base64 is strict", () => {
  assert.deepEqual(base64("AAAA"), new Uint8Array(3));
  for (const text of ["AAA", "AAAA=", "AA==\n", "AB==", "A A=", "AA=A", "_-AA"]) assert.equal(base64(text), null, text);
});

test("leaf hashes are those of RFC 6962", async () => {
  const empty = await leafHash(new Uint8Array());
  assert.equal(Buffer.from(empty).toString("hex"), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
});

test("every code that can be thrown has its place in the list", () => {
  const source = readFileSync(new URL("../../assets/verify.js", import.meta.url), "utf8");
  const thrown = new Set([...source.matchAll(/Wrong\([^"]*"([a-z0-9-]+)"/g)].map((m) => m[1]));
  for (const m of source.matchAll(/\? "([a-z0-9-]+)" : "([a-z0-9-]+)"\)/g)) thrown.add(m[1]).add(m[2]);
  assert.deepEqual([...thrown].sort(), [...CODES].sort());
  assert.ok(new Wrong("x") instanceof Error);
});

test("keys are read back whole", async () => {
  const key = await parseKey(` ${log.text}\n`);
  assert.deepEqual([key.name, key.id, key.type], [ORIGIN, log.id.toString("hex"), 1]);
});
