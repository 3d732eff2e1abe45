import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { accessOf, Public, Roles, Scopes } from './access.decorators.js';

class Plain {
  plain() {}

  @Public()
  open() {}

  @Roles('admin')
  @Scopes('a', 'b')
  demanding() {}

  @Public()
  @Roles('admin')
  contradictory() {}
}

@Public()
class Open extends Plain {}

@Roles('clerk')
@Scopes('c')
class Demanding extends Plain {}

const access = (controller: typeof Plain, route: keyof Plain) =>
  accessOf(new Reflector(), { getClass: () => controller as never, getHandler: () => Plain.prototype[route] });

describe('who may call a route', () => {
  it.each([
    ['plain', {}],
    ['open', 'public'],
    ['demanding', { roles: ['admin'], scopes: ['a', 'b'] }],
    ['contradictory', { roles: ['admin'] }],
  ] as const)('in a plain controller: %s', (route, expected) => expect(access(Plain, route)).toEqual(expected));

  it.each([
    ['plain', 'public'],
    ['open', 'public'],
    ['demanding', { roles: ['admin'], scopes: ['a', 'b'] }],
  ] as const)('in a public controller: %s', (route, expected) => expect(access(Open, route)).toEqual(expected));

  it.each([
    ['plain', { roles: ['clerk'], scopes: ['c'] }],
    ['open', 'public'],
    ['contradictory', { roles: ['admin'], scopes: ['c'] }],
  ] as const)('in a controller that asks: %s', (route, expected) => expect(access(Demanding, route)).toEqual(expected));
});
