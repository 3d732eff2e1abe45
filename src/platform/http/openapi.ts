import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { problemResponses, ProblemView } from '../../common/api.decorators.js';
import type { ErrorCode } from '../../common/errors.js';

const DESCRIPTION = `Sign people in, and give them access tokens that any service verifies by itself.

**Try it here:** run *Sign-in → \`POST /auth/login\`*. Its answer signs this page in: every further call carries the
access token, without copy and paste. \`POST /auth/refresh\` renews it the same way, and \`POST /auth/logout\` signs the
page out. For *OAuth*, give the id and a secret of a service account to **Authorize**.

Errors are problems (RFC 9457); decide by \`code\`.`;

/** The OpenAPI document of everything that the application serves; `paths` are those of routes outside of controllers. */
export function createOpenApi(
  app: NestFastifyApplication,
  version: string,
  paths: OpenAPIObject['paths'],
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Countersign')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token.' }, 'bearer')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'Id and secret of a service account.' }, 'client')
    .addCookieAuth(
      '__Host-countersign',
      {
        type: 'apiKey',
        in: 'cookie',
        description: 'The session of a browser; `countersign` where `PUBLIC_URL` is http.',
      },
      'cookie',
    )
    .addTag('Sign-in', 'Register, sign in, stay signed in, sign out.')
    .addTag('Profile', 'What the signed-in user may read and change about themselves.')
    .addTag('Sessions', 'The devices that are signed in.')
    .addTag('API keys', 'Personal access tokens, for programs that call services in your name.')
    .addTag('OAuth', 'For service accounts: RFC 6749 and what builds on it.')
    .addTag('Gateways', 'For what stands in front of services, and asks before it passes a request on.')
    .addTag('Discovery', 'For services that verify tokens.')
    .addTag('User administration', 'For the role `admin`.')
    .addTag('Service accounts', 'How services prove who they are, and what they may ask for. For the role `admin`.')
    .addTag('Key administration', 'For the role `admin`.')
    .addTag('Shared signals', 'For the role `admin`, and for receivers of security events.')
    .addTag('Problems', 'What an error means.')
    .addTag('Health', 'For operators.');
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [ProblemView],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations) as [string, DocumentedOperation][]) {
      addCommonAnswers(method, operation);
    }
  }
  Object.assign(document.paths, paths);
  return document;
}

interface DocumentedOperation {
  responses: Record<string, { description: string; content?: Record<string, { examples?: object }> }>;
  security?: object[];
  'x-public'?: true | 'by setting';
  'x-roles'?: string[];
}

/** What `@Public()`, `@PublicWhile()` and `@Roles()` mean for the answers of an operation. */
function addCommonAnswers(method: string, operation: DocumentedOperation): void {
  const codes: ErrorCode[] = [];
  if (operation['x-public'] !== true) {
    operation.security = [...(operation['x-public'] ? [{}] : []), { bearer: [] }, { cookie: [] }];
    codes.push('token_missing', 'token_invalid', 'token_revoked', 'unavailable');
    if (method !== 'get') codes.push('csrf_refused');
  }
  if (operation['x-roles']) codes.push('forbidden');
  delete operation['x-public'];
  for (const { status, ...response } of problemResponses(codes)) {
    const own = operation.responses[status];
    if (own) {
      own.description += `\n\n${response.description}`;
      Object.assign(
        own.content?.['application/problem+json']?.examples ?? {},
        response.content['application/problem+json'].examples,
      );
    } else {
      operation.responses[status] = response;
    }
  }
}

/** Serves Swagger UI at `/docs` and the document at `/docs-json`; both are built when first asked for. */
export function serveDocs(app: NestFastifyApplication, create: () => OpenAPIObject): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= create()), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'Countersign API',
    customCss: STYLE,
    swaggerOptions: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      syntaxHighlight: { theme: 'nord' },
      responseInterceptor: followSession,
    },
  });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url === '/docs' || request.url.startsWith('/docs/')) reply.header('Content-Security-Policy', DOCS_CSP);
    done();
  });
}

// Without what says nothing here: the vendor's bar, the column of links, a button that leaves "try it out".
const STYLE = `
.swagger-ui .topbar, .swagger-ui .response-col_links, .swagger-ui .try-out { display: none }
.swagger-ui .info { margin: 32px 0 8px }
.swagger-ui .scheme-container { margin: 0; padding: 0 0 8px; background: none; box-shadow: none }
.swagger-ui textarea.body-param__text { min-height: 120px }
`;

// Swagger UI styles its elements inline and draws its icons from data URLs; its scripts all come from here.
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The page is signed in by the answer to a login or refresh, and signed out by that to a logout.
 * Runs in the browser: its source text is what Swagger UI gets, so it may use nothing from here.
 */
function followSession(response: { ok: boolean; url: string; obj?: { access_token?: string } }) {
  const { ui } = globalThis as unknown as { ui?: SwaggerUi };
  const route = response.ok && /\/auth\/(login|refresh|logout)(?=$|\?)/.exec(response.url)?.[1];
  const token = response.obj?.access_token;
  if (route === 'logout') ui?.authActions.logout(['bearer']);
  else if (route && token) ui?.preauthorizeApiKey('bearer', token);
  return response;
}

interface SwaggerUi {
  preauthorizeApiKey(scheme: string, value: string): void;
  authActions: { logout(schemes: string[]): void };
}
