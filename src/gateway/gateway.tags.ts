import type { ApiTag } from '../common/api.decorators.js';

export const GATEWAYS_TAG: ApiTag = {
  name: 'Gateways',
  description: 'For gateways in front of services, which ask before they pass a request on.',
  guide: 'gateways',
};
