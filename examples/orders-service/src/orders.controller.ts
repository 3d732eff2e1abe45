import { BadRequestException, Body, Controller, Get, Post } from '@nestjs/common';
import type { Principal } from '@countersign/client';
import { CurrentPrincipal, Public, Roles } from '@countersign/client/nest';
import { OrdersService, type Order } from './orders.service.js';

@Controller()
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get('orders')
  list(@CurrentPrincipal() { subject }: Principal): Order[] {
    return this.orders.of(subject);
  }

  @Post('orders')
  place(@CurrentPrincipal() { subject }: Principal, @Body() body: { article?: unknown }): Order {
    if (typeof body?.article !== 'string') throw new BadRequestException('article must be a text');
    return this.orders.place(subject, body.article);
  }

  @Roles('admin')
  @Get('statistics')
  statistics(): { orders: number } {
    return { orders: this.orders.count() };
  }

  @Public()
  @Get('health')
  health(): string {
    return 'ok';
  }
}
