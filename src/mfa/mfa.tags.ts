import type { ApiTag } from '../common/api.decorators.js';

export const MFA_TAG: ApiTag = {
  name: 'Second factor',
  description: 'Authenticator apps and recovery codes, and the second step of a sign-in.',
  guide: 'mfa',
};
