import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponses } from '../common/api.decorators.js';
import { VERDICT_PATH } from './verdict-path.js';
import { NO_IDENTITY } from './identity.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const IDENTITY: Record<keyof typeof NO_IDENTITY, string> = {
  'X-Auth-Subject': 'The user (`sub`).',
  'X-Auth-Actor': 'The person or service that acts for the user (`act.sub`); empty where nobody does.',
  'X-Auth-Session': 'The session (`sid`).',
  'X-Auth-Client': 'The client that the token was issued to (`client_id`).',
  'X-Auth-Roles': 'The roles, comma-separated.',
  'X-Auth-Scope': 'The scopes, space-separated.',
  'X-Auth-Email': 'The e-mail address.',
  Authorization:
    'The access token that a cookie or an API key was exchanged for; not there where the client sent a token itself.',
};

const parameter = (name: string, description: string, schema: object): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const TEXTS = { type: 'array', items: { type: 'string' } };

const PARAMETERS = [
  parameter('role', 'The token must carry all of these roles.', TEXTS),
  parameter('scope', 'The token must carry all of these scopes; a value may hold several, parted by spaces.', TEXTS),
  parameter('aud', 'The token must be meant for all of these audiences.', TEXTS),
  parameter('preflight', 'CORS preflights pass without an identity.', { type: 'string', enum: ['allow'] }),
  parameter('on_denied', 'Browsers without an identity get 302 to `SIGN_IN_URL` instead of 401.', {
    type: 'string',
    enum: ['redirect'],
  }),
  parameter('for', 'Ends the requirements: what follows is the URL of the client, and is not read.', {
    type: 'string',
  }),
];

const operation = (summary: string, id: string, parameters: Parameter[]): Operation => ({
  operationId: `Gateway_${id}`,
  summary,
  description:
    'By any method; a body is ignored. See `docs/gateways.md` for the gateways that ask, and for how. Values are percent-encoded UTF-8, and empty where there is nothing.',
  tags: ['Gateways'],
  parameters,
  security: [{ bearer: [] }, { cookie: [] }],
  responses: {
    200: {
      description: 'Let the request pass, with these headers in place of what the client sent under their names.',
      headers: Object.fromEntries(
        Object.entries(IDENTITY).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
      ),
    },
    ...Object.fromEntries(
      problemResponses([
        'token_missing',
        'token_invalid',
        'token_revoked',
        'forbidden',
        'csrf_refused',
        'no_verdict',
      ]).map(({ status, ...response }) => [status, response]),
    ),
  },
});

/** The verdict endpoint in the OpenAPI document, which needs one method for each route. */
export const VERDICT_PATHS: OpenAPIObject['paths'] = {
  [VERDICT_PATH]: { get: operation('The verdict on a request that a gateway holds.', 'verify', PARAMETERS) },
  [`${VERDICT_PATH}/{path}`]: {
    get: operation(
      "The same for gateways that append the client's path and query: of the query, only requirements count.",
      'verifyBelow',
      [{ name: 'path', in: 'path', required: true, schema: { type: 'string' } }, ...PARAMETERS.slice(0, 3)],
    ),
  },
};
