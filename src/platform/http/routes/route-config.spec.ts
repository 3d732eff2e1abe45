import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { describe, expect, it } from 'vitest';
import type { BodyType } from '../request/body-types.js';
import { TakesLong } from '../answer-limit.js';
import { ConfigureRoute } from './route-config.js';

const bodyOf = (mediaType: string): BodyType => ({ mediaType, parse: String });
const [controllers, own] = [bodyOf('text/a'), bodyOf('text/b')];

@ConfigureRoute({ bodyType: controllers })
class Routes {
  plain(): void {}

  @ConfigureRoute({ bodyType: own })
  @TakesLong()
  particular(): void {}
}

class OtherRoutes {
  plain(): void {}
}

const configOf = (handler: object): unknown => Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler);

describe('the configuration of a route', () => {
  it('is that of its controller', () => expect(configOf(Routes.prototype.plain)).toEqual({ bodyType: controllers }));

  it('has what the route itself says instead, and all of it', () =>
    expect(configOf(Routes.prototype.particular)).toEqual({ bodyType: own, takesLong: true }));

  it('is not that of another controller', () => {
    expect(configOf(OtherRoutes.prototype.plain)).toBeUndefined();
    expect(configOf(Routes)).toBeUndefined();
  });
});
