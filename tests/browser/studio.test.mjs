// The studio as editors use it: every flow, in both languages, at two widths, by mouse and by keyboard.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DESK, PHONE, Person, account, launch, missing, readers, root, serve } from "./studio.mjs";
import { TASKS } from "./tasks.mjs";

const lacks = missing();
let server, browser, admin, venue;

before(async () => {
  if (lacks) throw new Error(lacks);
  [server, browser] = await Promise.all([serve(), launch()]);
  admin = await (await Person.sit(server, browser, { locale: "en-GB" })).signIn();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A playlist with a title, saved; its path. */
async function playlist(person, id, fill = async () => {}) {
  await person.goto("/studio/playlists/new");
  await person.fill("[name=id]", id);
  await person.fill("[name=title]", `Playlist ${id}`);
  await fill();
  await person.follow("button[name=then][value=save]");
  return `/studio/playlists/${id}`;
}

test("sign-in: a wrong password is told, the right one opens the page that was asked for", async () => {
  const person = await Person.sit(server, browser, { locale: "fr-FR" });
  await person.goto("/studio/playlists");
  assert.equal(await person.text("h1"), "Le studio des éditeurs");
  assert.deepEqual(await person.axe(), []);
  await person.shoot("sign-in");
  await person.fill("[name=login]", server.login);
  await person.fill("[name=password]", "not the password");
  await person.click("button.main");
  await person.page.waitForSelector("[role=alert]");
  await person.fill("[name=login]", server.login);
  await person.fill("[name=password]", server.password);
  await person.follow("button.main");
  assert.equal(new URL(person.page.url()).pathname, "/studio/playlists");
  await person.follow("a[hreflang=en]");
  assert.equal(await person.page.getAttribute("html", "lang"), "en");
  assert.deepEqual(person.faults, []);
  await person.leave();
});

test("playlist: the rule counts live, sliders move the list, pins and exclusions hold, saving and publishing say so", async () => {
  const { page } = admin;
  await admin.goto("/studio/playlists/new");
  await admin.fill("[name=id]", "summer");
  await admin.fill("[name=title]", "Un été <script>alert(1)</script>");
  await admin.tries(() => admin.click("[name=rule_categories][value=LIVRE]"));
  const books = await admin.text("#matching");
  assert.match(books, /^\d+ works match$/);
  await admin.tries(() => admin.click("[name=rule_categories][value=JEU]"));
  assert.notEqual(await admin.text("#matching"), books);
  const begun = Date.now();
  await admin.tries(() => admin.click("[name=rule_categories][value=MUSEE]"));
  console.log(`# a change shows after ${Date.now() - begun} ms`);
  const before = await admin.titles();
  assert.ok(before.length > 5, `${before.length} offers`);
  const pinned = before[3];
  await admin.tries(() => admin.click(`#look .offer:nth-child(4) button[value^="pin|"]`));
  assert.equal((await admin.titles())[3], pinned);
  assert.equal(await page.locator("#look .strip svg[role=img] circle.pinned").count(), 1, "the strip marks the pin");
  const gone = (await admin.titles())[0];
  await admin.tries(() => admin.click(`#look .offer:nth-child(1) button[value^="exclude|"]`));
  assert.ok(!(await admin.titles()).includes(gone));
  await admin.tries(() => admin.fill("[name=find]", "concert"));
  await page.waitForSelector("#found li button");
  await admin.tries(() => admin.click("#found li button"));
  assert.match(await admin.text("#picks h3"), /^2 picks/);
  const unmoved = await admin.titles();
  await admin.tries(() => page.locator("[name=weight_popularity]").fill("1"));
  await admin.tries(() => page.locator("[name=weight_proximity]").fill("0"));
  assert.notDeepEqual(await admin.titles(), unmoved, "sliders move the list");
  assert.equal(await page.locator("#look meter").count(), 4);
  await admin.shoot("playlist-editor");
  assert.deepEqual(await admin.axe(), []);
  await admin.follow("button[name=then][value=save]");
  assert.match(await admin.text("[role=status].said"), /draft is saved/);
  assert.equal(await admin.text("h1"), "Un été <script>alert(1)</script>", "a title is text");
  await admin.follow("button[name=then][value=publish]");
  assert.match(await admin.text("[role=status].said"), /is published/);
  assert.equal(await admin.text(".badge.published"), "published");
  await admin.fill("[name=title]", "Un été ailleurs");
  await admin.follow("button[name=then][value=save]");
  await admin.follow("a[href$='/versions']");
  assert.match(await admin.text(".differences"), /Title : Un été <script>alert\(1\)<\/script> → Un été ailleurs/);
  await admin.click(".steps > li:nth-child(3) summary");
  await admin.follow(".steps > li:nth-child(3) button.danger");
  assert.match(await admin.text("[role=status].said"), /old version is live again/);
  await admin.goto("/studio/audit");
  assert.match(await admin.text("tbody tr:nth-child(1)"), /rolled back/);
  assert.deepEqual(admin.faults, []);
});

test("a broken document is not saved, and says where", async () => {
  await admin.goto("/studio/playlists/new");
  await admin.fill("[name=id]", "broken");
  await admin.fill("[name=title]", "Broken");
  await admin.fill("[name=from]", "2026-07-01T10:00");
  await admin.fill("[name=to]", "2026-06-01T10:00");
  await admin.follow("button[name=then][value=save]");
  assert.match(await admin.text(".fault[role=alert]"), /\/schedule\/to/);
  assert.match(await admin.text("#said-audience"), /never holds/);
  assert.equal(await admin.page.inputValue("[name=title]"), "Broken", "what was typed stays");
});

test("two editors: the second sees what the first saved, and chooses", async () => {
  const path = await playlist(admin, "both");
  const other = await (await Person.sit(server, browser, { locale: "en-GB" })).signIn();
  await other.goto(path);
  await admin.goto(path);
  await admin.fill("[name=title]", "The first");
  await admin.follow("button[name=then][value=save]");
  await other.fill("[name=title]", "The second");
  await other.follow("button[name=then][value=save]");
  assert.match(await other.text("section[role=alert]"), /The first → The second/);
  await other.shoot("conflict");
  assert.deepEqual(await other.axe(), []);
  await other.follow("section[role=alert] button.danger");
  assert.equal(await other.text("h1"), "The second");
  assert.deepEqual(other.faults, []);
  await other.leave();
});

test("a draft survives a closed tab", async () => {
  const path = await playlist(admin, "kept");
  await admin.goto(path);
  await admin.tries(() => admin.fill("[name=subtitle]", "not saved yet"));
  const tab = await admin.context.newPage();
  await admin.page.close();
  admin.page = tab;
  await admin.goto(path);
  assert.equal(await tab.inputValue("[name=subtitle]"), "");
  await Promise.all([tab.waitForNavigation(), tab.locator("#kept [data-kept=take]").click()]);
  assert.equal(await tab.inputValue("[name=subtitle]"), "not saved yet");
  await admin.follow("button[name=then][value=save]");
  await admin.goto(path);
  assert.ok(await tab.locator("#kept").isHidden(), "a saved draft is forgotten");
});

test("by keyboard alone: a playlist is made, a pick is moved, and it is saved", async () => {
  const person = await (await Person.sit(server, browser, { locale: "fr-FR" })).signIn();
  const { page } = person;
  await person.goto("/studio/playlists");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the skip link comes first");
  await page.keyboard.press("Enter");
  await person.tabTo("a.button.main");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await person.tabTo("[name=id]");
  await page.keyboard.type("clavier");
  await person.tabTo("[name=title]");
  await page.keyboard.type("Au clavier");
  await person.tabTo("[name=rule_categories][value=CINEMA]");
  await person.tries(() => page.keyboard.press("Space"));
  await person.tabTo("[name=find]");
  await person.tries(() => page.keyboard.type("musique"));
  await page.waitForSelector("#found li:nth-child(2) button");
  for (const wanted of ["1", "2"]) {
    await person.tabTo("#found button");
    await person.tries(() => page.keyboard.press("Enter"));
    assert.match(await person.text("#picks h3"), new RegExp(`^${wanted} choix`));
    await page.locator("[name=find]").focus();
  }
  const picks = () => page.locator(".picks li .grow > b").allInnerTexts();
  const [first, second] = await picks();
  await person.tabTo("#picks button[value^='down|']");
  await person.tries(() => page.keyboard.press("Enter"));
  assert.deepEqual(await picks(), [second, first]);
  assert.match(await page.evaluate(() => document.activeElement.value ?? ""), /^down\|/, "the focus follows the line");
  await page.locator("h1").click();
  await person.tabTo("button[value=save]", 400);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await person.text("[role=status].said"), /brouillon est enregistré/);
  assert.deepEqual(person.faults, []);
  await person.leave();
});

test("home: modules come, move by drag and by button, show in the phone, and compare with what is live", async () => {
  const { page } = admin;
  await admin.goto("/studio/homes/new");
  await admin.fill("[name=id]", "autumn");
  await admin.fill("[name=title]", "Autumn");
  await admin.tries(() => admin.click("#add-banner"));
  await admin.fill("[name=title]", "Autumn");
  const kinds = () => page.locator("[name=m_kind]").evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(await kinds(), ["recommendations", "nearby", "trending", "new", "banner"]);
  await admin.tries(() => admin.click("#up-banner-1"));
  assert.deepEqual(await kinds(), ["recommendations", "nearby", "trending", "banner", "new"]);
  await admin.follow("button[name=then][value=publish]");
  await admin.tries(async () => {
    admin.actions += 1;
    await page.dragAndDrop(".modules li:nth-child(5) .grip", ".modules li:nth-child(1) .grip");
  });
  assert.equal((await kinds())[0], "new");
  await admin.tries(() => admin.click("[name=compare]"));
  assert.equal(await page.locator(".phone").count(), 2);
  assert.match(await admin.text("#look"), /up 4|up 3/, "moves are drawn");
  const offers = await page.locator(".phone:not(.live) .shelf li b").allInnerTexts();
  assert.ok(offers.length > 8, `${offers.length} offers in the phone`);
  await admin.shoot("home-composer");
  assert.deepEqual(await admin.axe(), []);
  assert.deepEqual(admin.faults, []);
});

test("why: the parts add up to the score, and each rule has its counterfactual", async () => {
  const path = await playlist(admin, "asked", () => admin.click("[name=rule_all]"));
  await admin.goto(path);
  await admin.follow("#look .offer:nth-child(2) a.small");
  const parts = await admin.page.locator(".waterfall tbody td:nth-child(4)").allInnerTexts();
  const score = Number((await admin.text("#explained ~ h3")).match(/[\d.]+/)[0]);
  const sum = parts.map(Number).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - score) < 0.01, `${sum} is not ${score}`);
  assert.match(await admin.text("#explained ~ table"), /the rule by category/);
  await admin.shoot("why");
});

