import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { Config } from '../config/config.js';

/** Names of fields whose values are removed from logged objects, at the top level and one level below. */
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

type LogFnHook = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

const MAX_CAUSES = 4;

/**
 * Returns the parts of an error that may be logged. A failed query also has its parameters, among them hashes and
 * addresses.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, code } = error as Error & { code?: unknown };
  return {
    type: name,
    message: error instanceof AggregateError ? error.errors.map(String).join('; ') : message,
    stack,
    ...(code !== undefined && { code }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
  };
}

const WARN = 40;
/**
 * Lines are written together, after this many bytes or this long after the first one: a write costs as much as making a
 * line.
 */
const TOGETHER_BYTES = 8_192;
const TOGETHER_MS = 50;

/**
 * Returns standard output, to which lines are written together. Warnings, and lines at the end of the process, are
 * written at once.
 */
function standardOutput(): { destination: DestinationStream; logMethod: LogFnHook } {
  const destination = pino.destination({ dest: 1, sync: true, minLength: TOGETHER_BYTES });
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    destination.flushSync();
  };
  process.on('exit', flush);
  return {
    destination,
    logMethod(line, write, level) {
      write.apply(this, line);
      if (level >= WARN) flush();
      else timer ??= setTimeout(flush, TOGETHER_MS).unref();
    },
  };
}

/** Creates the logger: one JSON line per event; readable text in development on a terminal. */
export async function createLogger(config: Config, destination?: DestinationStream): Promise<Logger> {
  const redact = { paths: SECRETS.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: '[redacted]' };
  const options = {
    level: config.logLevel,
    redact,
    serializers: { err: (error: unknown) => describeError(error) },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (destination || config.environment !== 'development' || !process.stdout.isTTY) {
    const formatters = { level: (level: string) => ({ level }) };
    if (destination) return pino({ ...options, formatters }, destination);
    const { logMethod, destination: output } = standardOutput();
    return pino({ ...options, formatters, hooks: { logMethod } }, output);
  }
  try {
    const { default: pretty } = await import('pino-pretty');
    return pino(
      options,
      pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }),
    );
  } catch {
    return pino(options);
  }
}

/** Writes Nest's own log through the same logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    // Nest logs every module and route at start, which helps only in debugging.
    const context = rest.at(-1);
    const fromFramework = [
      'InstanceLoader',
      'RoutesResolver',
      'RouterExplorer',
      'NestFactory',
      'NestApplication',
    ].includes(String(context));
    this.write(fromFramework ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const error = [message, ...rest].find((item) => item instanceof Error);
    const fields = { ...(context && { context }), ...(error && { err: error }) };
    if (typeof message === 'object' && message !== null && !(message instanceof Error)) {
      this.logger[level]({ ...fields, ...message });
    } else {
      this.logger[level](fields, message instanceof Error ? message.message : String(message));
    }
  }
}
