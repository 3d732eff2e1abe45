import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { SettingFault, type Setting } from './setting.js';
import { SECTIONS, SETTINGS, type GatheredSettings, type ValuesOf } from './settings.js';

type Values = ValuesOf<GatheredSettings>;

type Complete = Omit<Values, 'secretKey' | 'publicUrl'> & { secretKey: Buffer; publicUrl: string; production: boolean };

/** The whole configuration: validated once, frozen. Durations are in seconds. */
export abstract class Config extends (Object as unknown as abstract new () => Readonly<Complete>) {}

/** Tells whether Swagger UI is served. */
export const showsDocs = (config: Config): boolean =>
  config.docs === 'on' || (config.docs === 'auto' && !config.production);

/** All faults of a configuration at once. They name variables, never their values. */
export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

export type Environment = Record<string, string | undefined>;

/** Returns the variables of the process, and those of the working directory's `.env` that the process does not have. */
export function readEnvironment(): Environment {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return { ...file, ...process.env };
}

/** Reads, validates and freezes the configuration. Throws {@link ConfigError}. */
export function loadConfig(environment: Environment = readEnvironment()): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const raw = environment[setting.env];
    // An empty variable counts as absent: compose files and .env templates leave a value open that way.
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
  faults.push(...SECTIONS.flatMap((section) => section.contradictions?.(values) ?? []));
  if (config.environment === 'production')
    faults.push(...SECTIONS.flatMap((section) => section.inProduction?.(values) ?? []));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    ...config,
    dataDirectory: resolve(config.dataDirectory),
    publicUrl: config.publicUrl ?? `http://localhost:${config.port}`,
    secretKey: config.secretKey ?? generatedSecret(resolve(config.dataDirectory)),
    production: config.environment === 'production',
  });
}

/** Returns the secret of a development set-up. It is made once, so that sessions and keys outlive a restart. */
function generatedSecret(directory: string): Buffer {
  const file = join(directory, 'secret.key');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(file)) {
    // The file is linked when it is complete, so that neither a kill nor a second start leaves or finds half a secret.
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
