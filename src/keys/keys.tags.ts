import type { ApiTag } from '../common/api.decorators.js';

export const DISCOVERY_TAG: ApiTag = {
  name: 'Discovery',
  description: 'For services that verify tokens.',
  guide: 'revocation-feed',
};
export const KEY_ADMINISTRATION_TAG: ApiTag = { name: 'Key administration', description: 'For the role `admin`.' };
