import { readFile } from 'node:fs/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { problemResponses, ProblemView, type ApiSecuritySchemes, type ApiTag } from '../../../common/api.decorators.js';
import { AppError, type ErrorCode } from '../../../common/errors.js';
import { describeBodies } from './openapi-bodies.js';

const DESCRIPTION = `Sign people in, and give them access tokens that any service verifies by itself.

**Try it here:** run *Sign-in → \`POST /auth/login\`*. Its answer signs this page in: every further call carries the
access token, without copy and paste. \`POST /auth/refresh\` renews it the same way, and \`POST /auth/logout\` signs the
page out. For *OAuth*, give the id and a secret of a service account to **Authorize**.

Errors are problems (RFC 9457); decide by \`code\`.`;

const GUIDES = '/docs/guides';
const guideOf = (name: string) => ({ url: `${GUIDES}/${name}.md`, description: 'Guide' });

/** The parts of the OpenAPI document beside the operations of controllers. */
export interface OpenApiParts {
  version: string;
  tags: readonly ApiTag[];
  securitySchemes: ApiSecuritySchemes;
  /** The paths of routes outside of controllers. */
  paths: OpenAPIObject['paths'];
}

/** Creates the OpenAPI document of everything that the application serves. */
export function createOpenApi(
  app: NestFastifyApplication,
  { version, tags, securitySchemes, paths }: OpenApiParts,
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Countersign')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    // The address from which the document was fetched.
    .addServer('/');
  for (const [name, scheme] of Object.entries(securitySchemes)) builder.addSecurity(name, scheme);
  for (const { name, description, guide } of tags)
    builder.addTag(name, description, guide ? guideOf(guide) : undefined);
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
  describeBodies(document);
  return document;
}

interface DocumentedOperation {
  responses: Record<string, { description: string; content?: Record<string, { schema?: object; examples?: object }> }>;
  security?: object[];
  'x-public'?: true | 'by setting';
  'x-roles'?: string[];
  'x-error-content'?: Record<string, { schema: object }>;
}

/**
 * The problems that every request may meet before its route: a body that is no JSON, a header that is too long, a
 * limit.
 */
const ANYWHERE = {
  description: 'Any other problem: see `docs/errors.md`.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemView' } } },
};

/** Adds the answers that follow from `@Public()`, `@PublicWhile()`, `@Roles()` and `@ApiErrorContent()` to an operation. */
function addCommonAnswers(method: string, operation: DocumentedOperation): void {
  const codes: ErrorCode[] = [];
  if (operation['x-public'] === true) {
    operation.security ??= [];
  } else {
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
  operation.responses['4XX'] = {
    ...ANYWHERE,
    content: { ...operation['x-error-content'], ...ANYWHERE.content },
  };
  delete operation['x-error-content'];
}

export interface Docs {
  create: () => OpenAPIObject;
  /** More options of Swagger UI: values, and functions that run in its page. */
  options: object;
  /** The folder of the guides, Markdown files that are served as they are. */
  guides: URL;
}

/** Serves Swagger UI at `/docs` and the document at `/docs-json`; both are built at the first request. */
export function serveDocs(app: NestFastifyApplication, { create, guides, options }: Docs): void {
  const fastify = app.getHttpAdapter().getInstance();
  allowScripts(fastify);
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= create()), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'Countersign API',
    customCss: STYLE,
    swaggerOptions: {
      ...options,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      filter: true,
      docExpansion: 'none',
      defaultModelsExpandDepth: 0,
      syntaxHighlight: { theme: 'nord' },
    },
  });
  fastify.get<{ Params: { name: string } }>(`${GUIDES}/:name`, async ({ params: { name } }, reply) => {
    const text = /^[a-z-]+\.md$/.test(name) ? await readFile(new URL(name, guides), 'utf8').catch(() => null) : null;
    if (text === null) throw new AppError('not_found');
    return reply.type('text/plain; charset=utf-8').send(text);
  });
}

/** Gives the routes of the page a content security policy of their own, after the common one. */
function allowScripts(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/docs' || route.url.startsWith('/docs/'))
      route.onRequest = [route.onRequest ?? [], setDocsPolicy].flat();
  });
}

const setDocsPolicy: onRequestHookHandler = (_request, reply, done) => {
  reply.header('Content-Security-Policy', DOCS_CSP);
  done();
};

// Hides parts without use here: the vendor's bar, the column of links, a button that leaves "try it out".
const STYLE = `
.swagger-ui .topbar, .swagger-ui .response-col_links, .swagger-ui .try-out { display: none }
.swagger-ui .info { margin: 32px 0 8px }
.swagger-ui .scheme-container { margin: 0; padding: 0 0 8px; background: none; box-shadow: none }
.swagger-ui textarea.body-param__text { min-height: 120px }
`;

// Swagger UI styles its elements inline and draws its icons from data URLs; its scripts all come from here.
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
