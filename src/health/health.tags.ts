import type { ApiTag } from '../common/api.decorators.js';

export const HEALTH_TAG: ApiTag = { name: 'Health', description: 'For operators.' };
