import type { ApiTag } from '../common/api.decorators.js';

export const SIGN_IN_TAG: ApiTag = {
  name: 'Sign-in',
  description: 'Register, sign in, stay signed in, sign out.',
  guide: 'browsers',
};
