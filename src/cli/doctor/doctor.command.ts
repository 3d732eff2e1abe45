import { ConfigError, type Config } from '../../platform/config/config.js';
import { say, type Command } from '../command.js';
import { withConfig } from '../service-context.js';
import { checkDatabase } from './database.check.js';
import { fail, ok, type Finding } from './finding.js';
import { checkMail, sendTestMail, testRecipient } from './mail.check.js';
import { checkModules } from './modules.check.js';
import { checkPublicUrl } from './public-url.check.js';
import { checkRedis } from './redis.check.js';

export const doctor: Command = {
  name: 'doctor',
  summary: 'find out what is wrong with settings, database, keys, clock, outboxes, Redis, mail and public URL',
  options: { 'send-test-mail': { type: 'string', help: 'an address that a mail is sent to besides' } },
  async run({ 'send-test-mail': to }) {
    const recipient = typeof to === 'string' ? testRecipient(to) : null;
    let failures = 0;
    const report = (findings: readonly Finding[]): void => {
      for (const finding of findings) say(lineOf(finding));
      failures += findings.filter(({ state }) => state === 'fail').length;
    };
    try {
      await withConfig((config) => examine(config, recipient, report));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      report(error.faults.map((fault) => fail('settings', fault, 'docs/configuration.md explains every setting.')));
    }
    say(failures === 0 ? '\nNothing keeps the service from working.' : `\n${failures} to mend.`);
    return failures === 0 ? 0 : 1;
  },
};

async function examine(
  config: Config,
  recipient: string | null,
  report: (findings: readonly Finding[]) => void,
): Promise<void> {
  report([ok('settings', `all valid for ${config.environment}`)]);
  const database = await checkDatabase(config);
  report(database);
  // The modules would bring an outdated schema up to date; the doctor changes no schema.
  if (database.every(({ subject, state }) => state === 'ok' || subject === 'clock')) report(await checkModules(config));
  report(await checkRedis(config));
  report(await checkMail(config));
  if (recipient !== null) report(await sendTestMail(config, recipient));
  report(await checkPublicUrl(config));
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

const lineOf = ({ subject, state, text, remedy }: Finding): string =>
  `${MARKS[state]}  ${subject.padEnd(10)}  ${text}${remedy ? `\n${' '.repeat(18)}→ ${remedy}` : ''}`;
