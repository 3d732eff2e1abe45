import type { INestApplicationContext } from '@nestjs/common';
import { LIMITS } from '../../src/platform/database/limits.js';
import { AnswerLimit } from '../../src/platform/http/answer-limit.js';

const REAL = { ...LIMITS };
const MINUTES = 60_000;
const PATIENT: typeof REAL = Object.assign({}, REAL, {
  connection: 4 * MINUTES,
  statement: 4 * MINUTES,
  lock: 4 * MINUTES,
  silence: 5 * MINUTES,
  idleTransaction: 5 * MINUTES,
});

/**
 * Raises the time limits of applications in this process to minutes. The service answers 503 to requests that have
 * waited for seconds, and on a busy machine any request may. Tests of these limits do not use it.
 */
export const patience = {
  give: (): void => void Object.assign(LIMITS, PATIENT),
  take: (): void => void Object.assign(LIMITS, REAL),
  /** Switches off the limit of an application that has started. */
  giveTo: (app: INestApplicationContext): void => app.get(AnswerLimit).onModuleDestroy(),
};
