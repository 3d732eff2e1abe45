import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judgement, pass, readyVerifier, setTheStage, settle, stage } from '../test/verifying.js';
import { jwkOf, newKey, signJws } from '../test/wire-issuer.js';

const SID = 'AZDzpFtsfe-BI0VniavN7w';
const lastStream = () => stage.issuer.requests.findLast(({ route }) => route === 'stream')!;
const lost = () => stage.events.flatMap((event) => (event.type === 'feed_lost' ? [event.error.message] : []));
const beat = () => stage.issuer.heartbeat();

setTheStage();

describe('a revocation', () => {
  it('of a session is true at once, and for nobody else', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID });
    expect(await judgement(verifier, token)).toBe('accepted');
    stage.issuer.revokeSession(SID);
    await settle();
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint({ sid: SID }))).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
    expect(stage.events.findLast(({ type }) => type !== 'token_refused')).toMatchObject({
      type: 'feed_applied',
      seq: 1,
    });
    expect(verifier.metrics).toMatchObject({ appliedSeq: 1, revokedEntries: 1 });
  });

  it('from before the verifier began is in the snapshot', async () => {
    stage.issuer.revokeSession(SID);
    stage.issuer.revoke({ users: { bob: stage.issuer.now() } });
    const verifier = await readyVerifier();
    expect(await judgement(verifier, stage.issuer.mint({ sid: SID }))).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint({ sub: 'bob' }))).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });

  it.each<[string, object, object]>([
    ['a user', { users: { bob: 1_795_400_000 } }, { sub: 'bob' }],
    ['a client', { clients: { batch: 1_795_400_000 } }, { client_id: 'batch' }],
    ['everybody', { all: 1_795_400_000 }, {}],
  ])('of %s refuses what is not newer', async (_, revocation, claims) => {
    const verifier = await readyVerifier();
    const before = stage.issuer.mint(claims);
    stage.issuer.revoke(revocation);
    await pass(1);
    expect(await judgement(verifier, before)).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint(claims))).toBe('accepted');
  });

  it('of a key is true at once, and the key cannot come back or speak for the issuer', async () => {
    const verifier = await readyVerifier();
    const leaked = stage.issuer.key;
    const tokens = [stage.issuer.mint(), stage.issuer.mint()] as const;
    expect(await judgement(verifier, tokens[0])).toBe('accepted');
    stage.issuer.keys.push(newKey());
    stage.issuer.revoke({ keys: { [leaked.kid]: stage.issuer.now() } });
    await pass(3);
    expect(await judgement(verifier, tokens[0])).toBe('token_revoked');
    expect(await judgement(verifier, tokens[1])).toBe('token_revoked');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');

    const asked = stage.issuer.count('jwks');
    stage.issuer.override = (url) =>
      url.pathname.endsWith('jwks.json') ? Response.json({ keys: [leaked, stage.issuer.key].map(jwkOf) }) : null;
    await pass(300, beat);
    expect(stage.issuer.count('jwks')).toBeGreaterThan(asked);
    expect(await judgement(verifier, stage.issuer.mint({}, leaked))).toBe('token_revoked');

    const forged = JSON.stringify({ iat: stage.issuer.now(), seq: 2, n: 1, all: stage.issuer.now() + 9 });
    stage.issuer.send(signJws(leaked, 'rev+jwt', forged));
    await settle();
    expect(lost()).toEqual(['The revocation feed is not signed by a key of the issuer']);
  });

  it('of a key that is no longer published needs no question', async () => {
    const verifier = await readyVerifier();
    const leaked = stage.issuer.key;
    const token = stage.issuer.mint();
    stage.issuer.keys = [newKey()];
    await pass(3);
    stage.issuer.revoke({ keys: { [leaked.kid]: stage.issuer.now() } });
    await pass(3);
    const asked = stage.issuer.count('jwks');
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(stage.issuer.count('jwks')).toBe(asked);
  });

  it('is not asked for where the verifier is told so', async () => {
    const verifier = await readyVerifier({ revocation: false });
    const token = stage.issuer.mint();
    await pass(120);
    expect(await judgement(verifier, token)).toBe('accepted');
    expect(verifier.metrics).toMatchObject({ feed: 'off', appliedSeq: -1, stalenessSeconds: null });
    expect(stage.issuer.count('stream') + stage.issuer.count('snapshot')).toBe(0);
  });
});

