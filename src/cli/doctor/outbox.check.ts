import type { INestApplicationContext } from '@nestjs/common';
import { OutboxWorkers, type OutboxState } from '../../platform/outbox/outbox-workers.js';
import { ok, warn, type Finding } from './finding.js';

const MINUTE = 60;

/** Examines what waits to be delivered, in each outbox. */
export async function checkOutboxes(context: INestApplicationContext): Promise<Finding[]> {
  return (await context.get(OutboxWorkers).states()).map(findingOf);
}

function findingOf({ name, waiting, oldestSeconds, failing, lost }: OutboxState): Finding {
  const since = oldestSeconds === null ? '' : `, the oldest for ${Math.floor(oldestSeconds / MINUTE)} min`;
  const text = `${name}: ${waiting} wait${since}; ${failing} have failed and are tried again; ${lost} were given up`;
  return failing > 0 || lost > 0
    ? warn('outbox', text, 'The log says why (outbox_attempt_failed, outbox_given_up), and so does the table.')
    : ok('outbox', text);
}
