import { AuditVerifier } from '../audit/chain/audit-verifier.js';
import { CommandFault, say, type Command } from './command.js';
import { withConfig, withContext } from './service-context.js';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'find out whether events of the audit log were changed, removed, moved or added',
  options: {
    from: { type: 'string', help: 'begin with what was sealed at this time, e.g. 2026-12-01T00:00:00Z' },
    to: { type: 'string', help: 'end with what was sealed before this time' },
  },
  run({ from, to }) {
    const range = { from: timeOf('--from', from), to: timeOf('--to', to) };
    return withConfig((config) =>
      withContext(config, async (context) => {
        const { first, last, checkpoints, faults } = await context.get(AuditVerifier).verify(range);
        for (const fault of faults) say(fault);
        const looked = first === null ? 'no events' : `the events ${first} to ${last}, ${checkpoints} checkpoints`;
        say(faults.length === 0 ? `The chain is whole: ${looked}.` : `The chain is broken: ${looked}.`);
        return faults.length === 0 ? 0 : 1;
      }),
    );
  },
};

function timeOf(option: string, text: string | boolean | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(String(text));
  if (Number.isNaN(time.getTime())) throw new CommandFault(`${option} must be a time such as 2026-12-01T00:00:00Z`);
  return time;
}
