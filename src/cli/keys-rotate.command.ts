import { KeyRotationService } from '../keys/key-rotation.service.js';
import { EventSigningKey } from '../keys/signing-key.entity.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { say, type Command } from './command.js';
import { withConfig, withContext } from './service-context.js';

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'publish the next signing key, or replace a leaked one at once',
  options: {
    emergency: { type: 'boolean', help: 'the active key has leaked: refuse all its tokens and sign with another now' },
  },
  run: ({ emergency }) =>
    withConfig((config) =>
      withContext(config, async (context) => {
        const rotation = context.get(KeyRotationService);
        const cause = ChangeContext.ofSystem('command_line');
        const keys = emergency ? await rotation.replace(cause) : await rotation.rotate(cause);
        for (const key of keys) {
          const what = key instanceof EventSigningKey ? 'security events' : 'access tokens';
          say(`${key.kid}  ${key.alg}  ${key.status.padEnd(9)}  signs ${what} from ${key.activatesAt.toISOString()}`);
        }
        return 0;
      }),
    ),
};
