import { deliveryAddress } from '../common/email.js';
import { MailRefusals } from '../platform/mail/mail-refusals.js';
import { CommandFault, say, type Command } from './command.js';
import { withConfig, withContext } from './service-context.js';

export const mailReadmit: Command = {
  name: 'mail readmit',
  summary: 'send mail again to an address that a server has refused',
  options: { address: { type: 'string', help: 'the address' } },
  async run({ address }) {
    const to = typeof address === 'string' ? deliveryAddress(address) : null;
    if (to === null) throw new CommandFault('--address must be an e-mail address');
    return withConfig((config) =>
      withContext(config, async (context) => {
        const cleared = await context.get(MailRefusals).clear(to);
        say(cleared ? `Mail goes to ${to} again.` : `No server has refused mail to ${to}.`);
        return 0;
      }),
    );
  },
};
