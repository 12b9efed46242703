// Calls with real media over internal signaling.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, bounded, browse, conversation, hasCall, Participant, until } from "./kit.mjs";

let browser;
before(async () => (browser = await browse()));
after(() => browser?.close());

test("an account and a guest see and hear each other, until they leave", bounded, async (t) => {
  const owner = await account("alice");
  const token = await conversation(owner);
  const alice = await Participant.open(t, browser, token, owner);
  const guest = await Participant.open(t, browser, token);
  await alice.enter();
  await alice.do("call");
  await guest.enter();
  await guest.do("call");

  await Promise.all([alice.meets(guest), guest.meets(alice)]);
  assert.equal(await alice.inCall(guest), 7);
  assert.equal(await guest.inCall(alice), 7);
  assert.equal(await hasCall(owner, token), true);

  await guest.do("leave");
  await until("the guest is gone", async () => (await alice.inCall(guest)) === undefined);
  assert.equal((await alice.seen(guest)).state, "none");
  assert.equal(await alice.inCall(alice), 7);
  assert.equal(await hasCall(owner, token), true);

  await alice.do("leave");
  assert.equal(await hasCall(owner, token), false);
});

test("each of three sees and hears the other two", bounded, async (t) => {
  const [owner, bob] = await Promise.all([account("alice"), account("bob")]);
  const token = await conversation(owner);
  await owner.api.talk("POST", `v4/room/${token}/participants`, { newParticipant: bob.userid, source: "users" });
  const all = [];
  for (const who of [owner, bob, undefined]) {
    const participant = await Participant.open(t, browser, token, who);
    await participant.enter();
    await participant.do("call");
    all.push(participant);
  }

  const pairs = all.flatMap((one) => all.filter((other) => other !== one).map((other) => [one, other]));
  assert.equal(pairs.length, 6);
  await Promise.all(pairs.map(([one, other]) => one.meets(other)));

  for (const participant of all) await participant.do("leave");
  assert.equal(await hasCall(owner, token), false);
});
