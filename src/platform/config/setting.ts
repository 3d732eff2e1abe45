import { parseNetwork } from '../../common/network.js';
import { connectionUrlFault, namesSeveralHosts } from './connection-url.js';

/** The fault of a value. The message does not contain the value, which may be a secret. */
export class SettingFault extends Error {}

/** One environment variable: its parser and its documentation. */
export interface Setting<T> {
  readonly env: string;
  readonly form: string;
  readonly doc: string;
  /** The text that replaces an absent variable; null where absence has a meaning of its own. */
  readonly fallback: string | null;
  readonly parse: (text: string) => T;
  readonly secret: boolean;
}

export interface Options {
  doc: string;
  fallback?: string;
  secret?: boolean;
}
type Optional<T, O extends Options> = O extends { fallback: string } ? Setting<T> : Setting<T | null>;

export function setting<T, O extends Options>(env: string, form: string, options: O, parse: (text: string) => T) {
  return {
    env,
    form,
    doc: options.doc,
    fallback: options.fallback ?? null,
    secret: options.secret ?? false,
    parse,
  } as Optional<T, O>;
}

export const fail = (message: string): never => {
  throw new SettingFault(message);
};

export const text = <O extends Options>(env: string, options: O) => setting(env, 'text', options, (value) => value);

export function choice<const V extends string, O extends Options>(env: string, values: readonly V[], options: O) {
  return setting(env, values.map((value) => `\`${value}\``).join(', '), options, (value) =>
    values.includes(value as V) ? (value as V) : fail(`must be one of ${values.join(', ')}`),
  );
}

export const flag = <O extends Options>(env: string, options: O) =>
  setting(env, '`true`, `false`', options, (value) =>
    value === 'true' ? true : value === 'false' ? false : fail('must be true or false'),
  );

export function integer<O extends Options>(env: string, { min, max }: { min: number; max: number }, options: O) {
  return setting(env, `${min} to ${max}`, options, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : fail(`must be a whole number from ${min} to ${max}`);
  });
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(value: string): number {
  if (value === '0') return 0;
  const match = /^(\d{1,9})([smhd])$/.exec(value);
  return match ? Number(match[1]) * UNITS[match[2]!]! : Number.NaN;
}

/** Reads seconds from texts such as `30s`, `10m`, `24h`, `90d`. */
export function duration<O extends Options>(env: string, { min, max }: { min: string; max: string }, options: O) {
  return setting(env, `duration, ${min} to ${max}`, options, (value) => {
    const result = seconds(value);
    return result >= seconds(min) && result <= seconds(max)
      ? result
      : fail(`must be a duration such as 30s, 10m, 24h or 90d, from ${min} to ${max}`);
  });
}

/** Reads an absolute http(s) URL without credentials, query, fragment or trailing slash. */
export const origin = <O extends Options>(env: string, options: O) =>
  setting(env, 'http or https URL', options, (value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol)) return fail('must be an http or https URL');
    if (url.username || url.password || /[?#]/.test(value))
      return fail('must be a URL without credentials, query and fragment');
    return url.href.replace(/\/$/, '');
  });

/** Reads a URL that may have a user name and a password. */
const connectionUrl = <O extends Options>(env: string, schemes: RegExp, name: string, options: O) =>
  setting(env, `${name} URL`, { ...options, secret: true }, (value) => {
    if (!schemes.test(value)) return fail(`must be a ${name}:// URL`);
    const fault = connectionUrlFault(value);
    if (fault) return fail(fault);
    return URL.canParse(value) ? value : fail(`must be a ${name}:// URL`);
  });

export const postgresUrl = <O extends Options>(env: string, options: O) => {
  const one = connectionUrl(env, /^postgres(ql)?:\/\//i, 'postgres', options);
  const parse = (value: string) =>
    namesSeveralHosts(value)
      ? fail('must name one host: a proxy, a virtual address or a DNS name that leads to the primary')
      : one.parse(value);
  return { ...one, parse } as typeof one;
};

export const redisUrl = <O extends Options>(env: string, options: O) =>
  connectionUrl(env, /^rediss?:\/\//i, 'redis', options);

export const smtpUrl = <O extends Options>(env: string, options: O) => {
  const one = connectionUrl(env, /^smtps?:\/\//i, 'smtp', options);
  const parse = (value: string) => {
    const url = new URL(one.parse(value)!);
    if (url.hostname === '') return fail('must name a host');
    return /^\/?$/.test(url.pathname + url.search) ? value : fail('must be a URL without path and query');
  };
  return { ...one, parse } as typeof one;
};

const list = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Reads scopes, in a plain subset of the form in RFC 6749 3.3. */
export const scopes = <O extends Options>(env: string, options: O) =>
  setting(env, 'scopes, comma-separated', options, (value) =>
    list(value).map((item) => (/^[\w.:/-]{1,64}$/.test(item) ? item : fail('must list scopes such as orders:read'))),
  );

/** Reads exact origins (RFC 6454), or `*` alone. */
export const origins = <O extends Options>(env: string, options: O) =>
  setting(env, 'origins, comma-separated', options, (value) =>
    list(value).map((item) =>
      item === '*' || (!item.includes('*') && URL.parse(item)?.origin === item)
        ? item
        : fail('must list exact origins such as https://app.example.com'),
    ),
  );

/** Reads CIDR blocks or single addresses. */
export const networks = <O extends Options>(env: string, options: O) =>
  setting(env, 'CIDR blocks, comma-separated', options, (value) =>
    list(value).map((item) => {
      const network = parseNetwork(item);
      return network && network.prefix > 0 ? item : fail('must list CIDR blocks such as 10.0.0.0/8');
    }),
  );

/** Reads at least 256 bits of key material in base64, base64url or hex, as `openssl rand -base64 32` prints it. */
export const key = <O extends Options>(env: string, options: O) =>
  setting(env, 'base64 or hex, 32 bytes or more', { ...options, secret: true }, (value) => {
    const bytes = /^([0-9a-f]{2})+$/i.test(value)
      ? Buffer.from(value, 'hex')
      : /^[\w+/-]+={0,2}$/.test(value)
        ? Buffer.from(value, 'base64')
        : fail('must be base64 or hex text, as `openssl rand -base64 32` prints it');
    if (bytes.length < 32) return fail('must hold at least 32 bytes; `openssl rand -base64 32` makes such a value');
    // 32 random bytes hold 30 distinct values on average and fewer than 16 practically never.
    if (new Set(bytes).size < 16) return fail('must be random; `openssl rand -base64 32` makes such a value');
    return bytes;
  });
