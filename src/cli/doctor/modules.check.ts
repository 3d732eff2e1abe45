import { ConfigError, type Config } from '../../platform/config/config.js';
import { explainStartFault } from '../../start-fault.js';
import { withContext } from '../service-context.js';
import { fail, type Finding } from './finding.js';
import { checkKeys } from './keys.check.js';
import { checkOutboxes } from './outbox.check.js';

/** Examines what the modules of the service know. They start for that, which creates missing keys. */
export async function checkModules(config: Config): Promise<Finding[]> {
  try {
    return await withContext(config, async (context) => [
      ...(await checkKeys(context)),
      ...(await checkOutboxes(context)),
    ]);
  } catch (error) {
    const subject = error instanceof ConfigError ? 'settings' : 'keys';
    return [fail(subject, explainStartFault(error), 'The service does not start like this.')];
  }
}
