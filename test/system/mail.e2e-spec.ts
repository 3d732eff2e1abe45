import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { SmtpSink } from '../support/smtp-sink.js';
import { countersign } from './support/command-line.js';
import { Scene } from './support/service.js';

const scene = new Scene();
const sinks: SmtpSink[] = [];
afterEach(async () => {
  await scene.clear();
  await Promise.all(sinks.splice(0).map((sink) => sink.stop()));
});

const MAIL_FROM = 'Example <no-reply@example.com>';

async function listen(...given: Parameters<typeof SmtpSink.start>): Promise<SmtpSink> {
  const sink = await SmtpSink.start(...given);
  sinks.push(sink);
  return sink;
}

/** A certificate of its own for this machine's loopback. */
async function certificate(folder: string): Promise<{ key: Buffer; cert: Buffer; file: string }> {
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = 'subjectAltName=IP:127.0.0.1,IP:::ffff:127.0.0.1,DNS:localhost';
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...options,
    '-subj',
    '/CN=localhost',
    '-addext',
    names,
    '-keyout',
    key,
    '-out',
    file,
  ]);
  return { key: readFileSync(key), cert: readFileSync(file), file };
}

/** Credentials are asked for, and only by TLS where the server has a certificate. */
const asking = (secure: boolean, tls: { key?: Buffer; cert?: Buffer } = {}): SMTPServerOptions => ({
  ...tls,
  secure,
  authOptional: false,
  allowInsecureAuth: tls.key === undefined,
  disabledCommands: tls.key === undefined || secure ? ['STARTTLS'] : [],
  onAuth: ({ username, password }, _session, done) =>
    username === 'us er' && password === 'p@ss'
      ? done(null, { user: username })
      : done(Object.assign(new Error(`no ${password} for ${username}`), { responseCode: 535 })),
});

// The IPv4-mapped form of 127.0.0.1 reaches a server of this test, and is no loopback to whoever reads the URL.
const url = (scheme: string, port: number, host = '[::ffff:127.0.0.1]', credentials = 'us%20er:p%40ss') =>
  `${scheme}://${credentials}@${host}:${port}`;

describe('the doctor, of mail', () => {
  it('is content in development without a server, and delivers a test mail to the mailbox', async () => {
    const folder = scene.folder();
    const { code, out } = await countersign(folder, 'doctor --send-test-mail You@Example.com');
    expect(out).toMatch(/ok {4}mail .*\/dev\/mailbox/);
    expect(out).toMatch(/ok {4}test mail .*You@example\.com/);
    expect(code).toBe(0);
  });

  it.each(['nobody', 'a@example.com,b@example.com'])('refuses to send a test mail to %s', async (to) => {
    const { code, err } = await countersign(scene.folder(), `doctor --send-test-mail ${to}`);
    expect([code, err]).toEqual([2, expect.stringContaining('must be an e-mail address')]);
  });

  it('signs in to a server on loopback in plain text, and sends a test mail', async () => {
    const sink = await listen(asking(false));
    const variables = { SMTP_URL: url('smtp', sink.port, '127.0.0.1'), MAIL_FROM, DEFAULT_LOCALE: 'de' };
    const { out } = await countersign(scene.folder(), 'doctor --send-test-mail you@example.com', variables);
    expect(out).toMatch(/ok {4}mail .*127\.0\.0\.1:\d+ answers by smtp and takes the credentials/);
    const [{ to, parsed }] = (await sink.has(1)) as [(typeof sink.received)[0]];
    expect([to, parsed.subject]).toEqual([['you@example.com'], 'Post von Countersign kommt an']);
  });

  it.each([
    ['is away', (port: number) => url('smtp', port, '127.0.0.1'), /ECONNREFUSED/],
    ['offers no TLS over a network', (port: number) => url('smtp', port), /STARTTLS/i],
    ['speaks no TLS', (port: number) => url('smtps', port, '127.0.0.1'), /SSL|TLS|wrong version|socket/i],
    ['refuses the credentials', (port: number) => url('smtp', port, '127.0.0.1', 'user:secret-of-ours'), /535|login/i],
  ])('says that the server %s, and names no secret', async (what, at, why) => {
    const sink = await listen(asking(false));
    const { port } = sink;
    if (what === 'is away') await sink.stop();
    const variables = { SMTP_URL: at(port), MAIL_FROM };
    const { code, out, err } = await countersign(scene.folder(), 'doctor --send-test-mail you@example.com', variables);
    const lines = out.split('\n').filter((line) => /^FAIL {2}(test )?mail/.test(line));
    expect(lines).toEqual([expect.stringMatching(why), expect.stringMatching(why)]);
    expect(out + err).not.toMatch(/p@ss|secret-of-ours|us er/);
    expect(sink.received).toEqual([]);
    expect(code).toBe(1);
  });

  it.each([
    ['TLS from the start', true, 'smtps'],
    ['STARTTLS', false, 'smtp'],
  ])('signs in by %s, where the certificate can be verified', async (_, secure, scheme) => {
    const folder = scene.folder();
    const { file, ...tls } = await certificate(folder);
    const sink = await listen(asking(secure, tls));
    const variables = { SMTP_URL: url(scheme, sink.port), MAIL_FROM };
    const words = 'doctor --send-test-mail you@example.com';
    const stranger = await countersign(folder, words, variables);
    expect(stranger.out).toMatch(/FAIL {2}mail .*certificate/);
    expect(sink.received).toEqual([]);
    const { out } = await countersign(folder, words, { ...variables, NODE_EXTRA_CA_CERTS: file });
    expect(out).toMatch(new RegExp(`ok {4}mail .* answers by ${scheme} and takes the credentials`));
    await sink.has(1);
  });

  it('shows the outboxes of a service that runs, and readmits an address', async () => {
    const folder = scene.folder();
    await (await scene.start({}, folder)).stop();
    const { out } = await countersign(folder, 'doctor');
    expect(out).toMatch(/ok {4}outbox {6}mail: 0 wait/);
    expect(out).toMatch(/ok {4}outbox {6}.*signals.*: 0 wait/);
    const readmitted = await countersign(folder, 'mail readmit --address you@example.com');
    expect([readmitted.code, readmitted.out]).toEqual([0, 'No server has refused mail to you@example.com.\n']);
    expect((await countersign(folder, 'mail readmit --address nobody')).code).toBe(2);
  });
});
