// Checks a proof (docs/proof.md) in the browser, by nothing but its own arithmetic: SHA-256 and ECDSA are the browser's.
"use strict";

const section = document.getElementById("proof");

const utf8 = (text) => new TextEncoder().encode(text);
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const fromHex = (text) => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${text} is no hash`);
  return Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
};

// Leaves and nodes are hashed behind different first bytes: RFC 6962, section 2.1.
const leaf = (content) => sha256(Uint8Array.of(0), content);
const node = (left, right) => sha256(Uint8Array.of(1), left, right);

// The root to which a path leads from the leaf at `index` of `count`; null where it is no path from there.
const rootFrom = async (hash, index, count, path) => {
  let used = 0;
  if (!(index >= 0 && index < count)) return null;
  for (; count > 1; index = Math.floor(index / 2), count = Math.ceil(count / 2)) {
    const isLeft = index % 2 === 0;
    if (isLeft && index + 1 >= count) continue;
    if (used === path.length) return null;
    const other = fromHex(path[used++]);
    hash = isLeft ? await node(hash, other) : await node(other, hash);
  }
  return used === path.length ? hex(hash) : null;
};

// WebCrypto wants r and s, 32 bytes each; the statement has them in DER.
const rawSignature = (der) => {
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    if (der[at] !== 2) throw new Error("the signature is not readable");
    const number = der.slice(at + 2, at + 2 + der[at + 1]);
    const digits = number.slice(Math.max(0, number.length - 32));
    raw.set(digits, end - digits.length);
    at += 2 + der[at + 1];
  }
  return raw;
};

const names = ["raktar-checkpoint", "number", "at", "streams", "commits", "root", "previous", "key", "signature"];
const readStatement = (text) => {
  const lines = text.split("\n");
  if (lines.length !== names.length + 1 || lines.pop() !== "") throw new Error("the checkpoint has not its nine lines");
  const fields = Object.fromEntries(lines.map((line, i) => {
    if (!line.startsWith(`${names[i]} `)) throw new Error(`the checkpoint has no line ${names[i]}`);
    return [names[i], line.slice(names[i].length + 1)];
  }));
  return { ...fields, signed: lines.slice(0, -1).map((line) => `${line}\n`).join("") };
};

const check = async (proof, crate, version, show) => {
  if (proof.format !== "raktar-proof-1") throw new Error(`the format of the proof is ${proof.format}`);
  const statement = readStatement(proof.checkpoint);
  const key = fromBase64(statement.key);
  const trusted = await crypto.subtle.importKey("spki", key, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  show(
    await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, trusted, rawSignature(fromBase64(statement.signature)), utf8(statement.signed)),
    `Checkpoint ${statement.number} of ${statement.at} is signed with its key (ECDSA on P-256 over ${utf8(statement.signed).length} bytes).`);
  show(
    proof.public_key.replace(/-----[A-Z ]+-----|\s/g, "") === statement.key,
    `The key of the proof is the checkpoint's; its SHA-256 is ${hex(await sha256(key))}. Compare that with what you were told another way.`);

  const [stream, , commits, , streamRoot] = proof.leaf.split(" ");
  show(
    await rootFrom(await leaf(utf8(proof.leaf)), proof.leaf_index, Number(statement.streams), proof.registry_path) === statement.root,
    `What the checkpoint says of ${stream} leads in ${proof.registry_path.length} steps to the signed root ${statement.root}.`);

  const bytes = fromBase64(proof.commit);
  const hash = await sha256(bytes);
  show(
    await rootFrom(await leaf(hash), proof.commit_index, Number(commits), proof.stream_path) === streamRoot,
    `The commit ${hex(hash)} (SHA-256 of its ${bytes.length} bytes) leads in ${proof.stream_path.length} steps to the root of ${stream}, ${streamRoot}.`);

  const commit = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const published = commit.facts.find((fact) => fact.type === "version-published" && fact.data.version === version);
  show(
    commit.stream === stream && stream === `crate/${crate}` && published !== undefined,
    `The commit is of ${commit.stream}, by ${commit.account} at ${commit.at}, and publishes ${version}`
      + (published ? ` with the checksum ${published.data.checksum}, the one in Cargo.lock.` : " not."));
};

const start = async () => {
  const steps = document.createElement("ol");
  const result = document.createElement("p");
  let isGood = true;
  const show = (holds, text) => {
    const item = document.createElement("li");
    item.className = holds ? "good" : "bad";
    item.textContent = `${holds ? "✓" : "✗ does not hold:"} ${text}`;
    steps.append(item);
    isGood &&= holds;
  };
  const say = (text, className) => {
    result.textContent = text;
    result.className = className;
  };

  section.querySelector("p").replaceWith(result, steps);
  if (!window.crypto?.subtle) {
    say("This browser computes nothing on a page that came over plain http: open the registry over https, or use the command below.", "notice");
    return;
  }

  say("Checking …", "quiet");
  try {
    const answer = await fetch(section.dataset.proof);
    if (!answer.ok) throw new Error(`the proof could not be fetched (${answer.status})`);
    await check(await answer.json(), section.dataset.crate, section.dataset.version, show);
    say(isGood ? "Proven, as this browser computed it." : "Nothing is proven.", isGood ? "notice good" : "problem");
  } catch (error) {
    show(false, error.message);
    say("Nothing is proven.", "problem");
  }
};

start();
