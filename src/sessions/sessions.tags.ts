import type { ApiTag } from '../common/api.decorators.js';

export const SESSIONS_TAG: ApiTag = { name: 'Sessions', description: 'The devices that are signed in.' };
