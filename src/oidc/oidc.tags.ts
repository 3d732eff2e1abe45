import type { ApiTag } from '../common/api.decorators.js';

export const SINGLE_SIGN_ON_TAG: ApiTag = {
  name: 'Single sign-on',
  description: 'Countersign as an OpenID provider: sign people in to applications.',
  guide: 'single-sign-on',
};
