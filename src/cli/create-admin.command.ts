import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { AccountsService } from '../auth/accounts.service.js';
import { canonicalEmail } from '../common/email.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { CommandFault, say, type Command } from './command.js';
import { withConfig, withContext } from './service-context.js';

export const createAdmin: Command = {
  name: 'users create-admin',
  summary: 'create an administrator',
  options: {
    email: { type: 'string', help: 'the address of the administrator' },
    'password-stdin': { type: 'boolean', help: 'read the password from standard input; else one is made and shown' },
  },
  async run({ email, 'password-stdin': fromInput }) {
    if (typeof email !== 'string' || !canonicalEmail(email))
      throw new CommandFault('--email must be an e-mail address');
    // A typed or echoed line ends with a line break, which is not part of the password.
    const given = fromInput ? (await text(process.stdin)).replace(/\r?\n$/, '') : null;
    const password = given ?? randomBytes(12).toString('base64url');
    return withConfig((config) =>
      withContext(config, async (context) => {
        const account = { email, password, roles: ['admin', 'user'], emailVerified: true };
        const cause = ChangeContext.ofSystem('command_line');
        const { id } = await context.get(AccountsService).create(account, cause);
        say(`Created the administrator ${email} (${id}).`);
        if (given === null) say(`Password (shown this once): ${password}`);
        return 0;
      }),
    );
  },
};
