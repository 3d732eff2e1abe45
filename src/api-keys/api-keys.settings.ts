import { scopes } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const API_KEYS_SETTINGS = section({
  personalTokenScopes: scopes('PERSONAL_TOKEN_SCOPES', {
    fallback: '',
    doc: 'The scopes that people may give their personal access tokens. Name none that a service takes for the permission of an administrator: everybody who has an account may have them.',
  }),
});
