import type { ApiTag } from '../common/api.decorators.js';

export const GATEWAYS_TAG: ApiTag = {
  name: 'Gateways',
  description: 'For what stands in front of services, and asks before it passes a request on.',
  guide: 'gateways',
};
