// Browser tests: the pages as people use them, in Chromium.
//
//   node run.mjs                 starts `liuhen demo` (target/debug/liuhen, or $LIUHEN) on a new node and tests that
//   LIUHEN_URL=… LIUHEN_ACCOUNTS=… node run.mjs   tests a node that runs already (accounts as `liuhen demo --json` has them)
//   node run.mjs record verify   only the tests of these names
//
// Needs Node 20, `npm ci` here, and Chromium ($CHROMIUM, else `chromium` on the PATH). Screenshots of every page in both
// languages, light, dark and narrow, go to target/screenshots/.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { startDemo } from "./demo.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const shots = `${root}target/screenshots`;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const demo = await startDemo(root);
const { url, accounts } = demo;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A browser of its own for somebody, signed in. Every console error and every broken rule of the CSP fails the test. */
async function as(who, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "zh-CN", ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on("console", (message) => {
    // Answers that a test asks for (404, 422) are reported by the browser as errors too.
    if (message.type() === "error" && !/status of (4\d\d)/.test(message.text())) page.faults.push(message.text());
  });
  page.on("pageerror", (error) => page.faults.push(String(error)));
  if (who) {
    await page.goto(`${url}/sign-in`);
    await page.fill("#account", accounts[who].account);
    await page.fill("#password", accounts[who].password);
    await page.click("button.primary");
    await page.waitForURL((at) => !at.pathname.startsWith("/sign-in"));
  }
  return page;
}

/** Ends somebody's browser, and fails if it complained. */
async function done(page) {
  assert.deepEqual(page.faults, [], "console");
  await page.context().close();
}

/** Records an inquiry with the three inputs, by keyboard alone; answers with the page on the receipt. */
async function record(page) {
  await page.goto(`${url}/record`);
  await page.waitForFunction(() => document.activeElement?.id === "who");
  await page.keyboard.type(accounts.named.search);
  await page.waitForSelector("#who-list [role=option]");
  await page.keyboard.press("Enter");
  assert.notEqual(await page.inputValue("[name=who_id]"), "", "chosen from the roster");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("2");
  assert.equal(await page.isChecked("[data-digit='2']"), true);
  await page.keyboard.press("Tab");
  await page.locator("[name=case]").last().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.waitForURL(/my-records\/.*new=1/);
  await page.waitForSelector(".receipt");
}

/** Opens the first case of a list; where nothing on record explains it to him, says why first. */
async function openCase(page) {
  await page.click("a.line-link");
  await page.waitForURL(/\/cases\/[^/?]+/);
  if (!new URL(page.url()).pathname.endsWith("/reason")) return;
  await page.locator("[name=reason]").first().check();
  await page.fill("#words", "值班备勤，接群众来电核对案情。");
  await page.click("form .primary");
  await page.waitForURL((at) => /\/cases\/[^/]+$/.test(at.pathname));
}

async function axe(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  const told = bad.map((v) => `${v.id} (${v.impact}): ${v.help}\n    ${v.nodes.slice(0, 4).map((n) => `${n.target} ${n.any?.[0]?.message ?? ""}`).join("\n    ")}`);
  assert.deepEqual(told, [], `axe on ${where}`);
}

