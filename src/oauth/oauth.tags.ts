import type { ApiTag } from '../common/api.decorators.js';

export const OAUTH_TAG: ApiTag = {
  name: 'OAuth',
  description: 'For service accounts: RFC 6749 and what builds on it.',
  guide: 'services',
};
