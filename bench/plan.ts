/** The times and amounts of data of all measurements. Times are in seconds. */
export interface Plan {
  /** Load before the first round, so that V8 has compiled the code as in a running service. */
  readonly firstWarmUp: number;
  /** The number of turns of the service and its limits, and the length of each. */
  readonly rounds: number;
  /** Load at the begin of every turn that does not count. */
  readonly warmUp: number;
  readonly seconds: number;
  /** The rounds of the login, which has more than the others: its figure is a small difference of two large ones. */
  readonly loginRounds: number;
  readonly isolationRounds: number;
  readonly isolationSeconds: number;
  readonly coldStarts: number;
  /** How long a service is idle before its memory is read. */
  readonly idle: number;
  /** The users, each with a session, in the ordinary database and in the grown one. */
  readonly users: number;
  readonly manyUsers: number;
  /** The sessions that are revoked while verifiers watch. */
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
