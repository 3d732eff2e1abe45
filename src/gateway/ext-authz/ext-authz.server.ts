import { Module, type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { StartFault } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { VerdictService } from '../verdict.service.js';
import { ExtAuthzController } from './ext-authz.controller.js';

const PACKAGE = 'envoy.service.auth.v3';

@Module({})
class ExtAuthzModule {
  static forRoot(config: Config, verdicts: VerdictService): DynamicModule {
    const providers = [
      { provide: Config, useValue: config },
      { provide: VerdictService, useValue: verdicts },
    ];
    return { module: ExtAuthzModule, controllers: [ExtAuthzController], providers };
  }
}

/**
 * Opens the gRPC port, as an application of its own that uses the verdict service of the HTTP application. So no gRPC
 * code is loaded where the port is off. Closing it ends each connection after its calls have been answered. Throws
 * {@link StartFault} where the port cannot be opened.
 */
export async function openExtAuthz(
  config: Config,
  verdicts: VerdictService,
  protoPath: string,
): Promise<INestMicroservice> {
  const { extAuthzHost: host, extAuthzPort: port } = config;
  const server = await NestFactory.createMicroservice<MicroserviceOptions>(ExtAuthzModule.forRoot(config, verdicts), {
    abortOnError: false,
    transport: Transport.GRPC,
    options: {
      package: PACKAGE,
      protoPath,
      url: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      gracefulShutdown: true,
      onLoadPackageDefinition: (definition: object) => answerUnreadable(definition as ServiceDefinitions),
    },
  });
  try {
    await server.listen();
  } catch (error) {
    throw new StartFault(`EXT_AUTHZ_PORT cannot be opened on EXT_AUTHZ_HOST: ${(error as Error).message}`);
  }
  return server;
}

type ServiceDefinitions = Record<string, { Check: { requestDeserialize: (bytes: Buffer) => object } }>;

// A check that cannot be parsed is refused. gRPC itself would answer with an error.
function answerUnreadable(definitions: ServiceDefinitions): void {
  const method = definitions[`${PACKAGE}.Authorization`]!.Check;
  const read = method.requestDeserialize;
  method.requestDeserialize = (bytes) => {
    try {
      return read(bytes);
    } catch {
      return {};
    }
  };
}
