import type { OpenAPIObject } from '@nestjs/swagger';
import { MAX_NAME_LENGTH } from '../../../common/json.js';
import { EXCLUSIVES, ignoresUnknown } from '../../../common/validation.js';

interface Operation {
  requestBody?: { required?: boolean; content: Record<string, { schema?: DocumentedSchema }> };
}

/** Describes in the document how the validation pipe treats bodies. */
export function describeBodies(document: OpenAPIObject): void {
  const schemas = (document.components?.schemas ?? {}) as Record<string, DocumentedSchema>;
  for (const [name, schema] of Object.entries(schemas)) {
    requireNoDefaults(schema);
    if (name.endsWith('Dto')) nameExclusives(schema);
  }
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as Operation[]) describeBody(operation, schemas);
  }
}

interface DocumentedSchema {
  $ref?: string;
  additionalProperties?: boolean;
  propertyNames?: object;
  properties?: Record<string, DocumentedSchema>;
  required?: string[];
  allOf?: DocumentedSchema[];
  not?: object;
}

/**
 * Describes one body: an absent body counts as an empty one, and no member of JSON is ignored unless the DTO says so.
 */
function describeBody({ requestBody }: Operation, schemas: Record<string, DocumentedSchema>): void {
  const { schema } = Object.values(requestBody?.content ?? {})[0] ?? {};
  const name = schema?.$ref?.split('/').at(-1);
  if (!name) return;
  requestBody!.required = schemas[name]!.required !== undefined;
  if (requestBody!.content['application/json']) close(name, schemas);
}

function close(name: string, schemas: Record<string, DocumentedSchema>): void {
  const schema = schemas[name]!;
  if (ignoresUnknown(name)) {
    schema.propertyNames = { maxLength: MAX_NAME_LENGTH };
    return;
  }
  schema.additionalProperties = false;
  for (const property of Object.values(schema.properties ?? {})) {
    const reference = property.$ref ?? property.allOf?.[0]?.$ref;
    if (reference) close(reference.split('/').at(-1)!, schemas);
  }
}

/** Describes two properties that exclude each other: a body does not have both, unless one is null. */
function nameExclusives(schema: DocumentedSchema): void {
  for (const pair of EXCLUSIVES) {
    if (!pair.every((name) => schema.properties?.[name])) continue;
    const given = Object.fromEntries(pair.map((name) => [name, { not: { type: 'null' } }]));
    schema.not = { required: pair, properties: given };
  }
}

/** Removes properties with a default from the required ones. */
function requireNoDefaults(schema: DocumentedSchema): void {
  const required = schema.required?.filter((name) => !('default' in (schema.properties?.[name] ?? {})));
  if (required && required.length > 0) schema.required = required;
  else delete schema.required;
}
