import { Injectable, Logger } from '@nestjs/common';
import { SsrfSafeHttpClient } from '../../platform/http-client/ssrf-safe-http-client.js';
import { DeliveryService } from './delivery.service.js';
import type { Sent } from '../../platform/outbox/deliver-in-order.js';
import { Outbox, type ClaimedStream } from './outbox.js';
import { outcomeOf, type PushOutcome } from './push-outcome.js';
import type { SignalEvent } from '../events/security-event.js';
import { SetSigner } from '../events/set-signer.js';

/** Pushes one event to its receiver (RFC 8935 section 2). */
@Injectable()
export class PushClient {
  private readonly logger = new Logger(PushClient.name);

  constructor(
    private readonly http: SsrfSafeHttpClient,
    private readonly deliveries: DeliveryService,
    private readonly signer: SetSigner,
    private readonly outbox: Outbox,
  ) {}

  async push(stream: ClaimedStream, signal: SignalEvent, abort: AbortSignal): Promise<Sent> {
    const result = await this.send(stream, signal, abort);
    if (result.outcome === 'failed') return { failure: result.why };
    if (!(await this.outbox.settle(stream, signal.id))) return 'lease lost';
    if (result.outcome === 'refused') {
      this.logger.warn({ event: 'signal_refused', stream: stream.id, jti: signal.id, err: result.why });
    }
    return 'settled';
  }

  private async send(stream: ClaimedStream, signal: SignalEvent, abort: AbortSignal): Promise<PushOutcome> {
    try {
      const { id, audience, signing_alg: signingAlg, endpoint_url: url, authorization_header: header } = stream;
      const authorization = this.deliveries.authorizationOf({ id, authorizationHeader: header });
      const headers = {
        'Content-Type': 'application/secevent+jwt',
        Accept: 'application/json',
        ...(authorization && { Authorization: authorization }),
      };
      const set = await this.signer.sign(signal, { audience, signingAlg });
      return outcomeOf(await this.http.post(url, headers, set, abort));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { outcome: 'failed', why: code === 'ABORT_ERR' ? 'no answer in time' : (code ?? message) };
    }
  }
}