test("playlist: what is live stands beside the draft, with a line for every move", async () => {
  const path = await playlist(admin, "beside", () => admin.click("[name=rule_categories][value=LIVRE]"));
  await admin.goto(path);
  await admin.tries(() => admin.click("[name=compare]"));
  assert.match(await admin.text("#look"), /Nothing is live under this name yet/);
  await admin.follow("button[name=then][value=publish]");
  await admin.tries(() => admin.click("[name=rule_categories][value=CINEMA]"));
  await admin.tries(() => admin.click("[name=compare]"));
  const drawn = await admin.page.locator(".moves svg path").count();
  assert.ok(drawn > 0, "lines are drawn");
  assert.match(await admin.text(".moves figcaption"), /[1-9]\d* moves, arrivals or departures/);
  assert.equal(await admin.page.locator(".beside .strip-bare").count(), 2, "both strips");
  await admin.shoot("playlist-beside-live");
  assert.deepEqual(await admin.axe(), []);
});

test("calendar: a period is chosen by keyboard on a small month, and stands on the large one", async () => {
  const person = await (await Person.sit(server, browser, { locale: "en-GB" })).signIn();
  const { page } = person;
  await person.goto("/studio/playlists/summer");
  await person.tabTo(".picker summary", 400);
  await page.keyboard.press("Enter");
  await person.tabTo("#month-after");
  await person.tries(() => page.keyboard.press("Enter"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "month-after", "the focus stays");
  const month = await page.inputValue("[name=month]");
  await person.tabTo(`#day-${month}-05`);
  await person.tries(() => page.keyboard.press("Enter"));
  await person.tabTo(`#day-${month}-09`);
  await person.tries(() => page.keyboard.press("Enter"));
  assert.equal(await page.inputValue("[name=from]"), `${month}-05T00:00`);
  assert.equal(await page.inputValue("[name=to]"), `${month}-10T00:00`);
  assert.equal(await page.locator(".day.held").count(), 5);
  await person.shoot("schedule");
  assert.deepEqual(await person.axe(), []);
  await page.locator("button[name=then][value=publish]").focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await person.goto("/studio/calendar");
  await person.tabTo("nav.acts a:last-child");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(new URL(page.url()).searchParams.get("month"), month);
  await person.tabTo(".month td:not(.out) li a", 400);
  await person.shoot("calendar");
  assert.deepEqual(await person.axe(), []);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(new URL(page.url()).pathname, "/studio/playlists/summer");
  // What comes after finds the playlist without a period.
  await page.locator(".picker summary").click();
  await person.tries(() => page.locator("#always").click());
  assert.equal(await page.inputValue("[name=from]"), "");
  await page.locator("button[name=then][value=publish]").click();
  await page.waitForSelector("[role=status].said");
  assert.deepEqual(person.faults, []);
  await person.leave();
});

test("place: a point on the map, or typed, moves the preview", async () => {
  const { page } = admin;
  await admin.goto("/studio/homes/autumn");
  const shown = () => page.locator(".phone .shelf").allInnerTexts();
  await page.locator(".pick-map summary").click();
  const before = await shown();
  await admin.tries(async () => {
    const map = page.locator("svg.pick").first();
    const box = await map.boundingBox();
    await map.click({ position: { x: box.width * 0.93, y: box.height * 0.27 } });
  });
  assert.match(await page.inputValue("[name=as_point]"), /^4[78]\.\d{4}, [78]\.\d{4}$/, "the far east");
  assert.equal(await page.locator("svg.pick .mark").count(), 1);
  assert.notDeepEqual(await shown(), before);
  await admin.tries(() => page.locator("[name=as_point]").fill("48.11, -1.68"));
  const typed = await shown();
  await admin.tries(() => page.locator("[name=as_point]").fill("nowhere"));
  assert.ok(typed.length > 0 && (await shown()).length > 0, "what is no point falls back to the town");
  await admin.goto("/studio/map?density=1&as_point=48.11,-1.68");
  assert.equal(await page.locator(".maps figure:first-child circle.reach").count(), 4, "four bands of travel");
  assert.equal(await page.locator(".maps figure:first-child text.band").count(), 4, "each is named");
  assert.ok((await page.locator(".maps rect.density").count()) > 10, "squares of density");
  assert.deepEqual(await admin.axe(), []);
  assert.deepEqual(admin.faults, []);
});

test("numbers: what readers did shows by list and by venue, and downloads as CSV and Arrow", async () => {
  const { page } = admin;
  venue = await readers(server, "summer");
  const holds = async (path, what) => {
    for (let tries = 0; tries < 100; tries += 1) {
      await admin.goto(path);
      if ((await admin.text("main")).match(what)) return;
      await page.waitForTimeout(100);
    }
    assert.fail(`${path} never shows ${what}`);
  };
  await holds("/studio/numbers", /Un été/);
  assert.match(await admin.text("#table-playlists tbody"), /Un été.*\t60\t6\t6\t/);
  assert.match(await admin.text("#table-personas .chart"), /Curious[\s\S]*Categories at M\+12\s*1\.0/);
  assert.equal(await page.locator(".trends svg[role=img]").count(), 4);
  const [csv] = await Promise.all([page.waitForEvent("download"), page.locator("a[href$='/playlists.csv']").click()]);
  assert.match(readFileSync(await csv.path(), "utf8"), /^playlist,impression,click,booking,favorite,[^\n]*\n"summer",60,6,6,0,/);
  const [arrow] = await Promise.all([page.waitForEvent("download"), page.locator("a[href$='/cohorts.arrow']").click()]);
  assert.ok(readFileSync(await arrow.path()).length > 200);
  await admin.shoot("numbers");
  assert.deepEqual(await admin.axe(), []);
  await admin.goto("/studio/numbers/venues");
  await admin.fill("[name=q]", venue);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await admin.follow("tbody th a");
  assert.match(await admin.text("#table-playlists tbody"), /Un été/);
  await admin.shoot("venue");
  assert.deepEqual(await admin.axe(), []);
  assert.deepEqual(admin.faults, []);
});

test("home by keyboard alone, on a phone, in French: a module comes, goes up and the page is saved", async () => {
  const person = await (await Person.sit(server, browser, { locale: "fr-FR", viewport: PHONE })).signIn();
  const { page } = person;
  await person.goto("/studio/homes/new");
  await person.tabTo("[name=id]");
  await page.keyboard.type("clavier");
  await person.tabTo("[name=title]");
  await page.keyboard.type("Accueil au clavier");
  await person.tabTo("#add-journey", 400);
  await person.tries(() => page.keyboard.press("Enter"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "add-journey", "the focus stays");
  await page.locator("h1").click();
  await person.tabTo("#up-journey-1", 400);
  await person.tries(() => page.keyboard.press("Enter"));
  const kinds = await page.locator("[name=m_kind]").evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(kinds, ["recommendations", "nearby", "trending", "journey", "new"]);
  await person.tabTo("[name=as_persona]", 400);
  await person.tries(() => page.keyboard.press("ArrowDown"));
  await page.locator("h1").click();
  await person.tabTo("button[name=then][value=save]", 400);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await person.text("[role=status].said"), /brouillon est enregistré/);
  assert.equal(await person.overflows(), false);
  assert.deepEqual(person.faults, []);
  await person.leave();
});

test("personas: an appetite that is tuned changes what eight readers get", async () => {
  const { page } = admin;
  await admin.goto("/studio/personas/new?copy=casanier");
  assert.equal(await page.locator("#look tbody tr").count(), 8);
  const changed = async () => (await page.locator("#look tbody td.number").allInnerTexts()).map(Number).reduce((a, b) => a + b, 0);
  assert.equal(await changed(), 0, "as the study says");
  await admin.tries(() => page.locator("[name=category_SPECTACLE]").fill("1"));
  await admin.tries(() => page.locator("[name=category_LIVRE]").fill("0"));
  assert.ok((await changed()) > 0, "other offers");
  await admin.shoot("persona");
  assert.deepEqual(await admin.axe(), []);
  await admin.follow("button[name=then][value=save]");
  assert.match(await admin.text("[role=status].said"), /draft is saved/);
  assert.deepEqual(admin.faults, []);
});

test("first paint under a second", async () => {
  const paints = [];
  for (const path of ["/studio/playlists/summer", "/studio/homes/autumn", "/studio/numbers"]) {
    await admin.goto(path);
    const paint = () => admin.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    await admin.page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    paints.push(Math.round(await paint()));
  }
  console.log(`# first paint after ${paints.join(", ")} ms`);
  assert.ok(Math.min(...paints) < 1000, `${paints}`);
});

test("rights: a reader looks, an editor of 35 stays in 35", async () => {
  const path = await playlist(admin, "drome", () => admin.fill("[name=territory]", "26"));
  const reader = await account(admin, "looker", "reader");
  const local = await account(admin, "desk-35", "editor", "35");
  const looker = await (await Person.sit(server, browser, { locale: "en-GB" })).signIn("looker", reader);
  await looker.goto(path);
  assert.equal(await looker.page.locator("button[name=then]").count(), 0, "nothing to save with");
  const form = await looker.page.evaluate(() => new URLSearchParams(new FormData(document.getElementById("desk"))).toString());
  const send = (person, form) =>
    person.page.evaluate(([path, body]) => fetch(path, { method: "POST", body: new URLSearchParams(body) }).then((answer) => answer.status), [path, form]);
  assert.equal(await send(looker, form), 403, "a reader's form is refused");
  assert.equal((await looker.page.goto("/studio/keys")).status(), 403);
  await looker.leave();
  const editor = await (await Person.sit(server, browser, { locale: "en-GB" })).signIn("desk-35", local);
  await editor.goto(path);
  await editor.fill("[name=title]", "Mine now");
  await editor.follow("button[name=then][value=save]");
  assert.equal(await editor.text("h1"), "This territory is not yours");
  await editor.goto("/studio/playlists/new");
  assert.equal(await editor.page.inputValue("[name=territory]"), "35", "new documents are of 35");
  await editor.fill("[name=id]", "ille");
  await editor.fill("[name=title]", "Ille-et-Vilaine");
  await editor.follow("button[name=then][value=save]");
  assert.match(await editor.text("[role=status].said"), /draft is saved/);
  const own = await editor.page.evaluate(() => new URLSearchParams(new FormData(document.getElementById("desk"))).toString());
  const paste = await editor.page.evaluate(
    async (own) => (await fetch(location.pathname, { method: "POST", body: new URLSearchParams(`${own}&subtitle=${"x".repeat(5 << 20)}`) })).status,
    own,
  );
  assert.equal(paste, 413, "a 5 MB paste is refused");
  const forged = await editor.page.evaluate(
    async (own) => (await fetch(location.pathname, { method: "POST", body: new URLSearchParams(own.replace(/csrf=[^&]+/, "csrf=forged")) })).status,
    own,
  );
  assert.equal(forged, 403, "a forged token is refused");
  await editor.leave();
});

test("ten tasks take as many actions as the guide says", async () => {
  const guide = readFileSync(join(root, "api", "guides", "studio.md"), "utf8");
  const lines = [];
  for (const task of TASKS) {
    await admin.goto(task.from);
    const actions = await admin.counts(() => task.does(admin));
    await admin.page.locator(task.shows).first().waitFor({ state: "attached" });
    lines.push(`| ${task.name} | ${actions} |`);
  }
  console.log(lines.map((line) => `# ${line}`).join("\n"));
  for (const line of lines) assert.ok(guide.includes(line), `the guide does not say ${line}`);
  assert.deepEqual(admin.faults, []);
});

test("keys: one is made, shown once, and revoked", async () => {
  const { page } = admin;
  await admin.goto("/studio/keys");
  await admin.select("form.row [name=scope]", "edit");
  await admin.fill("form.row [name=territories]", "35");
  await admin.follow("form.row button");
  const token = await page.inputValue("#token");
  assert.match(token, /^flo_/);
  assert.deepEqual(await admin.axe(), []);
  await admin.goto("/studio/keys");
  assert.ok(!(await page.content()).includes(token), "shown once");
  await admin.click("tbody summary");
  await admin.follow("tbody button.danger");
  assert.match(await admin.text("tbody .badge"), /revoked/);
  assert.deepEqual(admin.faults, []);
});

const PAGES = [
  "", "/playlists", "/playlists/summer", "/playlists/summer?compare=1", "/playlists/summer/versions", "/homes", "/homes/autumn", "/homes/autumn?compare=1",
  "/why", "/map", "/map?density=1", "/calendar", "/numbers", "/numbers/venues", "/personas", "/personas/new?copy=curieux", "/audit", "/keys", "/accounts",
];

for (const [name, seat] of [
  ["in French, on a desk, in light", { locale: "fr-FR", viewport: DESK, colorScheme: "light" }],
  ["in English, on a phone, in dark", { locale: "en-GB", viewport: PHONE, colorScheme: "dark" }],
]) {
  test(`every page ${name}: axe finds nothing, nothing overflows, nothing is asked elsewhere`, async () => {
    const person = await (await Person.sit(server, browser, seat)).signIn();
    for (const path of [...PAGES, `/numbers/venues/${encodeURIComponent(venue)}`]) {
      await person.goto(`/studio${path}`);
      assert.equal(await person.page.getAttribute("html", "lang"), seat.locale.slice(0, 2));
      assert.deepEqual(await person.axe(), [], path);
      assert.equal(await person.overflows(), false, `${path} is wider than the window`);
      await person.shoot(`${seat.locale.slice(0, 2)}-${seat.viewport.width}${path.replace(/[/?=]/g, "-")}`);
    }
    assert.deepEqual(person.faults, []);
    await person.leave();
  });
}
