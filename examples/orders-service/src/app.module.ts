import { Module, type DynamicModule } from '@nestjs/common';
import { CountersignModule } from '@countersign/client/nest';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({})
export class AppModule {
  /** `issuer`: the public URL of Countersign. All that this service needs to know of it. */
  static forIssuer(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [CountersignModule.forRoot({ issuer, audience: 'api' })],
      controllers: [OrdersController],
      providers: [OrdersService],
    };
  }
}