describe('the stream', () => {
  it('is asked for with a new nonce each time, and with what is known', async () => {
    stage.issuer.revokeSession(SID);
    await readyVerifier();
    await settle();
    const first = lastStream().url.searchParams;
    expect(first.get('nonce')).toMatch(/^[\w-]{22}$/);
    expect(first.has('from')).toBe(false);
    stage.issuer.endStreams();
    await pass(1);
    const second = lastStream().url.searchParams;
    expect(second.get('from')).toBe('1');
    expect(second.get('nonce')).not.toBe(first.get('nonce'));
  });

  it('comes with a token where the issuer wants one', async () => {
    await readyVerifier({ feedToken: () => Promise.resolve('t1') });
    stage.issuer.failing = 'stream';
    stage.issuer.endStreams();
    await pass(1);
    const headers = Object.fromEntries(stage.issuer.requests.map(({ route, headers: sent }) => [route, sent]));
    expect(headers.stream!.get('authorization')).toBe('Bearer t1');
    expect(headers.snapshot!.get('authorization')).toBe('Bearer t1');
    expect(headers.jwks!.has('authorization')).toBe(false);
  });

  it('catches up after it was lost', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID });
    await pass(6, beat);
    stage.issuer.revokeSession(SID, undefined, { quiet: true });
    stage.issuer.endStreams();
    await settle();
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(verifier.metrics).toMatchObject({ feed: 'connected', appliedSeq: 1 });
    expect(lost()).toEqual(['The issuer has ended the revocation feed']);
  });

  it('with a gap is begun again with a snapshot', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID });
    await pass(6, beat);
    stage.issuer.revokeSession(SID, undefined, { quiet: true });
    stage.issuer.revoke({ users: { bob: 1 } });
    await settle();
    expect(lost()).toEqual(['The revocation feed has a gap']);
    expect(lastStream().url.searchParams.has('from')).toBe(false);
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(verifier.metrics.appliedSeq).toBe(2);
  });

  it('of a log that was restored from a backup is followed by its new numbers', async () => {
    for (let i = 0; i < 5; i++) stage.issuer.revokeSession(randomBytes(16).toString('base64url'));
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID });
    await settle();
    expect(verifier.metrics.appliedSeq).toBe(5);
    stage.issuer.log.length = 0;
    stage.issuer.seq = 0;
    stage.issuer.revokeSession(SID, undefined, { quiet: true });
    stage.issuer.endStreams();
    await pass(1);
    expect(verifier.metrics.appliedSeq).toBe(1);
    expect(await judgement(verifier, token)).toBe('token_revoked');
  });

  it('that falls silent is begun again', async () => {
    await readyVerifier();
    await pass(11);
    expect(stage.issuer.count('stream')).toBe(1);
    await pass(3);
    expect(lost()).toEqual(['The revocation feed is silent']);
    expect(stage.issuer.count('stream')).toBe(2);
  });

  it('is not kept alive by what is not signed', async () => {
    await readyVerifier();
    await pass(14, () =>
      stage.issuer.streams.forEach((stream) => stream.write(': still here\n\nevent: x\ndata: y\n\n')),
    );
    expect(lost()).toEqual(['The revocation feed is silent']);
  });

  it('is asked for less and less often while it fails', async () => {
    await readyVerifier();
    stage.issuer.failing = 'stream';
    stage.issuer.endStreams();
    await pass(60);
    const asked = stage.issuer.count('stream');
    expect(asked).toBeGreaterThan(60 / 5);
    expect(asked).toBeLessThan(60 / 2.5 + 7);
  });

  it('is asked for at once when a new token shows that the issuer is back, but not for every token', async () => {
    const verifier = await readyVerifier();
    stage.issuer.failing = 'all';
    stage.issuer.endStreams();
    await pass(30);
    // The middle of a pause, of which the shortest takes 2.5 s by now.
    const before = stage.issuer.count('stream');
    while (stage.issuer.count('stream') === before) await pass(0.25);
    await pass(1.5);
    stage.issuer.failing = null;
    const asked = stage.issuer.count('stream');
    const old = stage.issuer.mint({ iat: Math.floor(stage.issuer.now()) - 60 });
    await judgement(verifier, old);
    await settle();
    expect(stage.issuer.count('stream')).toBe(asked);
    await judgement(verifier, stage.issuer.mint());
    await settle();
    expect(stage.issuer.count('stream')).toBe(asked + 1);
    expect(verifier.metrics.feed).toBe('connected');
  });

  it('is asked for at most once a second, however many tokens are new', async () => {
    const verifier = await readyVerifier();
    stage.issuer.failing = 'all';
    stage.issuer.endStreams();
    await pass(40);
    const asked = stage.issuer.count('stream');
    for (let n = 0; n < 20; n++) {
      await judgement(verifier, stage.issuer.mint());
      await settle();
    }
    expect(stage.issuer.count('stream') - asked).toBeLessThanOrEqual(1);
  });

  it('that greets and hangs up at once is not asked for in a hurry', async () => {
    await readyVerifier();
    const greet = stage.issuer.greeting;
    stage.issuer.greeting = (nonce) => {
      queueMicrotask(() => stage.issuer.endStreams());
      return greet(nonce);
    };
    stage.issuer.endStreams();
    await pass(30);
    expect(stage.issuer.count('stream')).toBeLessThan(30);
  });

  it('signed with a new key is followed', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID });
    await pass(3, beat);
    stage.issuer.keys.push(newKey());
    stage.issuer.revokeSession(SID);
    await settle();
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(lost()).toEqual([]);
  });

  it.each<[string, () => string]>([
    ['nothing', () => ''],
    ['no JWS', () => 'a.b'],
    ['another key', () => signJws(newKey('ES256', stage.issuer.key.kid), 'rev+jwt', '{"iat":1,"seq":0,"n":0}')],
    ['a token', () => signJws(stage.issuer.key, 'at+jwt', '{"iat":1,"seq":0,"n":0}')],
    ['a snapshot', () => stage.issuer.snapshot()],
    ['a frame that is malformed', () => stage.issuer.frame({ n: -1 })],
  ])('is cut where it says %s, and nothing is learned', async (_, frame) => {
    const verifier = await readyVerifier();
    await settle();
    const { appliedSeq } = verifier.metrics;
    stage.issuer.send(frame() || ' ');
    await settle();
    expect(lost()).toHaveLength(1);
    expect(verifier.metrics.appliedSeq).toBe(appliedSeq);
    await pass(2);
    expect(verifier.metrics.feed).toBe('connected');
  });
});
