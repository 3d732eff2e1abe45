import type { ApiTag } from '../common/api.decorators.js';

export const API_KEYS_TAG: ApiTag = {
  name: 'API keys',
  description: 'Personal access tokens, for programs that call services in your name.',
  guide: 'api-keys',
};
