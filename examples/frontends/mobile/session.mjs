// An app on a phone holds tokens, since it has no page that could lose them: the access token in memory, the refresh token in
// the Keychain (iOS) or the Keystore (Android), here `store`. `fetch` is that of React Native; other platforms do the same.

export class Session {
  #accessToken = null;
  #refreshing = null;

  /**
   * @param {string} countersign where Countersign is
   * @param {{ read(): Promise<string | null>, write(token: string | null): Promise<void> }} store a safe place
   */
  constructor(countersign, store) {
    this.countersign = countersign;
    this.store = store;
  }

  async signIn(email, password) {
    await this.#take(await this.#post('/auth/login', { email, password }));
  }

  /** A call to a service. The token is refreshed when it is no longer good, and then the call is made again, once. */
  async fetch(url, options = {}) {
    const call = async () =>
      fetch(url, { ...options, headers: { ...options.headers, Authorization: `Bearer ${await this.#token()}` } });
    const response = await call();
    if (response.status !== 401) return response;
    this.#accessToken = null;
    return call();
  }

  /** Works without a network, too: the tokens are forgotten here in any case. */
  async signOut() {
    const refreshToken = await this.store.read();
    this.#accessToken = null;
    await this.store.write(null);
    if (refreshToken) await this.#post('/auth/logout', { refresh_token: refreshToken });
  }

  async #token() {
    // However many calls need a new token at once, it is fetched once: each refresh token works once.
    if (!this.#accessToken) await (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null)));
    return this.#accessToken;
  }

  async #refresh() {
    const refreshToken = await this.store.read();
    if (!refreshToken) throw new SignedOut();
    const response = await this.#post('/auth/refresh', { refresh_token: refreshToken });
    // 401 is a statement about the session. Whatever else went wrong says nothing of it: keep the token, try again later.
    if (response.status === 401) {
      await this.store.write(null);
      throw new SignedOut();
    }
    await this.#take(response);
  }

  async #take(response) {
    const body = await response.json();
    if (!response.ok) throw Object.assign(new Error(body.title), { code: body.code });
    // Stored before it is used: a lost answer may be asked for again, and then brings the same tokens.
    await this.store.write(body.refresh_token);
    this.#accessToken = body.access_token;
  }

  #post(path, body) {
    return fetch(this.countersign + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}

/** Show the sign-in screen. */
export class SignedOut extends Error {}
