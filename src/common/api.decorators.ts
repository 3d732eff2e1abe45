import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiExtension, ApiHeader, ApiProperty, ApiResponse, type DocumentBuilder } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from './errors.js';

/** A group of operations in the OpenAPI document. A controller names its group with `ApiTags`. */
export interface ApiTag {
  readonly name: string;
  readonly description: string;
  /** A guide of `docs/`, without `.md`. */
  readonly guide?: string;
}

/** The ways to authenticate in the OpenAPI document, by their names. A feature declares those that it accepts. */
export type ApiSecuritySchemes = Readonly<Record<string, Parameters<DocumentBuilder['addSecurity']>[1]>>;

/** One refused field. */
export class FieldFaultView {
  /** @example email */
  field: string;

  /** @example is_email */
  code: string;

  /** @example email must be an e-mail address */
  message: string;
}

/** A problem (RFC 9457). */
export class ProblemView {
  /** The address of the explanation. */
  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/problems/invalid_request' })
  type: string;

  @ApiProperty({ example: 'The request is not valid' })
  title: string;

  @ApiProperty({ type: 'integer', example: 400 })
  status: number;

  /** The stable code of the problem: let a program decide by it. */
  @ApiProperty({ enum: () => Object.keys(ERRORS), example: 'invalid_request' })
  code: string;

  @ApiProperty({ required: false })
  detail?: string;

  @ApiProperty({ type: [FieldFaultView], required: false })
  errors?: FieldFaultView[];

  /** The id of the request, which the log has too, beside the cause. */
  @ApiProperty({ example: 'q3kXlN0bJ1c' })
  request_id: string;
}

/**
 * Documents the problems that are particular to a route. `createOpenApi` adds those of every closed route: no token,
 * the wrong role, a database that cannot be reached.
 */
export function ApiProblems(...codes: ErrorCode[]) {
  return applyDecorators(...problemResponses(codes).map((response) => ApiResponse(response)));
}

/** Documents another form, by media type, in which errors of a route that are not listed may come too. */
export const ApiErrorContent = (content: Record<string, { schema: object }>) =>
  ApiExtension('x-error-content', content);

/** Documents a body by whole examples, where no request has all of the fields. Swagger UI offers them to start from. */
export function ApiExamples(type: Type, examples: Record<string, object>) {
  const named = Object.entries(examples).map(([summary, value]) => [summary, { value }] as const);
  return applyDecorators(ApiBody({ type, examples: Object.fromEntries(named) }));
}

/** Documents the header with which a client asks for tokens that are bound to its key (RFC 9449 section 5). */
export function ApiDpopProof() {
  return ApiHeader({
    name: 'DPoP',
    required: false,
    description: 'A proof of the key that the tokens are to be bound to (RFC 9449).',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$' },
  });
}

/** Groups problems as responses: one for each status, with one example for each code. */
export function problemResponses(codes: ErrorCode[]) {
  return [...Map.groupBy(codes, (code) => ERRORS[code].status)].map(([status, sameStatus]) => ({
    status,
    description: sameStatus.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join('\n\n'),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/ProblemView' },
        examples: Object.fromEntries(sameStatus.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  }));
}

const exampleOf = (code: ErrorCode) => ({
  type: `https://auth.example.com/problems/${code}`,
  title: ERRORS[code].title,
  status: ERRORS[code].status,
  code,
  request_id: 'q3kXlN0bJ1c',
});
