// How clients of a call reach each other. A transport is an object with
//
//   me           the name under which the others know this session
//   events()     what happens, in order, until close(): {message} from another session, which
//                has `from` in it, and {people}, the list of {session, inCall} of all who are in
//                the conversation. It throws when the way is lost.
//   send(to, message)  passes a message on, in the order of the calls
//   close()      ends all of it
//
// Whoever uses it knows no more, so that messages may as well come over a websocket.

// open returns the transport that the settings of the server ask for.
export function open(settings, api, token, session) {
  if (settings.signalingMode === "internal") return new LongPoll(api, token, session);
  throw new Error("no transport for the mode " + settings.signalingMode);
}

// LongPoll asks parley again and again.
class LongPoll {
  constructor(api, token, session) {
    this.api = api;
    this.path = "v3/signaling/" + token;
    this.me = session;
    this.waiting = []; // messages that were not sent yet
    this.sending = Promise.resolve();
    this.stop = new AbortController();
  }

  async *events() {
    while (!this.stop.signal.aborted) {
      let told;
      try {
        told = await this.api.talk("GET", this.path, undefined, this.stop.signal);
      } catch (failed) {
        if (this.stop.signal.aborted) return;
        throw failed;
      }
      for (const { type, data } of told) {
        if (type === "message") yield { message: JSON.parse(data) };
        else yield { people: data.map((p) => ({ session: p.sessionId, inCall: p.inCall })) };
      }
    }
  }

  // send puts all that waits into one request: there is one at a time, so that they keep their order.
  send(to, message) {
    this.waiting.push({ ev: "message", fn: JSON.stringify({ ...message, to }), sessionId: this.me });
    this.sending = this.sending.then(async () => {
      const messages = this.waiting.splice(0);
      if (messages.length > 0) await this.api.talk("POST", this.path, { messages: JSON.stringify(messages) });
    });
    return this.sending;
  }

  close() {
    this.stop.abort();
  }
}
