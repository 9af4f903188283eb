// A key step from its proposal to its approval: whoever handles it cannot decide on it, whatever roles he is given.

import assert from "node:assert/strict";

export default ({ as, done, openCase, url, accounts }) => ({
  async "a handler cannot review his own step"() {
    const admin = await as("admin");
    await admin.goto(`${url}/settings/people?q=${encodeURIComponent(accounts.officer.name)}`);
    const row = admin.locator("tbody tr", { hasText: accounts.officer.name }).first();
    const number = (await row.locator("td.mono").first().textContent()).trim();
    await admin.goto(`${url}/settings/roles`);
    await admin.fill("#number", number);
    await admin.selectOption("#role", "unit-head");
    // On his own organ, so that the cases that he sees are those that he handles.
    const organ = admin.locator("#organ option", { hasText: accounts.officer.organ }).first();
    await admin.selectOption("#organ", await organ.getAttribute("value"));
    await admin.click("form#form .primary");
    await admin.waitForSelector(".notice.ok");
    await done(admin);

    // By keyboard and without JavaScript, as far as the browser lets one choose.
    const officer = await as("officer", { javaScriptEnabled: false });
    await officer.goto(`${url}/cases`);
    await openCase(officer);
    await officer.click(".tabs a:has-text('审核')");
    await officer.click("a.button.primary:has-text('呈请')");
    await officer.selectOption("#act", "cr.coop_request");
    await officer.press("#act", "Tab");
    await officer.keyboard.press("Enter");
    await officer.click("button[value=send]:not(.sr)");
    await officer.waitForSelector("[role=alert]");
    await officer.fill("#words", "嫌疑人在外地，请求协作抓捕。");
    await officer.click("button[value=check]:not(.sr)");
    assert.ok((await officer.textContent("[role=status]")).includes("没有规则阻止"));
    await officer.click("button[value=send]:not(.sr)");
    await officer.waitForURL(/\/reviews\/[0-9a-f-]+$/);
    const step = new URL(officer.url()).pathname;
    assert.ok((await officer.textContent("main")).includes("不能由你处理"));
    assert.equal(await officer.locator("[name=decision]").count(), 0, "nothing to press");
    await officer.goto(`${url}/reviews`);
    assert.ok((await officer.textContent("main")).includes("SD-002"), "with the rule that says so");
    // Sent anyway, it is refused.
    const shown = "0".repeat(64);
    const answer = await officer.request.post(url + step, {
      form: { decision: "pass", words: "同意", shown },
      headers: { origin: url, "sec-fetch-site": "same-origin" },
    });
    assert.equal(answer.status(), 422);
    assert.ok((await answer.text()).includes("行政程序规定第24"));
    await done(officer);

    const head = await as("named");
    await head.goto(`${url}/reviews`);
    await head.click(`a[href='${step}']`);
    await head.fill("#words", "同意请求协作。");
    await head.click("button[value=pass]");
    await head.waitForSelector(".notice.ok");
    assert.ok((await head.textContent("main")).includes("已办理"));
    await done(head);
  },
});
