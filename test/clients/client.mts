// Uses parley by a client that is made from its OpenAPI document: makes a conversation,
// adds somebody, lists the participants, and joins as a guest.
import createClient from "openapi-fetch";
import type { paths } from "./api.d.ts";

const base = process.argv[2] + "/ocs/v2.php";
const ask = { query: { format: "json" }, header: { "OCS-APIRequest": "true" } } as const;

// as is a client for a user of the demo, or for a guest with cookies of its own.
function as(user: string) {
  const headers: Record<string, string> = {};
  if (user) headers.Authorization = "Basic " + Buffer.from(`${user}:${user}-demo`).toString("base64");
  return createClient<paths>({ baseUrl: base, headers });
}

function must<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const alice = as("alice");
const room = "/apps/spreed/api/v4/room";
const made = must(await alice.POST(room, { params: ask, body: { roomType: 3, roomName: "Made by a client" } }));
const path = { token: made.ocs.data.token };
must(await alice.POST(`${room}/{token}/participants`, { params: { ...ask, path }, body: { newParticipant: "bob" } }));
const guest = must(await as("").POST(`${room}/{token}/participants/active`, { params: { ...ask, path }, body: {} }));
const participants = must(await alice.GET(`${room}/{token}/participants`, { params: { ...ask, path } })).ocs.data;
const rooms = must(await alice.GET(room, { params: ask })).ocs.data;

const actors = participants.map((p) => p.actorId);
const expected = ["alice", "bob", guest.ocs.data.actorId];
if (actors.length !== 3 || !expected.every((id) => actors.includes(id)) || !rooms.some((r) => r.token === path.token)) {
  throw new Error(`participants ${actors}, expected ${expected}`);
}
console.log(`openapi-fetch: ${rooms.length} conversations, participants of the new one: ${actors.length}`);
