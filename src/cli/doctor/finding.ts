/** The result of one check: `fail` keeps the service from working, `warn` should be looked at. */
export interface Finding {
  readonly subject: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const ok = (subject: string, text: string): Finding => ({ subject, state: 'ok', text });
export const warn = (subject: string, text: string, remedy: string): Finding => ({
  subject,
  state: 'warn',
  text,
  remedy,
});
export const fail = (subject: string, text: string, remedy: string): Finding => ({
  subject,
  state: 'fail',
  text,
  remedy,
});
