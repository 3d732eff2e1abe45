import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../system/support/service.js';
import { EMAIL, Shop } from './support/shop.js';

describe('the example for an app on a phone', () => {
  let shop: Shop;
  beforeAll(async () => void (shop = await Shop.open()));
  afterAll(() => shop?.close());

  it('refreshes once for calls at the same time, and forgets everything at sign-out', async () => {
    expect(await shop.run('mobile', 'main.mjs', EMAIL, PASSWORD)).toBe('200 200 200\nsigned out\n');
  });
});
