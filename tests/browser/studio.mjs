// A real server, a real browser, and somebody who counts what they do.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
export const output = join(here, "output");
mkdirSync(output, { recursive: true });

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** A loaded machine is slow, a page that never answers is a fault. */
const PATIENCE = 30_000;

/** What is missing to run at all, in words; nothing when all is there. */
export function missing() {
  const program = process.env.FLORILEGE_BIN ?? join(root, "target", "debug", "florilege");
  if (!existsSync(program)) return `the program ${program} is not built`;
  if (!existsSync(browserPath())) return "chromium is not installed (Debian's package chromium)";
  return "";
}

function browserPath() {
  return process.env.FLORILEGE_CHROMIUM ?? "/usr/bin/chromium";
}

/** The demo's server, with its address and the administrator's password. */
export async function serve() {
  const program = process.env.FLORILEGE_BIN ?? join(root, "target", "debug", "florilege");
  const child = spawn(program, ["demo", "--listen", "127.0.0.1:0", "--log", "warn"], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8");
  const ready = new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const found = text.match(/listening on (\S+)[\s\S]*login (\S+)\s+password (\S+)\n/);
      if (found) resolve({ address: found[1], login: found[2], password: found[3] });
    });
  });
  const seat = await ready;
  return { ...seat, stop: () => new Promise((done) => (child.removeAllListeners("exit"), child.on("exit", done), child.kill("SIGTERM"))) };
}

/** The browser, over playwright-core. */
export async function launch() {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

export const DESK = { width: 1360, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Somebody at a browser of their own. Everything that goes wrong in their pages is kept in `faults`. */
export class Person {
  constructor(server, context, page) {
    Object.assign(this, { server, context, page, actions: 0, faults: [] });
    page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && this.faults.push(message.text()));
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("dialog", (dialog) => (this.faults.push(`dialog ${dialog.message()}`), dialog.dismiss()));
    page.on("request", (request) => request.url().startsWith(server.address) || this.faults.push(`asks ${request.url()}`));
  }

  static async sit(server, browser, { locale = "fr-FR", viewport = DESK, colorScheme = "light" } = {}) {
    const context = await browser.newContext({ locale, viewport, colorScheme, reducedMotion: "reduce", baseURL: server.address });
    context.setDefaultTimeout(PATIENCE);
    return new Person(server, context, await context.newPage());
  }

  async signIn(login = this.server.login, password = this.server.password) {
    await this.goto("/studio");
    await this.fill("[name=login]", login);
    await this.fill("[name=password]", password);
    await this.click("button.main");
    await this.page.waitForSelector("nav");
    return this;
  }

  goto(path) {
    return this.page.goto(path, { waitUntil: "load" });
  }

  // Each of these is one action of the person.
  async click(what) {
    this.actions += 1;
    await this.page.locator(what).first().click();
  }

  async fill(what, text) {
    this.actions += 1;
    await this.page.locator(what).first().fill(text);
  }

  async select(what, value) {
    this.actions += 1;
    await this.page.locator(what).first().selectOption(value);
  }

  async follow(what) {
    this.actions += 1;
    await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), this.page.locator(what).first().click()]);
  }

  /** How many actions some work takes. */
  async counts(work) {
    this.actions = 0;
    await work();
    return this.actions;
  }

  /** Does something, and waits until the preview has answered it. */
  async tries(what) {
    const answered = this.page.waitForResponse((response) => response.url().endsWith("/try"));
    await what();
    // An answer that a later try has cut off never ends for the driver: what the page shows decides, within the patience.
    await Promise.race([(await answered).finished(), new Promise((done) => setTimeout(done, 2_000))]);
    await this.page.waitForFunction(() => document.getElementById("look")?.getAttribute("aria-busy") === "false");
  }

  text(what) {
    return this.page.locator(what).first().innerText();
  }

  titles() {
    return this.page.locator("#look .offer .grow > b").allInnerTexts();
  }

  /** Presses Tab until something has the focus. */
  async tabTo(what, most = 200) {
    for (let pressed = 0; pressed < most; pressed += 1) {
      await this.page.keyboard.press("Tab");
      if (await this.page.evaluate((what) => document.activeElement?.matches(what), what)) return;
    }
    throw new Error(`${what} cannot be reached by keyboard`);
  }

  /** What axe-core finds wrong with the page. */
  async axe() {
    await this.page.evaluate(`(() => { const module = undefined; ${AXE} })()`);
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
    const found = await this.page.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), rules);
    return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
  }

  /** Whether the page is wider than the window. */
  overflows() {
    return this.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  }

  shoot(name) {
    return this.page.screenshot({ path: join(output, `${name}.png`) });
  }

  leave() {
    return this.context.close();
  }
}

/** Makes an account by the administrator's hand, and gives its password. */
export async function account(admin, login, role, territories = "") {
  await admin.goto("/studio/accounts");
  await admin.fill("form.row [name=login]", login);
  await admin.select("form.row [name=role]", role);
  await admin.fill("form.row [name=territories]", territories);
  await admin.follow("form.row button");
  return admin.page.inputValue("#password");
}

/** What readers did, sent as an app sends it: six curious readers of Rennes see a playlist, touch its first offer and book it. */
export async function readers(server, playlist) {
  const call = async (path, type, body) => {
    const answer = await fetch(`${server.address}${path}`, { method: "POST", headers: { "content-type": type }, body });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const position = { lat: 48.1085, lng: -1.6794 };
  const users = [...Array(6).keys()].map((n) => ({ id: `browser-${n}`, persona: "curieux", position, department: "35", consents: { personalisation: true } }));
  const lines = users.map((user) => JSON.stringify({ op: "user.upsert", user }));
  const { sequence } = await call("/v1/changes", "application/x-ndjson", lines.join("\n"));
  const list = await call(`/v1/playlists/${playlist}/offers?min_sequence=${sequence}`, "application/json", JSON.stringify({ context: { position, age: 18 }, limit: 10 }));
  const at = (days) => new Date(Date.now() - days * 86_400_000).toISOString();
  const events = users.flatMap(({ id }, n) => [
    ...list.offers.map((offer, rank) => ({ id: `s-${n}-${rank}`, type: "impression", user_id: id, offer_id: offer.id, request_id: list.request_id, rank, at: at(n) })),
    { id: `c-${n}`, type: "click", user_id: id, offer_id: list.offers[0].id, request_id: list.request_id, at: at(n) },
    { id: `b-${n}`, type: "booking", user_id: id, offer_id: list.offers[0].id, request_id: list.request_id, at: at(400) },
  ]);
  await call("/v1/events", "application/json", JSON.stringify(events));
  return list.offers.find((offer) => offer.venue_id)?.venue_id;
}