const tests = {
  async "sign in by keyboard alone, wrong password first"() {
    const page = await as(null);
    await page.goto(`${url}/my-records`);
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    await page.keyboard.type(accounts.officer.account);
    await page.keyboard.press("Tab");
    await page.keyboard.type("not the password");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
    assert.equal(await page.inputValue("#account"), accounts.officer.account, "what was typed is kept");
    await page.keyboard.type(accounts.officer.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${url}/my-records`);
    await done(page);
  },

  async "record in three inputs, receipt, verified in the browser"() {
    const page = await as("officer");
    const began = Date.now();
    await record(page);
    assert.ok(Date.now() - began < 60_000, "within a minute");
    assert.equal(await page.title(), "留痕", "the title tells nothing");
    await page.reload();
    await page.waitForSelector(".receipt a[download]");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(".receipt a[download]")]);
    const receipt = readFileSync(await download.path(), "utf8");
    assert.match(receipt, /^c2sp\.org\/tlog-proof@v1\n/);
    await page.click(".receipt a[href*=verify]");
    await page.waitForSelector("[data-result][data-done=good]");
    const states = await page.$$eval("[data-check]", (all) => all.map((li) => li.dataset.state));
    assert.deepEqual(states, ["ok", "ok", "ok", "ok", "open"]);

    // A forged receipt: the index of its neighbour.
    await page.goto(`${url}/ledger`);
    await page.fill("#receipt", receipt.replace(/^index (\d+)$/m, (_, n) => `index ${Number(n) - 1}`));
    await page.click("[data-verify-needs-script] button");
    await page.waitForSelector("[data-result][data-done=bad]");
    assert.equal(await page.getAttribute("[data-check=inclusion]", "data-state"), "bad");
    // A swapped key.
    await page.fill("#receipt", receipt);
    await page.fill("#key", (await page.inputValue("#key")).replace(/\+.{4}/, "+0000"));
    await page.click("[data-verify-needs-script] button");
    await page.waitForSelector("[data-check=origin][data-state=bad]");
    await done(page);
  },

  async "record without JavaScript"() {
    const page = await as("officer", { javaScriptEnabled: false });
    await page.goto(`${url}/record`);
    await page.fill("#who", accounts.named.search);
    await page.click("button.primary[value=send]");
    // Nothing typed is lost, and each mistake is named.
    assert.equal(await page.inputValue("#who"), accounts.named.search);
    assert.equal(await page.locator(".notice.red li").count(), 3);
    await page.locator("[name=pick]").first().check();
    await page.locator(".tiles label").nth(4).click();
    await page.locator("[name=case]").last().check();
    await page.click("summary:has-text('补充')");
    await page.fill("#words", "“这个案子\n<b>关照</b>一下。”");
    await page.setInputFiles("#files", { name: "录音 1.txt", mimeType: "text/plain", buffer: Buffer.from("an attachment") });
    await page.click("button.primary[value=send]");
    await page.waitForSelector(".receipt");
    const text = await page.textContent("main");
    assert.ok(text.includes("<b>关照</b>"), "words are text, not markup");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a:has-text('录音 1.txt')")]);
    assert.equal(readFileSync(await download.path(), "utf8"), "an attachment");
    assert.equal(download.suggestedFilename(), "录音 1.txt");
    await done(page);
  },

  async "a supervisor opens a record, and its recorder sees it"() {
    const officer = await as("officer");
    await record(officer);
    const supervisor = await as("supervisor");
    await supervisor.goto(`${url}/inquiries`);
    await supervisor.locator("tbody button").first().click();
    await supervisor.waitForSelector("text=记录人");
    await officer.reload();
    assert.ok((await officer.textContent("main")).includes(accounts.supervisor.name));
    // The person named, and whoever runs the node, get nothing.
    for (const who of ["named", "admin"].filter((who) => accounts[who].account)) {
      const other = await as(who);
      const answer = await other.goto(`${url}${new URL(officer.url()).pathname}`);
      assert.ok([403, 404].includes(answer.status()), who);
      const index = (await officer.locator(".receipt a[href^='/ledger/']").first().textContent()).trim();
      assert.equal((await other.goto(`${url}/ledger/${index}`)).status(), 404, `${who} at the ledger`);
      await done(other);
    }
    await done(officer);
    await done(supervisor);
  },

  async "Esc covers the screen and loses nothing"() {
    const page = await as("officer");
    await page.goto(`${url}/record`);
    await page.fill("#who", "张");
    await page.locator("h1").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".veil").count(), 1);
    const reached = await page.evaluate(() => [...document.body.children].filter((e) => !e.inert && e.className !== "veil").length);
    assert.equal(reached, 0, "nothing behind it can be reached");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".veil").count(), 0);
    assert.equal(await page.inputValue("#who"), "张");
    await done(page);
  },

  async "keys: / searches, g and a letter go, digits choose"() {
    const page = await as("officer");
    await page.keyboard.press("/");
    await page.waitForFunction(() => document.activeElement?.matches("[data-find]"));
    await page.keyboard.type("A33");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/cases\?q=A33/);
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(`${url}/ledger`);
    await page.keyboard.press("?");
    await page.waitForURL(`${url}/help`);
    // Tab reaches the content past the menu by the first link.
    await page.goto(`${url}/`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
    await done(page);
  },

  async "language and theme switch, and stay on the page"() {
    const page = await as("officer");
    await page.goto(`${url}/ledger?q=1`);
    await page.goto(`${url}/cases?q=A`);
    await page.click("[hreflang=en]");
    assert.equal(page.url(), `${url}/cases?q=A`);
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await page.click(".who summary");
    await page.click(".who .switch a >> nth=2");
    assert.equal(await page.getAttribute("html", "data-theme"), "dark");
    assert.equal(page.url(), `${url}/cases?q=A`);
    await page.click("[hreflang='zh-CN']");
    assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
    await done(page);
  },

  async "settings: add, change, end, import with a bad line"() {
    const page = await as("admin");
    const code = `T${Date.now() % 1_000_000}`;
    await page.goto(`${url}/settings/organs`);
    await page.fill("#code", code);
    await page.fill("#name", "试验派出所");
    await page.click("form#form .primary");
    await page.waitForSelector(".notice.ok");
    await page.fill("#code", code);
    await page.fill("#name", "又一个");
    await page.click("form#form .primary");
    await page.waitForSelector("#code[aria-invalid=true]");
    assert.equal(await page.inputValue("#name"), "又一个");
    await page.goto(`${url}/settings/people`);
    await page.click("summary:has-text('CSV')");
    const csv = `number,name,organ,post\n${code}1,孙某,${code},民警\n${code}2,,${code},民警\n`;
    await page.setInputFiles("#file", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.click("details.fold button");
    await page.waitForSelector("table");
    assert.equal((await page.locator("tbody td").first().textContent()).trim(), "3", "the bad line is named");
    await page.goto(`${url}/settings/people?q=${code}1`);
    await page.click("a.line-link");
    await page.fill("#account", `t${code}`);
    await page.click("form[action$='/account'] button");
    await page.waitForSelector("#secret");
    assert.ok((await page.textContent("#secret")).trim().length >= 12);
    await page.click("form[action$='/end'] button");
    await page.click("button[value=yes]");
    await page.waitForSelector(".notice.ok");
    await done(page);
  },

  async "a case: timeline, elements with names on request, who looked"() {
    const page = await as("officer");
    await page.goto(`${url}/cases`);
    await openCase(page);
    await page.waitForSelector(".timeline .event");
    await page.click(".tabs a[href$='/elements']");
    await page.waitForSelector("svg.graph a.node");
    const before = await page.textContent("main");
    await page.click("form[action$='/names'] button");
    await page.waitForSelector(".notice.ok");
    assert.notEqual(await page.textContent("main"), before);
    await page.click(".tabs a[href$='/looks']");
    assert.ok((await page.textContent("main")).includes(accounts.officer.name), "looking left a trace");
    await page.click(".tabs a[href*='tab=ledger']");
    await page.click("main tbody a >> nth=0");
    await page.click(".receipt a[href*=verify]");
    await page.waitForSelector("[data-result][data-done=good]");
    await done(page);
  },

  async "a detention: the notice to the family is amber, then red with its article; what is cleared stays visible"() {
    const page = await as("officer");
    const number = `A3301-2026-${String(Date.now()).slice(-6)}`;
    const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    const send = async (key, activity, occurred, person, more = {}) => {
      const event = { key: `${number}-${key}`, activity, occurred, objects: [{ type: "case", id: number }, { type: "person", id: `${number}-${person}`, qualifier: "suspect" }], attrs: { source_recorded: occurred }, ...more };
      const answer = await page.evaluate(async (line) => {
        const sent = await fetch("/api/v1/events", { method: "POST", headers: { "content-type": "application/json" }, body: line });
        return { status: sent.status, body: await sent.json() };
      }, JSON.stringify(event));
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.event;
    };
    await send("1", "cr.detain", ago(23), "p1");
    // Due three hours ago; for one more the notice could have been recorded.
    const second = await send("2", "cr.detain", ago(27), "p2");
    // Today: what is over on top, what runs out today below, each with its article.
    await page.goto(`${url}/?of=mine`);
    const row = (text) => page.locator(".todo > li", { hasText: number }).filter({ hasText: text });
    await page.waitForSelector(`.todo >> text=${number}`);
    const due = row("通知家属");
    assert.ok((await due.count()) >= 2);
    assert.ok((await due.first().textContent()).includes("刑诉法第85条"));
    assert.equal(await due.first().locator(".mark.red").count(), 1);
    assert.equal(await due.nth(1).locator(".mark.amber").count(), 1);
    await page.screenshot({ path: `${shots}/story-today.png`, fullPage: true });
    await due.first().locator(".button").click();
    await page.waitForURL(/\/cases\/.*#finding-/);
    // The case: red with its sentence, the reason by keyboard, the dashed step, the planned ones.
    const red = page.locator(".finding", { hasText: "拘留后超过24小时未通知家属" });
    assert.ok((await red.textContent()).includes("刑事程序规定第127条 · 刑诉法第85条"));
    await red.locator("summary").focus();
    await page.keyboard.press("Enter");
    assert.ok(await red.locator("text=怎样计算").isVisible());
    assert.ok(await red.locator("a[href^='/ledger/']").first().isVisible());
    assert.ok((await page.locator(".event.missing").count()) >= 1);
    assert.ok((await page.locator(".event.planned").count()) >= 1);
    assert.equal(await page.locator(".finding", { hasText: "通知家属：应于" }).locator(".mark.amber").count() > 0, true);
    await page.screenshot({ path: `${shots}/story-red.png`, fullPage: true });
    await axe(page, "a case with findings");
    // In time for one, late for the other; and then the second detention was later than written.
    await send("3", "cr.family_notify", ago(0.05), "p1");
    await send("4", "cr.family_notify", ago(0.04), "p2");
    const shown = async (selector, hasText) => {
      for (let tries = 0; tries < 40; tries += 1) {
        await page.reload();
        if ((await page.locator(selector, { hasText }).count()) > 0) return;
        await page.waitForTimeout(250);
      }
      assert.fail(`no ${selector} with ${hasText}`);
    };
    await shown(".beside", "超期办理");
    assert.deepEqual(await page.locator(".finding:has(.mark.amber)", { hasText: "通知家属：应于" }).allTextContents(), [], "kept: not listed any more");
    await send("5", "cr.detain", ago(20), "p2", { correction_of: second });
    await shown(".event.alert", "不再成立");
    assert.ok((await page.locator(".event.alert", { hasText: "拘留后超过24小时未通知家属" }).count()) >= 1, "that it was found stays");
    await page.screenshot({ path: `${shots}/story-cleared.png`, fullPage: true });
    await done(page);
  },

  async "rules and clocks: filter, one rule, sorted, without JavaScript"() {
    const page = await as("officer", { javaScriptEnabled: false });
    await page.goto(`${url}/rules`);
    await page.fill("#q", "通知家属");
    await page.selectOption("#grade", "red");
    await page.click("form.filter:not([role]) button");
    const rules = await page.locator("a.line-link").allTextContents();
    assert.ok(rules.includes("CR-042"), rules.join());
    await page.click("a.line-link:has-text('CR-042') >> nth=0");
    await page.waitForURL(/\/rules\/CR-042/);
    assert.ok((await page.textContent("main")).includes("《刑事诉讼法》"));
    await page.goto(`${url}/clocks`);
    if ((await page.locator("thead a").count()) > 0) {
      await page.click("thead a:has-text('起算')");
      assert.equal(await page.locator("th[aria-sort=ascending]").textContent().then((t) => t.includes("起算")), true);
      const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[href^='/clocks.csv']")]);
      assert.ok(readFileSync(await file.path(), "utf8").includes("应办事项"));
    }
    const head = await as("named");
    await head.goto(`${url}/units`);
    assert.ok((await head.locator("tbody th a").count()) >= 1);
    await head.click("tbody th a >> nth=0");
    await head.waitForURL(/\/clocks\?of=unit/);
    await done(head);
    await done(page);
  },

  async "every page, both languages, light and dark: no serious finding of axe; pictures of all"() {
    rmSync(shots, { recursive: true, force: true });
    mkdirSync(shots, { recursive: true });
    const officer = await as("officer");
    await officer.goto(`${url}/my-records`);
    if ((await officer.locator("tbody a").count()) === 0) await record(officer);
    await officer.goto(`${url}/my-records`);
    const mine = await officer.getAttribute("tbody a", "href");
    await officer.goto(`${url}/cases`);
    const found = officer.locator("a.line-link").first();
    const one = (await found.count()) ? await found.getAttribute("href") : null;
    if (one) await openCase(officer);
    const pages = {
      officer: {
        today: "/", record: "/record", "my-records": "/my-records", "my-record": `${mine}?new=1`, cases: "/cases",
        "cases-none": "/cases?q=no-such-case", ledger: "/ledger", "ledger-missing": "/ledger?q=no-such-entry", entry: "/ledger/3?verify=1",
        help: "/help", style: "/style", clocks: "/clocks", "clocks-none": "/clocks?q=no-such-case", rules: "/rules", rule: "/rules/CR-042", password: "/password", "not-found": "/no/such/page", forbidden: "/inquiries",
        ...(one && { case: one, "case-elements": `${one}/elements`, "case-files": `${one}/elements?show=files`, "case-readers": `${one}/looks`, "case-ledger": `${one}?tab=ledger` }),
      },
      named: { "unit-today": "/", units: "/units", "unit-clocks": "/clocks?of=unit" },
      supervisor: { "supervisor-today": "/", inquiries: "/inquiries", "off-book": "/off-book" },
      inspector: { looks: "/looks" },
      admin: {
        "admin-today": "/", organs: "/settings/organs", "organs-change": "/settings/organs?change=A330102", people: "/settings/people",
        person: null, roles: "/settings/roles",
      },
      nobody: { "sign-in": "/sign-in", "signed-out": "/sign-in?out=1" },
    };
    await done(officer);
    const problems = [];
    for (const [who, list] of Object.entries(pages)) {
      const page = await as(who === "nobody" ? null : who);
      if (who === "admin") {
        await page.goto(`${url}/settings/people`);
        list.person = await page.getAttribute("a.line-link", "href");
      }
      for (const lang of ["zh-CN", "en"]) {
        for (const [look, width, theme] of [["light", 1366, "light"], ["dark", 1366, "dark"], ["narrow", 800, "light"]]) {
          await page.setViewportSize({ width, height: 768 });
          await page.goto(`${url}/sign-in?lang=${lang}&theme=${theme}`);
          for (const [name, path] of Object.entries(list)) {
            await page.goto(url + path);
            if (path.includes("verify=1")) await page.waitForSelector("[data-result][data-done]");
            await page.screenshot({ path: `${shots}/${name}.${lang}.${look}.png`, fullPage: true });
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            if (over > 0) problems.push(`${name} ${lang} ${look}: ${over} px wider than the window`);
            if (look !== "narrow") await axe(page, `${name} ${lang} ${look}`).catch((e) => problems.push(e.message));
          }
        }
      }
      await done(page);
    }
    assert.deepEqual(problems, []);
  },
};

// Longer stories, each in a file of its own.
for (const file of readdirSync(new URL("flows/", import.meta.url)).sort()) {
  const flow = await import(`./flows/${file}`);
  Object.assign(tests, flow.default({ as, done, axe, record, openCase, url, accounts, shots }));
}

const chosen = process.argv.slice(2);
let failed = 0;
for (const [name, run] of Object.entries(tests)) {
  if (chosen.length > 0 && !chosen.some((part) => name.includes(part))) continue;
  const began = Date.now();
  try {
    await run();
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${String(error.stack ?? error).replace(/^/gm, "      ")}`);
  }
}
await browser.close();
await demo.stop();
console.log(failed === 0 ? `all passed; pictures in ${shots}` : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
