import type { ApiSecuritySchemes } from '../common/api.decorators.js';

export const CLIENT_SECURITY: ApiSecuritySchemes = {
  client: { type: 'http', scheme: 'basic', description: 'Id and secret of a service account.' },
};
