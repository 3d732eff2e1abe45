import type { ApiTag } from '../common/api.decorators.js';

export const AUDIT_TAG: ApiTag = {
  name: 'Audit',
  description: 'For the roles `admin` and `auditor`; what concerns oneself, for everybody.',
  guide: 'audit',
};
