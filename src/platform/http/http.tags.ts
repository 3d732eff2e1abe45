import type { ApiTag } from '../../common/api.decorators.js';

export const PROBLEMS_TAG: ApiTag = { name: 'Problems', description: 'What an error means.' };
