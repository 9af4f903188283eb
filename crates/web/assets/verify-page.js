// The page around verify.js: reads the form of the ledger page, shows each check as it is done. All words come from
// the page itself, so this file knows no language.

import { supported, verify } from "./verify.js";

const form = document.querySelector("[data-verify]");

/** Words of the page, by code; `[detail]`-like places are filled in as text, never as HTML. */
function words(code, detail = {}) {
  const template = document.querySelector(`[data-words="${code}"]`);
  const text = template ? template.textContent : code;
  return text.replace(/\[(\w+)\]/g, (_, name) => detail[name] ?? "");
}

function groups(hex) {
  return hex.replace(/(.{4})(?=.)/g, "$1 ");
}

function show(name, state, detail) {
  const item = document.querySelector(`[data-check="${name}"]`);
  item.dataset.state = state;
  item.querySelector(".sign").setAttribute("aria-label", words(`state-${state}`));
  const said = item.querySelector(".said");
  if (state === "bad") said.textContent = words(detail.code, { detail: detail.detail });
  else if (state === "ok") said.textContent = words(`said-${name}`, { ...detail, leaf: groups(detail.leaf ?? "") , names: (detail.seen ?? []).map((w) => w.name).join(", ") });
  else said.textContent = words(`said-${state}`);
  if (name === "entry" && state === "ok") {
    document.querySelector("[data-entry-text]").textContent = detail.text.trimEnd();
    document.querySelector("[data-entry-shown]").hidden = false;
  }
}

/** Entries end in an empty line, which a paste often loses; JSON headers hold no line end of their own. */
function entryBytes(text) {
  if (text.trim() === "") return null;
  const whole = text.includes("\n\n") ? text : `${text.replace(/\n+$/, "")}\n\n`;
  return new TextEncoder().encode(whole);
}

async function run() {
  const result = document.querySelector("[data-result]");
  const list = document.querySelector("[data-checks]");
  result.hidden = false;
  delete result.dataset.done;
  for (const item of list.children) {
    item.dataset.state = "waiting";
    item.querySelector(".said").textContent = "";
  }
  document.querySelector("[data-entry-shown]").hidden = true;
  result.textContent = words("working");
  result.className = "notice";
  const value = (name) => form.elements[name].value;
  let good = false;
  let open = false;
  const slow = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 90;
  const told = [];
  try {
    good = await verify(
      {
        receipt: value("receipt").replace(/\r\n/g, "\n"),
        entry: entryBytes(value("entry")),
        key: value("key"),
        witnesses: value("witnesses").split("\n").map((line) => line.trim()).filter((line) => line !== ""),
      },
      (...check) => told.push(check),
    );
  } catch (error) {
    result.textContent = `${words("broken")} (${error.name})`;
    result.className = "notice red";
    return;
  }
  for (const [name, state, detail] of told) {
    show(name, state, detail);
    open ||= state === "open";
    // One after another, slowly enough to be read as steps.
    if (slow) await new Promise((next) => setTimeout(next, slow));
  }
  result.textContent = words(good ? (open ? "result-open" : "result-good") : "result-bad");
  result.className = `notice ${good ? "ok" : "red"}`;
  result.dataset.done = good ? "good" : "bad";
}

async function begin() {
  if (!form) return;
  if (!(await supported())) {
    document.querySelector("[data-unsupported]").hidden = false;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  const drop = form.elements.receipt;
  const take = async (file) => {
    if (!file) return;
    if (file.size > 512 * 1024) {
      drop.value = "";
      drop.placeholder = words("receipt-long");
      return;
    }
    drop.value = await file.text();
    form.elements.entry.value = "";
    run();
  };
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
  form.elements.file.addEventListener("change", (event) => take(event.target.files[0]));
  document.querySelector("[data-verify-needs-script]").hidden = false;
  if (form.dataset.verify === "now" && drop.value !== "") run();
}

begin();
