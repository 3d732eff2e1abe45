import { Injectable, Logger } from '@nestjs/common';
import { HttpClient } from '../platform/http-client/http-client.js';
import { DeliveryService } from './delivery.service.js';
import { Outbox, type ClaimedStream } from './outbox.js';
import { outcomeOf, type PushOutcome } from './push-outcome.js';
import type { SignalEvent } from './security-event.js';
import { SetSigner } from './set-signer.js';

/** Pushes one event to its receiver (RFC 8935 section 2). */
@Injectable()
export class PushClient {
  private readonly logger = new Logger(PushClient.name);

  constructor(
    private readonly http: HttpClient,
    private readonly deliveries: DeliveryService,
    private readonly signer: SetSigner,
    private readonly outbox: Outbox,
  ) {}

  /** Null where the event is settled, else why it is not. */
  async push(stream: ClaimedStream, signal: SignalEvent, abort: AbortSignal): Promise<string | null> {
    const result = await this.send(stream, signal, abort);
    if (result.outcome === 'failed') return result.why;
    await this.outbox.settle(stream.id, [signal.id]);
    if (result.outcome === 'refused') {
      this.logger.warn({ event: 'signal_refused', stream: stream.id, jti: signal.id, err: result.why });
    }
    return null;
  }

  private async send(stream: ClaimedStream, signal: SignalEvent, abort: AbortSignal): Promise<PushOutcome> {
    try {
      const authorization = this.deliveries.authorizationOf(stream);
      const headers = {
        'Content-Type': 'application/secevent+jwt',
        Accept: 'application/json',
        ...(authorization && { Authorization: authorization }),
      };
      const set = await this.signer.sign(signal, stream);
      return outcomeOf(await this.http.post(stream.endpointUrl, headers, set, abort));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { outcome: 'failed', why: code === 'ABORT_ERR' ? 'no answer in time' : (code ?? message) };
    }
  }
}
