import type { ApiTag } from '../common/api.decorators.js';

export const SHARED_SIGNALS_TAG: ApiTag = {
  name: 'Shared signals',
  description: 'For the role `admin`, and for receivers of security events.',
  guide: 'shared-signals',
};
