// The kit of the tests: a browser, accounts, conversations and pages in a call. parley's address
// and administrator come from the environment, see .ci/pages.
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { Api } from "./api.mjs";

const base = process.env.PARLEY_BASE;
const admin = new Api(base, ...process.env.PARLEY_ADMIN.split(/:(.*)/s));
const deadline = 60_000; // of whatever a test waits for, in milliseconds

// Every test ends, also when nothing answers.
export const bounded = { timeout: 4 * deadline };

// until asks f again and again until it returns something true, which it returns.
export async function until(what, f) {
  let last;
  for (const end = Date.now() + deadline; Date.now() < end; ) {
    last = await f();
    if (last) return last;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error("waited too long until " + what);
}

// browse starts a browser, which its file has to close. Camera and microphone are made up: the
// picture moves, and it beeps.
export function browse() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    ignoreDefaultArgs: ["--mute-audio"],
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      "--allow-loopback-in-peer-connection",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
    ],
  });
}

// account makes an account with a name of its own.
export async function account(name) {
  const userid = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const password = crypto.randomUUID();
  await admin.ask("POST", "/cloud/users", { userid, password });
  return { userid, password, api: new Api(base, userid, password) };
}

// conversation makes a public one of an account and returns its token.
export async function conversation(owner) {
  const made = await owner.api.talk("POST", "v4/room", { roomType: 3, roomName: "Meeting" });
  return made.token;
}

const document = "<!doctype html><title>A call</title>";

// Participant is a page of somebody, who is a guest without an account.
export class Participant {
  // open opens the page under parley's origin, in a context of its own, with its own cookies,
  // that ends with the test.
  static async open(t, browser, token, who) {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.route(base + "/meeting/**", async (route) => {
      const name = new URL(route.request().url()).pathname.split("/").pop();
      if (name === "") return route.fulfill({ contentType: "text/html", body: document });
      const body = await readFile(new URL(name, import.meta.url), "utf8");
      return route.fulfill({ contentType: "text/javascript", body });
    });
    await page.goto(base + "/meeting/");
    await page.evaluate(
      async ([token, user, password]) => (await import("/meeting/meeting.mjs")).start(token, user, password),
      [token, who?.userid, who?.password],
    );
    const participant = new Participant();
    participant.page = page;
    return participant;
  }

  // do calls a method of the page's meeting.
  do(method, ...args) {
    return this.page.evaluate(([method, args]) => globalThis.meeting[method](...args), [method, args]);
  }

  // look returns a value of the page's meeting, unless something there went wrong.
  async look(name) {
    const [failure, value] = await this.page.evaluate((name) => [meeting.failure, meeting[name]], name);
    if (failure) throw new Error("in the page: " + failure);
    return value;
  }

  async enter(mesh = true) {
    this.session = await this.do("enter", mesh);
  }

  // seen is what has come of the media of another participant; nothing of anybody who is not there.
  async seen(other) {
    await this.look("failure");
    return (await this.do("seen", other.session)) ?? { frames: 0, energy: 0, width: 0, state: "none" };
  }

  // meets waits until both picture and sound of another participant have come.
  meets(other) {
    return until("picture and sound come", async () => {
      const { frames, energy, width } = await this.seen(other);
      return frames > 10 && energy > 0 && width > 0;
    });
  }

  // inCall are the flags of another participant, undefined for whoever is not in the conversation.
  async inCall(other) {
    return (await this.look("people")).find((p) => p.session === other.session)?.inCall;
  }
}

// hasCall reports whether there is a call, as an account sees it.
export async function hasCall(who, token) {
  return (await who.api.talk("GET", "v4/room/" + token)).hasCall;
}
