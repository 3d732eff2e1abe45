import {
  ConfigurableModuleBuilder,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { createVerifier, type Verifier, type VerifierOptions } from '../index.js';
import { METADATA_HEADERS } from '../protected-resource.js';
import { CountersignGuard, VERIFIER } from './countersign.guard.js';

export interface CountersignModuleOptions extends VerifierOptions {
  /**
   * Whether the application starts only after the verifier has the keys and the revocations. By default it starts at
   * once, and answers 503 until the issuer has been reached.
   */
  awaitReady?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<CountersignModuleOptions>({
  optionsInjectionToken: Symbol.for('countersign:options'),
})
  .setClassMethodName('forRoot')
  .build();

/** The options of the module, for tests that override them with those of a test issuer. */
export const COUNTERSIGN_OPTIONS = MODULE_OPTIONS_TOKEN;

async function openVerifier({ awaitReady, ...options }: CountersignModuleOptions): Promise<Verifier> {
  const verifier = createVerifier(options);
  if (!awaitReady) return verifier;
  try {
    await verifier.ready();
    return verifier;
  } catch (error) {
    await verifier.close();
    throw error;
  }
}

/**
 * Closes every route to requests without a valid access token, except those that are `@Public()`. With the option `resource`
 * it also serves the metadata of the service (RFC 9728).
 *
 * @example
 * CountersignModule.forRoot({ issuer: 'https://auth.example.com', audience: 'api' })
 */
@Global()
@Module({
  providers: [
    { provide: VERIFIER, useFactory: openVerifier, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: APP_GUARD, useClass: CountersignGuard },
  ],
  exports: [VERIFIER],
})
export class CountersignModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(VERIFIER) private readonly verifier: Verifier,
    private readonly host: HttpAdapterHost,
  ) {
    super();
  }

  /**
   * Serves the metadata. It is not in a controller, because a prefix of the application's routes would move it away
   * from its standard path.
   */
  onModuleInit(): void {
    const { protectedResource: resource } = this.verifier;
    const { httpAdapter } = this.host;
    if (!resource) return;
    httpAdapter.get(resource.path, (_request: unknown, response: unknown) => {
      for (const [name, value] of Object.entries(METADATA_HEADERS)) httpAdapter.setHeader(response, name, value);
      httpAdapter.reply(response, JSON.stringify(resource.metadata), 200);
    });
  }

  // Requests under way need the verifier until the server has closed.
  async onApplicationShutdown(): Promise<void> {
    await this.verifier.close();
  }
}
