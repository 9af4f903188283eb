// Who looked: a leader whom nothing explains is asked before the case opens; an inspector finds the look and answers.

import assert from "node:assert/strict";

export default ({ as, done, axe, url, accounts, shots }) => ({
  async "an unassigned leader is asked first, and his look is listed"() {
    // A leader above the unit: nothing but a paper that waits for him, or a relation on record, explains his look.
    const admin = await as("admin");
    const number = `L${Date.now() % 1_000_000}`;
    await admin.goto(`${url}/settings/organs`);
    const top = (await admin.locator("tbody td.mono").first().textContent()).trim();
    await admin.goto(`${url}/settings/people`);
    await admin.click("summary:has-text('CSV')");
    const csv = `number,name,organ,post\n${number},何建国,${top},副局长\n`;
    await admin.setInputFiles("#file", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await admin.click("details.fold button");
    await admin.goto(`${url}/settings/roles`);
    await admin.fill("#number", number);
    await admin.selectOption("#role", "leader");
    await admin.selectOption("#organ", top);
    await admin.click("form#form .primary");
    await admin.waitForSelector(".notice.ok");
    await admin.goto(`${url}/settings/people?q=${number}`);
    await admin.click("a.line-link");
    await admin.fill("#account", number.toLowerCase());
    await admin.click("form[action$='/account'] button");
    const secret = (await admin.textContent("#secret")).trim();
    await done(admin);

    accounts.leader = { account: number.toLowerCase(), password: secret, name: "何建国" };
    const leader = await as("leader", { javaScriptEnabled: false });
    if (new URL(leader.url()).pathname === "/password") {
      await leader.fill("#old", secret);
      await leader.fill("#new", `${secret}-of-his-own`);
      await leader.fill("#again", `${secret}-of-his-own`);
      await leader.click("form .primary");
    }
    // A case that the inspector of the demo answers for as well.
    const before = await as("inspector");
    await before.goto(`${url}/cases`);
    const path = await before.locator("a.line-link").first().getAttribute("href");
    await done(before);
    await leader.goto(url + path);
    assert.equal(new URL(leader.url()).pathname, `${path}/reason`);
    const question = await leader.textContent("main");
    assert.ok(question.includes("没有查到你与本案的办案关系"));
    assert.equal(await leader.locator(".timeline").count(), 0, "nothing of the case");
    await leader.screenshot({ path: `${shots}/reason.png`, fullPage: true });
    // By keyboard, and without a paper first.
    await leader.locator("[name=reason][value=written]").focus();
    await leader.keyboard.press("Space");
    await leader.fill("#words", "市局领导批示，了解案件进展。");
    await leader.click("form .primary");
    await leader.waitForSelector("#paper[aria-invalid=true]");
    assert.equal(await leader.inputValue("#words"), "市局领导批示，了解案件进展。");
    await leader.locator("[name=reason][value=told]").check();
    await leader.click("form .primary");
    await leader.waitForURL(url + path);
    assert.ok((await leader.locator(".timeline .event").count()) > 0, "now it opens");
    await leader.click(".tabs a[href$='/looks']");
    assert.ok((await leader.locator("tr.asked", { hasText: "何建国" }).textContent()).includes("口头指派"));
    await done(leader);

    const inspector = await as("inspector");
    await inspector.goto(`${url}/looks`);
    await axe(inspector, "looks to be reviewed");
    const row = inspector.locator("tr", { hasText: "何建国" }).first();
    const told = await row.textContent();
    assert.ok(told.includes("说明理由查阅") && told.includes("缺少办案关系"), told);
    await inspector.screenshot({ path: `${shots}/looks.png`, fullPage: true });
    await row.locator("a.line-link").click();
    assert.ok((await inspector.textContent("main")).includes("了解案件进展"));
    await axe(inspector, "one look");
    await inspector.locator("[name=verdict][value=not_justified]").check();
    await inspector.fill("#note", "经了解，没有领导批示。");
    await inspector.screenshot({ path: `${shots}/look.png`, fullPage: true });
    await inspector.click("form .primary");
    await inspector.waitForSelector(".notice.ok");
    assert.ok((await inspector.locator("tr", { hasText: "何建国" }).first().textContent()).includes("没有正当理由"));
    // What he read is seen beside the case as well.
    await inspector.goto(`${url}${path}/looks`);
    const readers = await inspector.textContent("main");
    assert.ok(readers.includes("核查查阅") && readers.includes(accounts.inspector.name));
    await axe(inspector, "who looked");
    await inspector.screenshot({ path: `${shots}/case-looks.png`, fullPage: true });
    await done(inspector);
  },
});
