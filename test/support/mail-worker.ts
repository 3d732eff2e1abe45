// Delivers mail as a process of its own. Holds up the mail to render@, refusals@ and settle@ at that step, and tells of it.
import './registries.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import type { MailContext } from '../../src/platform/mail/mail-kind.js';
import { MailRefusals } from '../../src/platform/mail/mail-refusals.js';
import { Mailer, type StoredMail } from '../../src/platform/mail/mailer.js';
import { OutboxMessages, type OutboxMessage } from '../../src/platform/outbox/outbox-messages.js';
import { mailModules } from './mail-modules.js';
import { GREETING, type Greeting } from './test-mail.js';

const { DATABASE_URL, SMTP_URL, HOLD, HEAP_EVERY = '0' } = process.env;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Never returns where the mail to this address is to be held up at this step. */
async function pass(step: string, to: string): Promise<void> {
  if (HOLD !== '1' || !to.startsWith(`${step}@`)) return;
  tell({ held: step });
  await new Promise(() => undefined);
}

const module = await mailModules(DATABASE_URL!, SMTP_URL!);
module.get(Jobs).enable();

const refusals = module.get(MailRefusals);
const outbox = module.get(OutboxMessages);
const find = refusals.find.bind(refusals);
const settle = outbox.settle.bind(outbox);
const every = Number(HEAP_EVERY);
let settled = 0;
refusals.find = async (to) => {
  await pass('refusals', to);
  return find(to);
};
outbox.settle = async (message) => {
  await pass('settle', (message as OutboxMessage<StoredMail>).payload.to);
  settled += 1;
  if (every > 0 && settled % every === 0) {
    globalThis.gc!();
    tell({ settled, heap: process.memoryUsage().heapUsed });
  }
  return settle(message);
};
module.get(Mailer).add({
  ...GREETING,
  render: async (payload: Greeting, context: MailContext) => {
    await pass('render', context.to);
    return GREETING.render(payload, context);
  },
});
await module.init();
