import { parseArgs } from 'node:util';
import './errors.js';
import './settings.js';
import './audit-events.js';
import { AppError } from './common/errors.js';
import { explainStartFault } from './start-fault.js';
import { CommandFault, say, tell, type Command, type Options } from './cli/command.js';
import { auditVerify } from './cli/audit-verify.command.js';
import { createAdmin } from './cli/create-admin.command.js';
import { docs } from './cli/docs.command.js';
import { doctor } from './cli/doctor/doctor.command.js';
import { mailReadmit } from './cli/mail-readmit.command.js';
import { keysRotate } from './cli/keys-rotate.command.js';

const COMMANDS: readonly Command[] = [doctor, keysRotate, createAdmin, mailReadmit, auditVerify, docs];
const PROGRAM = 'countersign';

const SUCCESS = 0;
const FAILURE = 1;
const WRONG_USE = 2;

/** Runs the command that `words` name, and returns the exit code: 0 done, 1 failed, 2 wrongly called. */
export async function main(words: readonly string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, i) => words[i] === word));
  if (!command) {
    const asked = words.length === 0 || words.includes('--help') || words[0] === 'help';
    (asked ? say : tell)(asked ? overview() : `There is no command "${words.join(' ')}".\n\n${overview()}`);
    return asked ? SUCCESS : WRONG_USE;
  }
  let options: Options;
  try {
    const args = words.slice(command.name.split(' ').length);
    const help = { type: 'boolean', short: 'h' } as const;
    options = parseArgs({ args, options: { ...command.options, help }, strict: true }).values;
  } catch (error) {
    tell(`${(error as Error).message}\n\n${usageOf(command)}`);
    return WRONG_USE;
  }
  if (options['help']) {
    say(usageOf(command));
    return SUCCESS;
  }
  return run(command, options);
}

async function run(command: Command, options: Options): Promise<number> {
  try {
    return await command.run(options);
  } catch (error) {
    if (error instanceof CommandFault) {
      tell(error.message);
      return WRONG_USE;
    }
    const why =
      error instanceof AppError
        ? [error.message, ...(error.errors ?? []).map(({ message }) => message)].join('\n  ')
        : explainStartFault(error);
    tell(`${PROGRAM} ${command.name} has failed. ${why}`);
    return FAILURE;
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `usage: ${PROGRAM} <command> [options]\n\n${lines.join('\n')}\n\n${PROGRAM} <command> --help tells its options.`;
}

function usageOf({ name, summary, options = {} }: Command): string {
  const flags = Object.entries(options).map(
    ([flag, { type, help }]) => [`--${flag}${type === 'string' ? ' VALUE' : ''}`, help] as const,
  );
  const width = Math.max(0, ...flags.map(([flag]) => flag.length));
  const lines = flags.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`);
  return [
    `usage: ${PROGRAM} ${name}${flags.length > 0 ? ' [options]' : ''}`,
    '',
    `  ${summary}`,
    ...(lines.length > 0 ? ['', ...lines] : []),
  ].join('\n');
}
