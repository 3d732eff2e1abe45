import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { answerOf, codeOf, RelyingParty, Visitor } from '../support/relying-party.js';
import { sendForm } from '../support/service-account.js';

interface Pushed {
  request_uri: string;
  expires_in: number;
  error?: string;
}

describe('a pushed authorization request (RFC 9126)', () => {
  let app: TestApp;
  let party: RelyingParty;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, { type: 'confidential' });
    visitor = new Visitor(app.http);
    await party.signIn(visitor, (await app.createUser()).email);
  });
  afterAll(() => app.close());

  const push = (from: RelyingParty, parameters: Record<string, string> = {}, credential = from.credential) => {
    const form = Object.fromEntries(new URLSearchParams(from.request().split('?')[1]));
    return sendForm<Pushed>(app, '/oauth/par', { ...form, ...credential, ...parameters });
  };
  const open = (id: string, uri: string) =>
    visitor.follow(`/oauth/authorize?${new URLSearchParams({ client_id: id, request_uri: uri }).toString()}`);

  it('is a reference that leads to a code', async () => {
    const { status, body } = await push(party);
    expect([status, body.expires_in]).toEqual([201, 90]);
    expect(body.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:cso_/);
    const { location } = await open(party.id, body.request_uri);
    expect(answerOf(location)['state']).toBe('a state');
    expect((await party.redeem(codeOf(location))).status).toBe(200);
  });

  it('counts as it was pushed: what the browser adds is ignored', async () => {
    const { body } = await push(party, { scope: 'openid' });
    const query = { client_id: party.id, request_uri: body.request_uri, scope: 'openid email', state: 'another' };
    const { location } = await visitor.follow(`/oauth/authorize?${new URLSearchParams(query).toString()}`);
    expect(answerOf(location)['state']).toBe('a state');
    expect((await party.redeem(codeOf(location))).body.scope).toBe('openid');
  });

  it('is a page for another client, an invented reference, and after its time', async () => {
    const { body } = await push(party);
    const other = await RelyingParty.create(app);
    const invented = `urn:ietf:params:oauth:request_uri:cso_${'A'.repeat(43)}`;
    expect((await open(other.id, body.request_uri)).status).toBe(400);
    expect((await open(party.id, invented)).status).toBe(400);
    expect((await open(party.id, 'urn:ietf:params:oauth:request_uri:')).status).toBe(400);
    app.clock.advance(91);
    expect((await open(party.id, body.request_uri)).status).toBe(400);
  });

  it('is refused to a client that does not authenticate, and for every fault of the request', async () => {
    expect((await push(party, {}, { client_secret: `css_${'A'.repeat(43)}` })).body.error).toBe('invalid_client');
    expect((await push(party, {}, {})).body.error).toBe('invalid_client');
    expect((await push(party, { response_type: 'token' })).body.error).toBe('unsupported_response_type');
    expect((await push(party, { scope: 'admin' })).body.error).toBe('invalid_scope');
    expect((await push(party, { redirect_uri: 'https://evil.example/' })).body.error).toBe('invalid_request');
    const reference = `urn:ietf:params:oauth:request_uri:cso_${'A'.repeat(43)}`;
    expect((await push(party, { request_uri: reference })).body.error).toBe('request_uri_not_supported');
  });

  it('is open to public clients, which have nothing to authenticate with', async () => {
    const browser = await RelyingParty.create(app);
    const { body } = await push(browser);
    const { location } = await open(browser.id, body.request_uri);
    expect((await browser.redeem(codeOf(location))).status).toBe(200);
  });

  it('can be required of a client', async () => {
    const strict = await RelyingParty.create(app, { require_pushed_requests: true });
    const direct = await visitor.follow(strict.request());
    expect(answerOf(direct.location)['error']).toBe('invalid_request');
    const { body } = await push(strict);
    expect(codeOf((await open(strict.id, body.request_uri)).location)).toMatch(/^cso_/);
  });
});
