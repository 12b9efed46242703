// Speaks to parley's API, in Node.js and in a page alike.

// Failed is an answer that is no success.
export class Failed extends Error {
  constructor(what, status, text) {
    super(`${what}: ${status} ${text.slice(0, 200)}`);
    this.status = status;
  }
}

// Api asks as an account, or as whoever the cookies of the page belong to.
export class Api {
  constructor(base, user = "", password = "") {
    this.base = base;
    this.headers = { "OCS-APIRequest": "true", "Content-Type": "application/json" };
    if (user) this.headers.Authorization = "Basic " + btoa(`${user}:${password}`);
  }

  // ask returns the data of an answer; path begins below /ocs/v2.php.
  async ask(method, path, body, signal) {
    const separator = path.includes("?") ? "&" : "?";
    const answer = await fetch(`${this.base}/ocs/v2.php${path}${separator}format=json`, {
      method,
      signal,
      headers: this.headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Failed(`${method} ${path}`, answer.status, text);
    return JSON.parse(text).ocs.data;
  }

  // talk is ask below the API of Talk.
  talk(method, path, body, signal) {
    return this.ask(method, "/apps/spreed/api/" + path, body, signal);
  }
}
