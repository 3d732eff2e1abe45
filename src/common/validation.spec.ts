import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { AppError, type FieldFault } from './errors.js';
import { Excludes, IsEmailAddress, IsPasswordText, IsText, validateBody } from './validation.js';

class NestedDto {
  @IsText({ max: 5 })
  inner: string;
}

class SampleDto {
  @IsText({ min: 2, max: 4 })
  name: string;

  @IsOptional()
  @IsEmailAddress()
  email?: string;

  @IsOptional()
  @IsPasswordText()
  password?: string;

  @IsOptional()
  @IsInt()
  howMany?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => NestedDto)
  nested?: NestedDto;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsString({ each: true })
  tags?: string[];

  @IsOptional()
  @IsString()
  @MaxLength(5)
  count?: string;

  @IsOptional()
  @IsString()
  one?: string | null;

  @IsOptional()
  @IsString()
  @Excludes('one')
  other?: string | null;
}

async function faultsOf(body: unknown): Promise<FieldFault[]> {
  const error: unknown = await validateBody(SampleDto, body).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return [];
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe('invalid_request');
  return (error as AppError).errors!;
}
const fieldsOf = async (body: unknown) => (await faultsOf(body)).map(({ field }) => field);

describe('IsText', () => {
  it.each(['ab', 'abcd', 'üü', '🦊🦊🦊🦊', 'a b', ' a '])('admits %j', async (name) =>
    expect(await faultsOf({ name })).toEqual([]),
  );

  it.each([
    ['too short', 'a'],
    ['empty', ''],
    ['too long', 'abcde'],
    ['too many code points', '🦊🦊🦊🦊🦊'],
    ['one code point in two units', '🦊'],
    ['a null character', 'a\u0000b'],
    ['a line end', 'a\nb'],
    ['a C1 control', 'a\u0085b'],
    ['a lone surrogate', 'a\ud800'],
    ['a number', 42],
    ['null', null],
    ['a list', ['ab']],
    ['an object that claims to be text', { length: 2 }],
  ])('refuses %s', async (_, name) => expect(await fieldsOf({ name })).toEqual(['name']));
});

describe('IsPasswordText', () => {
  it.each(['x', 'a\u0000b\n', 'x'.repeat(1024)])('admits whatever a password may once have been', async (password) =>
    expect(await faultsOf({ name: 'ab', password })).toEqual([]),
  );

  it.each(['', 'x'.repeat(1025), '\udc00', 1, ['x'], { length: 5 }])('refuses %j', async (password) =>
    expect(await fieldsOf({ name: 'ab', password })).toEqual(['password']),
  );
});

describe('IsEmailAddress', () => {
  it('admits an address as typed, and leaves it so', async () => {
    const { email } = await validateBody(SampleDto, { name: 'ab', email: 'Alice@Example.COM' });
    expect(email).toBe('Alice@Example.COM');
  });

  it.each(['alice', 'alice@localhost', '', 1, ['alice@example.com'], { toString: 'x' }])('refuses %j', async (email) =>
    expect(await faultsOf({ name: 'ab', email })).toEqual([
      { field: 'email', code: 'email', message: 'email must be an e-mail address' },
    ]),
  );
});

describe('a body', () => {
  it('becomes an instance of its class', async () => {
    expect(await validateBody(SampleDto, { name: 'ab' })).toBeInstanceOf(SampleDto);
  });

  it('is answered with all its faults at once, one a field', async () => {
    const body = { name: 1, email: 'x', howMany: 'x', nested: { inner: 'too long' } };
    expect(await fieldsOf(body)).toEqual(['name', 'email', 'howMany', 'nested/inner']);
  });

  it('is told of a field that is absent that it is required, and of others what they must be at all', async () => {
    expect(await faultsOf({ nested: {}, tags: 'x', count: 5 })).toEqual([
      { field: 'name', code: 'required', message: 'name is required' },
      { field: 'nested/inner', code: 'required', message: 'inner is required' },
      { field: 'tags', code: 'is_array', message: 'tags must be an array' },
      { field: 'count', code: 'is_string', message: 'count must be a string' },
    ]);
  });

  it.each([
    [[], 'an array'],
    [[{ name: 'ab' }], 'an array'],
    ['text', 'a string'],
    [1, 'a number'],
    [true, 'a boolean'],
  ])('as %j is called %s', async (body, kind) => {
    const message = `the body must be a JSON object, and is ${kind}`;
    expect(await faultsOf(body)).toEqual([{ field: '', code: 'object', message }]);
  });

  it('is told which of two to send where they exclude each other', async () => {
    const both = await faultsOf({ name: 'ab', one: 'x', other: 'x' });
    expect(both).toEqual([
      { field: 'other', code: 'exclusive', message: 'other and one exclude each other: send one of them' },
    ]);
    for (const body of [{ one: 'x' }, { other: 'x' }, { one: null, other: 'x' }, { one: 'x', other: null }])
      expect(await faultsOf({ name: 'ab', ...body })).toEqual([]);
  });

  it('names faults in the words of the wire', async () => {
    const faults = await faultsOf({ name: 'ab', howMany: 'many' });
    expect(faults).toEqual([{ field: 'howMany', code: 'is_int', message: 'howMany must be an integer number' }]);
  });

  it.each(['isAdmin', 'roles', '$ne'])('has no property that the class does not: %s', async (key) => {
    expect(await faultsOf({ name: 'ab', [key]: true })).toEqual([
      { field: key, code: 'whitelist_validation', message: 'is not a known property' },
    ]);
    expect(await fieldsOf({ name: 'ab', nested: { inner: 'x', [key]: true } })).toEqual([`nested/${key}`]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('gives its instance no %s', async (key) => {
    const body: unknown = JSON.parse(`{"name":"ab","${key}":{"email":"eve@example.com"}}`);
    const dto = await validateBody(SampleDto, body).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      return new SampleDto();
    });
    expect(Object.hasOwn(dto, key)).toBe(false);
    expect(dto).toBeInstanceOf(SampleDto);
    expect(dto.email).toBeUndefined();
  });

  it('never has its values repeated', async () => {
    const faults = await faultsOf({
      name: 'S3cret-value',
      email: 'S3cret-value',
      password: '',
      howMany: 'S3cret-value',
    });
    expect(faults).toHaveLength(4);
    expect(JSON.stringify(faults)).not.toContain('S3cret');
  });

  it.each([undefined, null, {}])('lacks what it must have as %j', async (body) =>
    expect(await fieldsOf(body)).toEqual(['name']),
  );

  it.each([['text'], [1], [true], [[]], [[{ name: 'ab' }]]])('is not %j', async (body) => {
    await expect(validateBody(SampleDto, body)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
