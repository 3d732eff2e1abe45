import type { ApiTag } from '../common/api.decorators.js';

export const ACCOUNTS_TAG: ApiTag = {
  name: 'Accounts',
  description: 'A forgotten password, and what else is proved by mail.',
  guide: 'accounts',
};
