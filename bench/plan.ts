/** How long and on how much data everything is measured. Times are in seconds. */
export interface Plan {
  /** Load before the first round, so that code is compiled that a running service has compiled long ago. */
  readonly firstWarmUp: number;
  /** How often the service and its limits take turns, and for how long each. */
  readonly rounds: number;
  /** Load at the begin of every turn that does not count. */
  readonly warmUp: number;
  readonly seconds: number;
  /** More than the others: the login's figure is a small difference of two large ones. */
  readonly loginRounds: number;
  readonly isolationRounds: number;
  readonly isolationSeconds: number;
  readonly coldStarts: number;
  /** How long an idle service is left alone before its memory is read. */
  readonly idle: number;
  /** Users, each with a session, in the ordinary database and in the one that has grown. */
  readonly users: number;
  readonly manyUsers: number;
  /** Sessions that are revoked while verifiers watch. */
  readonly revocations: number;
}

export const FULL: Plan = {
  firstWarmUp: 15,
  rounds: 5,
  warmUp: 1,
  seconds: 5,
  loginRounds: 9,
  isolationRounds: 3,
  isolationSeconds: 10,
  coldStarts: 5,
  idle: 4,
  users: 10_000,
  manyUsers: 1_000_000,
  revocations: 500,
};

export const QUICK: Plan = {
  firstWarmUp: 2,
  rounds: 2,
  warmUp: 0.5,
  seconds: 1,
  loginRounds: 2,
  isolationRounds: 1,
  isolationSeconds: 2,
  coldStarts: 2,
  idle: 1,
  users: 2_000,
  manyUsers: 20_000,
  revocations: 50,
};
