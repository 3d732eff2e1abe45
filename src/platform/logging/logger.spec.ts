import { symbols, type Logger } from 'pino';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Environment } from '../config/config.js';
import { createLogger, NestLogger } from './logger.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');

interface Line extends Record<string, unknown> {
  level: string;
  msg?: string;
}

/** Creates the service's own logger, and collects the lines that it writes. */
async function logInto(environment: Environment = {}): Promise<{ logger: Logger; lines: Line[] }> {
  const logger = await createLogger(
    loadConfig({
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://db/auth',
      PUBLIC_URL: 'https://auth.example.com',
      SECRET_KEY,
      LOG_LEVEL: 'debug',
      ...environment,
    }),
  );
  const lines: Line[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  Object.assign(logger, { [symbols.streamSym]: stream });
  return { logger, lines };
}

describe('a line of the log', () => {
  it('is JSON, with its level by name and the time in ISO 8601', async () => {
    const { logger, lines } = await logInto();
    logger.info({ event: 'request' }, 'a message');
    expect(lines).toEqual([{ level: 'info', time: expect.any(String) as string, event: 'request', msg: 'a message' }]);
    expect(lines[0]!.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('is written from the level %s on', async (level, written) => {
    const { logger, lines } = await logInto({ LOG_LEVEL: level });
    for (const each of ['debug', 'info', 'warn', 'error'] as const) logger[each]('x');
    expect(lines.map((line) => line.level)).toEqual(written);
  });
});

describe('a secret', () => {
  const SECRETS = [
    'password',
    'current_password',
    'new_password',
    'password_hash',
    'access_token',
    'refresh_token',
    'authorization',
    'cookie',
    'set-cookie',
    'secret',
    'client_secret',
    'client_assertion',
    'assertion',
    'subject_token',
    'api_key',
    'hash',
    'token',
  ];

  it.each(SECRETS)('is not in the log as %s, at the top or one level down', async (key) => {
    const { logger, lines } = await logInto();
    logger.info({ [key]: 'S3cret', body: { [key]: 'S3cret', email: 'shown' }, user_id: 'shown' });
    logger.info({ headers: { [key]: ['S3cret'] } });
    expect(JSON.stringify(lines)).not.toContain('S3cret');
    expect(lines[0]).toMatchObject({
      [key]: '[redacted]',
      body: { [key]: '[redacted]', email: 'shown' },
      user_id: 'shown',
    });
  });

  it.each(SECRETS)("is not in Nest's log as %s", async (key) => {
    const { logger, lines } = await logInto();
    const nest = new NestLogger(logger);
    nest.warn({ event: 'x', [key]: 'S3cret' }, 'Context');
    nest.error({ event: 'x', cause: { [key]: 'S3cret' } });
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('S3cret');
  });

  it('is not in the log as a parameter or a row of a failed statement', async () => {
    const { logger, lines } = await logInto();
    const driverError = Object.assign(new Error('violates a check'), {
      detail: 'Failing row contains (1, $argon2id$S3cret).',
    });
    const failed = Object.assign(new Error('violates a check'), {
      query: 'INSERT INTO passwords (hash) VALUES ($1)',
      parameters: ['$argon2id$S3cret'],
      detail: driverError.detail,
      driverError,
    });
    new NestLogger(logger).error({ event: 'internal', request_id: 'r1', err: failed });
    expect(lines[0]).toMatchObject({ event: 'internal', request_id: 'r1', err: { message: 'violates a check' } });
    expect(JSON.stringify(lines)).not.toContain('S3cret');
  });
});

describe("Nest's log", () => {
  const write = async (act: (nest: NestLogger) => void) => {
    const { logger, lines } = await logInto();
    act(new NestLogger(logger));
    return lines;
  };

  it('keeps its levels and contexts', async () => {
    const lines = await write((nest) => {
      nest.log('one', 'Keys');
      nest.warn('two', 'Keys');
      nest.error('three', 'Keys');
      nest.debug('four', 'Keys');
      nest.fatal('five', 'Keys');
    });
    expect(lines.map(({ level, msg, context }) => [level, msg, context])).toEqual([
      ['info', 'one', 'Keys'],
      ['warn', 'two', 'Keys'],
      ['error', 'three', 'Keys'],
      ['debug', 'four', 'Keys'],
      ['fatal', 'five', 'Keys'],
    ]);
  });

  it.each(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'])(
    'tells of the start-up by %s for debugging alone',
    async (context) => {
      const lines = await write((nest) => nest.log('starting', context));
      expect(lines).toMatchObject([{ level: 'debug', msg: 'starting', context }]);
    },
  );

  it('spreads an object over the line', async () => {
    const lines = await write((nest) => nest.warn({ event: 'refresh_token_reused', user_id: 'u1' }, 'RefreshService'));
    expect(lines).toMatchObject([
      { level: 'warn', event: 'refresh_token_reused', user_id: 'u1', context: 'RefreshService' },
    ]);
    expect(lines[0]).not.toHaveProperty('msg');
  });

  it('tells of an error with its stack', async () => {
    const lines = await write((nest) => {
      nest.error(new Error('broken'), 'Keys');
      nest.error('it is', new Error('broken'), 'Keys');
    });
    const err = { type: 'Error', message: 'broken', stack: expect.stringContaining('logger.spec') as string };
    expect(lines).toMatchObject([
      { level: 'error', msg: 'broken', context: 'Keys', err },
      { level: 'error', msg: 'it is', context: 'Keys', err },
    ]);
  });
});
