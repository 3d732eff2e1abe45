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
 * The service answers 503 to what has waited for seconds, and on a busy machine anything may. Its applications in this
 * process get minutes instead, but for those of tests that are about these limits.
 */
export const patience = {
  give: (): void => void Object.assign(LIMITS, PATIENT),
  take: (): void => void Object.assign(LIMITS, REAL),
  /** To an application that has started. */
  giveTo: (app: INestApplicationContext): void => app.get(AnswerLimit).onModuleDestroy(),
};
