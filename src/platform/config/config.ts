import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { canonicalEmail } from '../../common/email.js';
import { isGuessable } from './guessable-key.js';
import { SettingFault, type Setting } from './setting.js';
import { SETTINGS, type Settings } from './settings.js';

type Value<S> = S extends Setting<infer T> ? T : never;
type Values = { [K in keyof Settings]: Value<Settings[K]> };

type Complete = Omit<Values, 'secretKey' | 'publicUrl'> & { secretKey: Buffer; publicUrl: string; production: boolean };

/** The whole configuration: validated once, frozen. Durations are in seconds. */
export abstract class Config extends (Object as unknown as abstract new () => Readonly<Complete>) {}

/** Whether Swagger UI is served. */
export const showsDocs = (config: Config): boolean =>
  config.docs === 'on' || (config.docs === 'auto' && !config.production);

/** All faults of a configuration at once, by the variable's name and never by its value. */
export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

export type Environment = Record<string, string | undefined>;

/** The process' environment over the `.env` of the working directory. */
export function readEnvironment(): Environment {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return { ...file, ...process.env };
}

/** Reads, validates and freezes the configuration. Throws {@link ConfigError}. */
export function loadConfig(environment: Environment = readEnvironment()): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const raw = environment[setting.env];
    // An empty variable is an absent one: that is how compose files and .env templates leave a value open.
    const text = raw === undefined || raw === '' ? setting.fallback : raw;
    try {
      values[name] = text === null ? null : setting.parse(text);
      if (Array.isArray(values[name])) Object.freeze(values[name]);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      faults.push(`${setting.env} ${error.message}`);
    }
  }
  const config = values as unknown as Values;
  faults.push(...contradictions(config));
  if (config.environment === 'production') faults.push(...developmentValues(config));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    ...config,
    dataDirectory: resolve(config.dataDirectory),
    publicUrl: config.publicUrl ?? `http://localhost:${config.port}`,
    secretKey: config.secretKey ?? generatedSecret(resolve(config.dataDirectory)),
    production: config.environment === 'production',
  });
}

// Both lists below run even where values failed to parse (those are undefined here), so that no fault hides another.

function contradictions(config: Partial<Values>): string[] {
  const faults: string[] = [];
  if (config.signingAlgorithm === 'HS256' && config.signingSecret === null)
    faults.push('JWT_SECRET is required with JWT_ALG=HS256; `openssl rand -base64 32` makes one');
  if (config.signingAlgorithm && config.signingAlgorithm !== 'HS256' && config.signingSecret)
    faults.push('JWT_SECRET is only for JWT_ALG=HS256: remove it, or set JWT_ALG=HS256');
  if (config.signingSecret && config.secretKey?.equals(config.signingSecret))
    faults.push('JWT_SECRET must differ from SECRET_KEY: make another one with `openssl rand -base64 32`');
  if (config.adminEmail && !canonicalEmail(config.adminEmail)) faults.push('ADMIN_EMAIL must be an e-mail address');
  if (config.adminPassword && config.adminEmail === null)
    faults.push(
      'ADMIN_EMAIL is required with ADMIN_PASSWORD: set it to the address of the first administrator, or remove both',
    );
  if (Boolean(config.passwordHookUrl) !== Boolean(config.passwordHookSecret))
    faults.push('PASSWORD_HOOK_URL and PASSWORD_HOOK_SECRET are set together or not at all');
  if (config.passwordHookSecret && !/^[\x21-\x7e]{32,512}$/.test(config.passwordHookSecret))
    faults.push(
      'PASSWORD_HOOK_SECRET must be 32 to 512 printable characters; `openssl rand -base64 32` makes such a value',
    );
  if (config.databaseDirectUrl && config.databaseUrl === null)
    faults.push('DATABASE_URL is required with DATABASE_DIRECT_URL');
  if (config.sessionIdleLimit! > config.sessionAbsoluteLimit!)
    faults.push('SESSION_IDLE_LIMIT must not exceed SESSION_ABSOLUTE_LIMIT');
  return faults;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Production refuses what is only safe on a developer's machine. */
function developmentValues(config: Partial<Values>): string[] {
  const faults: string[] = [];
  if (config.secretKey === null)
    faults.push('SECRET_KEY is required in production; `openssl rand -base64 32` makes one');
  for (const [name, key] of Object.entries({ SECRET_KEY: config.secretKey, JWT_SECRET: config.signingSecret }))
    if (key && isGuessable(key))
      faults.push(
        `${name} must be random in production, not words or a pattern; \`openssl rand -base64 32\` makes one`,
      );
  if (config.publicUrl === null) faults.push('PUBLIC_URL is required in production');
  const url = config.publicUrl ? new URL(config.publicUrl) : null;
  if (url?.protocol === 'http:' && !LOOPBACK.test(url.hostname)) faults.push('PUBLIC_URL must be https in production');
  if (config.corsOrigins?.includes('*')) faults.push('CORS_ORIGINS must list exact origins in production, not *');
  if (config.databaseUrl === null && config.embeddedDatabase !== 'always') {
    faults.push('DATABASE_URL is required in production (or EMBEDDED_DATABASE=always)');
  }
  if (config.adminEmail && !config.adminPassword)
    faults.push('ADMIN_PASSWORD is required with ADMIN_EMAIL in production: set it, or remove both');
  if (config.rateLimits === false) faults.push('RATE_LIMITS must be true in production');
  return faults;
}

/** The secret of a development set-up, made once, so that sessions and keys outlive a restart. */
function generatedSecret(directory: string): Buffer {
  const file = join(directory, 'secret.key');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(file)) {
    // Linked when it is whole: neither a kill nor a second start leaves or meets half a secret.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (secret.length < 32) throw new ConfigError(['DATA_DIR holds a damaged secret.key; restore it, or set SECRET_KEY']);
  return secret;
}
