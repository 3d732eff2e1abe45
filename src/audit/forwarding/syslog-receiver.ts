import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import type { AuditReceiver, ForwardedEvent } from './audit-receiver.js';
import { syslogFrame } from './syslog-message.js';

/** How long a batch may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Sends events by syslog over TLS (RFC 5425). Syslog acknowledges nothing: so each batch has a connection of its own, and it
 * counts as accepted once the receiver has closed that in answer to our end, which it does when it has read everything.
 */
@Injectable()
export class SyslogReceiver implements AuditReceiver {
  readonly id = 'syslog';
  private readonly host: string;

  constructor(private readonly config: Config) {
    this.host = new URL(config.publicUrl).hostname;
  }

  get isConfigured(): boolean {
    return this.config.auditForwardSyslog !== null;
  }

  async send(events: readonly ForwardedEvent[], closing: AbortSignal): Promise<void> {
    const { auditForwardSyslog: target, auditForwardSyslogCa: ca } = this.config;
    const { hostname, port } = new URL(target!);
    const options: ConnectionOptions = {
      host: hostname.replaceAll(/^\[|\]$/g, ''),
      port: Number(port || '6514'),
      minVersion: 'TLSv1.2',
      ...(ca !== null && { ca: readFileSync(ca) }),
    };
    await deliver(connect(options), events.map((event) => syslogFrame(event, this.host)).join(''), closing);
  }
}

/** Writes everything, ends, and waits for the end of the receiver. */
function deliver(socket: TLSSocket, text: string, closing: AbortSignal): Promise<void> {
  const delivered = new Promise<void>((resolve, reject) => {
    let isWritten = false;
    const stop = (): void => void socket.destroy(new Error('no answer in time'));
    const timer = setTimeout(stop, TIMEOUT_MS);
    closing.addEventListener('abort', stop);
    socket.once('close', () => {
      clearTimeout(timer);
      closing.removeEventListener('abort', stop);
      reject(new Error('the connection was closed before everything was read'));
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => socket.end(text, () => (isWritten = true)));
    // An end before our own leaves the promise to the close, which rejects it.
    socket.once('end', () => (isWritten ? resolve() : undefined));
    socket.resume();
    if (closing.aborted) stop();
  });
  return delivered.finally(() => socket.destroy());
}
