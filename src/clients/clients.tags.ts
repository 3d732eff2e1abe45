import type { ApiTag } from '../common/api.decorators.js';

export const SERVICE_ACCOUNTS_TAG: ApiTag = {
  name: 'Service accounts',
  description: 'How services prove who they are, and what they may ask for. For the role `admin`.',
  guide: 'services',
};
