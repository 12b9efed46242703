// A guest who may not send video, and tries every way that a changed client has.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, bounded, browse, conversation, Participant, until } from "./kit.mjs";

let browser;
before(async () => (browser = await browse()));
after(() => browser?.close());

const everything = 254;
const video = 32;

// permit sets the permissions of the only guest in a conversation.
async function permit(owner, token, permissions) {
  const participants = await owner.api.talk("GET", `v4/room/${token}/participants`);
  const { attendeeId } = participants.find((p) => p.actorType === "guests");
  await owner.api.talk("PUT", `v4/room/${token}/attendees/permissions`, { attendeeId, method: "set", permissions });
}

// heard returns the types of all that one has heard of the other, after a last word that comes
// behind all else.
async function heard(one, other) {
  const sid = crypto.randomUUID();
  await other.do("say", one.session, { type: "nickChanged", roomType: "video", sid, payload: { name: "Last word" } });
  const all = await until("the last word comes", async () => {
    const all = await one.look("heard");
    return all.some((m) => m.sid === sid) && all;
  });
  return all.filter((m) => m.from === other.session).map((m) => m.type);
}

const count = (all, type) => all.filter((one) => one === type).length;

test("nobody gets video of a guest who may not send it", bounded, async (t) => {
  const owner = await account("alice");
  const token = await conversation(owner);
  const alice = await Participant.open(t, browser, token, owner);
  const guest = await Participant.open(t, browser, token);
  await alice.enter(false);
  await guest.enter(false);
  await permit(owner, token, everything - video);
  await alice.do("call");
  await guest.do("call");
  await until("the guest is in the call", async () => (await alice.inCall(guest)) > 0);
  assert.equal(await alice.inCall(guest), 1 | 2, "the flags of the guest");

  await t.test("in an offer", async () => {
    await guest.do("invite", alice.session);
    const all = await heard(alice, guest);
    assert.equal(count(all, "offer"), 0);
    assert.ok(count(all, "candidate") > 0, "what else belongs to the offer comes");
    assert.equal((await alice.seen(guest)).state, "none");
  });
  await t.test("in a later offer, on a connection that carries sound", async () => {
    await guest.do("invite", alice.session, ["audio"]);
    await until("sound comes", async () => (await alice.seen(guest)).energy > 0);
    await guest.do("extend", alice.session, ["video"]);
    assert.equal(count(await heard(alice, guest), "offer"), 1);
    assert.equal((await alice.seen(guest)).frames, 0);
  });
  await t.test("in an answer", async () => {
    await alice.do("invite", guest.session);
    await until("the guest has answered", async () => (await guest.look("heard")).some((m) => m.type === "offer"));
    await until("the guest describes itself", () => guest.page.evaluate((alice) => meeting.peers.get(alice).pc.localDescription, alice.session));
    assert.equal(count(await heard(alice, guest), "answer"), 0);
    const { frames, energy } = await alice.seen(guest);
    assert.deepEqual({ frames, energy }, { frames: 0, energy: 0 });
  });
  await t.test("until it is allowed", async () => {
    await permit(owner, token, everything);
    await guest.do("invite", alice.session);
    await alice.meets(guest);
  });
  await guest.do("leave");
  await alice.do("leave");
});
