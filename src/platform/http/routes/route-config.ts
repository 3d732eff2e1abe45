import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig } from 'fastify';

/**
 * Adds to the configuration of a route, or of all routes of a controller. Hooks and parsers find it in
 * `routeOptions.config`, also before the code of Nest runs. The configuration of a route replaces that of its
 * controller.
 */
export const ConfigureRoute =
  (config: FastifyContextConfig): MethodDecorator & ClassDecorator =>
  (target: object, _name?: string | symbol, method?: PropertyDescriptor): void => {
    for (const handler of method ? [method.value as object] : methodsOf(target as NewableFunction)) {
      const own = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as FastifyContextConfig | undefined;
      // The decorators of methods run before that of their class.
      Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...config, ...own }, handler);
    }
  };

const methodsOf = ({ prototype }: NewableFunction): object[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype as object))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([, { value }]) => value as object);
