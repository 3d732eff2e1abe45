import { Injectable } from '@nestjs/common';

export interface Order {
  readonly number: number;
  readonly article: string;
}

/** Orders in memory, by the user who placed them. */
@Injectable()
export class OrdersService {
  private readonly orders = new Map<string, Order[]>();

  of(user: string): Order[] {
    return this.orders.get(user) ?? [];
  }

  place(user: string, article: string): Order {
    const earlier = this.of(user);
    const order = { number: earlier.length + 1, article };
    this.orders.set(user, [...earlier, order]);
    return order;
  }

  count(): number {
    return [...this.orders.values()].reduce((sum, orders) => sum + orders.length, 0);
  }
}
