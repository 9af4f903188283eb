// Another version of a pack: its difference first, then its adoption, and then it stands among the rules in force.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const casework = fileURLToPath(new URL("../../../packs/casework/", import.meta.url));

/** A local rule that is stricter than the law: six hours instead of a day. */
const LOCAL = `
[[rule]]
id = "LOC-001"
version = 1
template = "response"
object = "person"
on = ["cr.detain"]
when = ["part = suspect"]
expect = ["cr.family_notify"]
bound = "6h"
source = "LOC [S]"
severity = "B"
grade = "amber"
owner = "legal-reviewer"
from = 2020-01-01
broken = { zh = "拘留后超过6小时未通知家属（本地规定）", en = "The family was not notified within 6 hours of detention (local rule)" }
want = { zh = "通知家属", en = "notify the family" }
trace = [
  { expect = "satisfied", events = [["2026-04-30T15:00", "cr.detain", { part = "suspect" }], ["2026-04-30T21:00", "cr.family_notify", { part = "suspect" }]] },
  { expect = "breached", now = "2026-04-30T21:01", events = [["2026-04-30T15:00", "cr.detain", { part = "suspect" }]] },
]
`;

/** The files of the pack with the local rule, as a form takes them. */
function files(rule) {
  const file = (name, text) => ({ name, mimeType: "application/toml", buffer: Buffer.from(text) });
  const all = readdirSync(casework).filter((name) => name.endsWith(".toml"));
  const texts = all.map((name) => {
    const text = readFileSync(casework + name, "utf8");
    return file(name, name === "pack.toml" ? text.replace(/^version = ".*"$/m, 'version = "9.0.0"') : text);
  });
  return [...texts, file("rules-local.toml", rule)];
}

export default ({ as, done, axe, url, shots }) => ({
  async "a pack change shows its difference before it is adopted"() {
    // Without JavaScript, so that nothing of it hangs on a script.
    const admin = await as("admin", { javaScriptEnabled: false });
    const propose = async (rule) => {
      await admin.goto(`${url}/rules/packs`);
      await admin.setInputFiles("#file", files(rule));
      await admin.click("main button.primary");
    };
    await propose(LOCAL.replace('expect = ["cr.family_notify"]', 'expect = ["cr.familly_notify"]'));
    const refused = await admin.textContent("[role=alert]");
    assert.ok(refused.includes("rules-local.toml") && refused.includes("cr.familly_notify"), refused);

    await propose(LOCAL);
    const said = await admin.textContent("main");
    assert.ok(said.includes("尚未生效") && said.includes("LOC-001"), said);
    const appearing = Number(/将新增 (\d+) 项问题/.exec(said)?.[1]);
    assert.ok(appearing > 0, `the local rule finds what the law does not: ${said}`);
    assert.match(said, /将消除 0 项/);
    assert.ok(said.includes("拘留后超过6小时未通知家属"));
    await admin.screenshot({ path: `${shots}/pack-difference.png`, fullPage: false });
    // Not in force yet.
    assert.equal((await admin.request.get(`${url}/rules/LOC-001`)).status(), 404);

    await admin.click("form[action='/rules/packs/adopt'] button.primary");
    await admin.waitForURL(/\/rules\/packs\?done=\d+$/);
    const row = admin.locator("tbody tr", { hasText: "casework" });
    assert.ok((await row.textContent()).includes("9.0.0"));
    // All events are judged anew; then the rule has found what the difference said.
    let broken = 0;
    for (let n = 0; n < 100 && broken !== appearing; n += 1) {
      await admin.goto(`${url}/rules/LOC-001`);
      broken = Number(/违反 (\d+) 次/.exec(await admin.textContent("main"))?.[1] ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(broken, appearing, "what the difference said");
    await done(admin);

    const officer = await as("officer");
    await officer.goto(`${url}/rules?q=LOC-001`);
    assert.ok((await officer.locator("a[href='/rules/LOC-001']").count()) > 0);
    await officer.goto(`${url}/rules/LOC-001`);
    assert.ok((await officer.textContent("main")).includes("拘留后超过6小时未通知家属"));
    await axe(officer, "/rules/LOC-001");
    await done(officer);
  },
});
