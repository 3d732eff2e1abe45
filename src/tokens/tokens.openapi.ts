import type { ApiSecuritySchemes } from '../common/api.decorators.js';

export const BEARER_SECURITY: ApiSecuritySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token.' },
};
