import { describe, expect, it, vi } from 'vitest';
import { judgement, pass, readyVerifier, setTheStage, settle, stage, verifierOf } from '../test/verifying.js';

const SID = 'AZDzpFtsfe-BI0VniavN7w';
const lost = () => stage.events.flatMap((event) => (event.type === 'feed_lost' ? [event.error.message] : []));
const lastNonce = () =>
  stage.issuer.requests.findLast(({ route }) => route === 'stream')!.url.searchParams.get('nonce');
const beat = () => stage.issuer.heartbeat();

setTheStage();

describe('a greeting', () => {
  it.each<[string, () => string | null]>([
    ['is missing', () => null],
    [
      'has the nonce of another connection',
      () => stage.issuer.frame({ n: 0, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', now: stage.issuer.now() }),
    ],
    ['has no nonce', () => stage.issuer.frame({ n: 0, now: stage.issuer.now() })],
    ['says no time', () => stage.issuer.frame({ n: 0, nonce: lastNonce() })],
  ])('that %s is no beginning', async (_, greeting) => {
    stage.issuer.greeting = greeting;
    const verifier = verifierOf();
    await pass(3);
    expect(verifier.metrics.feed).toBe('polling');
    expect(lost()).toHaveLength(1);
  });

  it.each([
    ['renews what is known where it leads no further', 0, 0],
    ['renews nothing before the events that it announces', 1, 6],
  ])('%s', async (_, ahead, staleness) => {
    const verifier = await readyVerifier();
    await pass(6);
    stage.issuer.greeting = (nonce) =>
      stage.issuer.frame({ seq: stage.issuer.seq + ahead, n: 0, nonce, now: stage.issuer.now() });
    stage.issuer.endStreams();
    await settle();
    expect(verifier.metrics).toMatchObject({ feed: 'connected', stalenessSeconds: staleness });
  });

  it('tells the time of the issuer from the time of its knowledge', async () => {
    stage.issuer.behind = 40;
    const verifier = await readyVerifier({ clock: () => Date.now() - 300_000 });
    await settle();
    expect(verifier.metrics).toMatchObject({ stalenessSeconds: 40, lagSeconds: 40 });
    const token = stage.issuer.mint();
    await pass(15, beat);
    stage.issuer.behind = 100;
    await pass(50, beat);
    expect(verifier.metrics.feed).toBe('connected');
    expect(await judgement(verifier, token)).toBe('token_stale');
  });

  it.each([
    ['slow', -300],
    ['fast', 300],
  ])('sets the time where the clock of this machine is five minutes %s', async (_, error) => {
    const verifier = await readyVerifier({ clock: () => Date.now() + error * 1000 });
    const token = stage.issuer.mint({ exp: Math.floor(stage.issuer.now()) + 20 });
    expect(await judgement(verifier, token)).toBe('accepted');
    await pass(26, beat);
    expect(await judgement(verifier, token)).toBe('token_expired');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });

  it('is asked for again when the clock of this machine was set', async () => {
    const verifier = await readyVerifier();
    await pass(6, beat);
    vi.setSystemTime(Date.now() + 300_000);
    stage.issuer.ahead -= 300;
    const token = stage.issuer.mint();
    expect(await judgement(verifier, token)).toBe('token_stale');
    await pass(2, beat);
    expect(await judgement(verifier, token)).toBe('accepted');
    expect(lost()).toEqual(['The clocks of this machine disagree']);
    await pass(20, beat);
    expect(lost()).toHaveLength(1);
  });

  it('is not needed to follow an issuer whose clock goes forward', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint();
    stage.issuer.ahead += 700;
    beat();
    await settle();
    expect(await judgement(verifier, token)).toBe('token_expired');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });
});

describe('without the stream', () => {
  it('snapshots are polled, and nobody notices', async () => {
    const verifier = await readyVerifier();
    const tokens = [stage.issuer.mint(), stage.issuer.mint({ sid: SID })] as const;
    stage.issuer.failing = 'stream';
    stage.issuer.endStreams();
    await pass(100);
    expect(verifier.metrics.feed).toBe('polling');
    stage.issuer.revokeSession(SID, undefined, { quiet: true });
    await pass(11);
    expect(await judgement(verifier, tokens[0])).toBe('accepted');
    expect(await judgement(verifier, tokens[1])).toBe('token_revoked');
    expect(stage.issuer.count('snapshot')).toBeLessThan(15);
    stage.issuer.failing = null;
    await pass(6);
    expect(verifier.metrics.feed).toBe('connected');
    const asked = stage.issuer.count('snapshot');
    await pass(60, beat);
    expect(stage.issuer.count('snapshot')).toBe(asked);
  });

  it('a verifier becomes ready from a snapshot', async () => {
    stage.issuer.failing = 'stream';
    stage.issuer.revokeSession(SID);
    const verifier = await readyVerifier();
    expect(await judgement(verifier, stage.issuer.mint({ sid: SID }))).toBe('token_revoked');
    expect(verifier.metrics.feed).toBe('polling');
  });

  it('a stream that hangs is replaced by snapshots too', async () => {
    const verifier = await readyVerifier();
    await pass(6, beat);
    stage.issuer.override = (url) => (url.pathname.endsWith('stream') ? new Promise<Response>(() => undefined) : null);
    stage.issuer.endStreams();
    await pass(4);
    expect(verifier.metrics.feed).toBe('polling');
  });

  it('a snapshot that has not changed is not sent again', async () => {
    vi.spyOn(stage.issuer, 'snapshot').mockReturnValue(stage.issuer.snapshot());
    stage.issuer.failing = 'stream';
    await readyVerifier();
    await pass(12);
    const asked = stage.issuer.requests.filter(({ route }) => route === 'snapshot');
    expect(asked.length).toBeGreaterThan(1);
    expect(asked[0]!.headers.has('if-none-match')).toBe(false);
    expect(asked[1]!.headers.get('if-none-match')).toMatch(/^"/);
  });

  it('a snapshot that is replayed keeps nothing fresh and takes nothing back', async () => {
    const verifier = await readyVerifier();
    const recorded = stage.issuer.snapshot();
    stage.issuer.revokeSession(SID);
    await settle();
    const [old, revoked] = [stage.issuer.mint(), stage.issuer.mint({ sid: SID })] as const;
    stage.issuer.failing = 'stream';
    stage.issuer.endStreams();
    stage.issuer.override = (url) => (url.pathname.endsWith('snapshot') ? new Response(recorded) : null);
    await pass(59);
    expect(verifier.metrics).toMatchObject({ feed: 'polling', appliedSeq: 1 });
    expect(await judgement(verifier, old)).toBe('accepted');
    expect(await judgement(verifier, revoked)).toBe('token_revoked');
    await pass(3);
    expect(await judgement(verifier, old)).toBe('token_stale');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });
});

describe('without any news', () => {
  it('old tokens are neither accepted nor refused, new ones pass, and all do when it is back', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint();
    stage.issuer.failing = 'all';
    stage.issuer.endStreams();
    await pass(59);
    expect(await judgement(verifier, token)).toBe('accepted');
    await pass(2);
    expect(verifier.metrics.feed).toBe('lost');
    expect(await judgement(verifier, token)).toBe('token_stale');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
    stage.issuer.failing = null;
    await pass(6);
    expect(await judgement(verifier, token)).toBe('accepted');
  });

  it('a token that was revoked meanwhile is accepted for maxStaleness at most', async () => {
    const verifier = await readyVerifier({ maxStaleness: 20 });
    const token = stage.issuer.mint({ sid: SID });
    stage.issuer.failing = 'all';
    stage.issuer.endStreams();
    stage.issuer.revokeSession(SID);
    await pass(19);
    expect(await judgement(verifier, token)).toBe('accepted');
    await pass(2);
    expect(await judgement(verifier, token)).toBe('token_stale');
  });

  it('a frozen stream that repeats old frames keeps nothing fresh', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint();
    const recorded = stage.issuer.frame({ n: 0 });
    stage.issuer.failing = 'snapshot';
    await pass(62, () => stage.issuer.send(recorded));
    expect(verifier.metrics.feed).toBe('connected');
    expect(await judgement(verifier, token)).toBe('token_stale');
  });
});
