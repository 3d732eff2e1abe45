import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Account, identity } from './account.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

export interface ProgramOptions {
  readonly account: Account | undefined;
  readonly cwd: string;
  readonly stdio: StdioOptions;
  /** Whether it runs in a session of its own, which a Ctrl-C in the terminal does not reach. */
  readonly detached?: boolean;
}

/**
 * Starts a program and waits until it runs. Its environment only has the language of its messages, which the launcher
 * reads, and the time zone: variables such as PGPORT and PGDATA must not affect it.
 * @throws EmbeddedPostgresError when the system does not start it
 */
export async function startProgram(
  program: string,
  parameters: string[],
  options: ProgramOptions,
): Promise<ChildProcess> {
  const { account, cwd, stdio, detached = false } = options;
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  try {
    // Some errors of the system are thrown at once, others arrive as an event.
    const child = spawn(program, parameters, { ...identity(account), cwd, stdio, detached, env, windowsHide: true });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return child;
  } catch (error) {
    throw notStarted(program, account, error);
  }
}

function notStarted(program: string, account: Account | undefined, cause: unknown): EmbeddedPostgresError {
  const code = codeOf(cause) ?? String(cause);
  return new EmbeddedPostgresError(`${reason(program, account, code)} or ${OR_ANOTHER_DATABASE}.`, { cause });
}

function reason(program: string, account: Account | undefined, code: string): string {
  // The system also reports "no such file" for a missing loader of the program: musl has another one.
  if (code === 'ENOENT' && existsSync(program)) {
    return `The embedded PostgreSQL needs glibc, which this system (Alpine?) does not have. Use one with glibc,`;
  }
  if (account && (code === 'EPERM' || code === 'EINVAL')) {
    return (
      `PostgreSQL does not run as root, and this process may not start it as user ${account.uid} (${code}). ` +
      'Start the service as a user other than root,'
    );
  }
  if (code === 'EACCES') {
    return `${program} may not be executed (EACCES). Install on a file system without the option noexec (or set TMPDIR to one),`;
  }
  return `${program} cannot be started (${code}). Run "npm ci" again,`;
}
