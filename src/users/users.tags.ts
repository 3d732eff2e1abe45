import type { ApiTag } from '../common/api.decorators.js';

export const PROFILE_TAG: ApiTag = {
  name: 'Profile',
  description: 'What the signed-in user may read and change about themselves.',
};
export const USER_ADMINISTRATION_TAG: ApiTag = {
  name: 'User administration',
  description: 'For the role `admin`; what `support` may do as well says so.',
};
