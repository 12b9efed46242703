// A client that holds a call: who is in it, a connection to each of them, and their media.
import { Api } from "./api.mjs";
import { open } from "./transport.mjs";

const audioVideo = 1 | 2 | 4; // flags: in the call, with audio, with video

// Peer is a connection to another session. `sid` tells it from earlier ones to the same session.
class Peer {
  constructor(meeting, session, sid) {
    this.meeting = meeting;
    this.session = session;
    this.sid = sid;
    this.early = []; // candidates that came before the description
    this.video = document.createElement("video");
    this.video.autoplay = this.video.playsInline = true;
    document.body.append(this.video);
    this.pc = new RTCPeerConnection({ iceServers: meeting.iceServers });
    this.pc.onicecandidate = ({ candidate }) => {
      // The tests stay on this machine, whatever networks it has.
      if (candidate?.address?.startsWith("127.")) this.say("candidate", { candidate: candidate.toJSON() });
    };
    this.pc.ontrack = ({ streams }) => (this.video.srcObject = streams[0]);
  }

  say(type, payload) {
    this.meeting.say(this.session, { type, roomType: "video", sid: this.sid, payload });
  }

  // send adds own media of some kinds.
  send(kinds) {
    for (const track of this.meeting.media.getTracks()) {
      if (kinds.includes(track.kind)) this.pc.addTrack(track, this.meeting.media);
    }
  }

  async offer() {
    await this.pc.setLocalDescription();
    this.say("offer", this.pc.localDescription.toJSON());
  }

  async answer(offer) {
    await this.describe(offer);
    await this.pc.setLocalDescription();
    this.say("answer", this.pc.localDescription.toJSON());
  }

  async describe(description) {
    await this.pc.setRemoteDescription(description);
    for (const candidate of this.early.splice(0)) await this.pc.addIceCandidate(candidate);
  }

  async candidate(candidate) {
    if (this.pc.remoteDescription) await this.pc.addIceCandidate(candidate);
    else this.early.push(candidate);
  }

  // seen is what has come of the other one's media.
  async seen() {
    const seen = { frames: 0, energy: 0, width: this.video.videoWidth, state: this.pc.connectionState };
    for (const s of (await this.pc.getStats()).values()) {
      if (s.type !== "inbound-rtp") continue;
      if (s.kind === "video") seen.frames += s.framesDecoded ?? 0;
      if (s.kind === "audio") seen.energy += s.totalAudioEnergy ?? 0;
    }
    return seen;
  }

  close() {
    this.pc.close();
    this.video.remove();
  }
}

// Meeting is the part of one client in a call.
export class Meeting {
  constructor(api, token) {
    this.api = api;
    this.token = token;
    this.peers = new Map(); // by session
    this.people = [];
    this.heard = []; // what others said: {from, type, sid}
    this.failure = "";
  }

  // enter opens a session in the conversation and listens. `mesh` is whether this client does
  // what clients do: the one with the larger session offers. Without it, it offers when told.
  async enter(mesh = true) {
    this.mesh = mesh;
    const joined = await this.api.talk("POST", `v4/room/${this.token}/participants/active`, {});
    const settings = await this.api.talk("GET", "v3/signaling/settings?token=" + this.token);
    this.iceServers = [...settings.stunservers, ...settings.turnservers];
    this.media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 160, height: 120, frameRate: 10 }, // all pages share the processors of one machine
    });
    this.transport = open(settings, this.api, this.token, joined.sessionId);
    this.listening = this.listen();
    return this.transport.me;
  }

  call(flags = audioVideo) {
    return this.api.talk("POST", "v4/call/" + this.token, { flags });
  }

  // leave leaves the call and the conversation.
  async leave() {
    await this.api.talk("DELETE", "v4/call/" + this.token);
    this.transport.close();
    await this.listening;
    for (const session of [...this.peers.keys()]) this.drop(session);
    for (const track of this.media.getTracks()) track.stop();
    await this.api.talk("DELETE", `v4/room/${this.token}/participants/active`);
  }

  async listen() {
    try {
      for await (const { message, people } of this.transport.events()) {
        if (people) await this.meet(people);
        else await this.hear(message);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    this.failure ||= String(error.stack ?? error);
  }

  say(to, message) {
    this.transport.send(to, message).catch((error) => this.fail(error));
  }

  // meet drops those who are gone and calls those who came, if that is up to this client.
  async meet(people) {
    this.people = people;
    const me = this.transport.me;
    const present = new Set(people.filter((p) => p.inCall > 0).map((p) => p.session));
    for (const session of [...this.peers.keys()]) if (!present.has(session)) this.drop(session);
    if (!this.mesh || !present.has(me)) return;
    for (const session of present) if (me > session && !this.peers.has(session)) await this.invite(session);
  }

  // invite offers a new connection with own media of some kinds.
  async invite(session, kinds = ["audio", "video"]) {
    const peer = this.fresh(session, crypto.randomUUID());
    peer.send(kinds);
    await peer.offer();
  }

  // extend sends more on a connection that is there, and offers it again.
  async extend(session, kinds) {
    const peer = this.peers.get(session);
    peer.send(kinds);
    await peer.offer();
  }

  async hear(message) {
    const { from, type, sid, payload } = message;
    this.heard.push({ from, type, sid });
    let peer = this.peers.get(from);
    if (type === "offer" && peer?.sid !== sid) {
      peer = this.fresh(from, sid);
      peer.send(["audio", "video"]);
    }
    if (peer?.sid !== sid) return; // of a connection that is over
    if (type === "offer") await peer.answer(payload);
    if (type === "answer") await peer.describe(payload);
    if (type === "candidate") await peer.candidate(payload.candidate);
  }

  // fresh is a new connection to a session in place of the old one.
  fresh(session, sid) {
    this.drop(session);
    const peer = new Peer(this, session, sid);
    this.peers.set(session, peer);
    return peer;
  }

  drop(session) {
    this.peers.get(session)?.close();
    this.peers.delete(session);
  }

  // seen is what comes from a session, null without a connection to it.
  async seen(session) {
    return (await this.peers.get(session)?.seen()) ?? null;
  }
}

// start makes the meeting of a page, which the tests find as `meeting`.
export function start(token, user, password) {
  globalThis.meeting = new Meeting(new Api(location.origin, user, password), token);
}
