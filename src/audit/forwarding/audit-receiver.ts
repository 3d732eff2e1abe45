/** A further system that keeps the audit log. */
export interface AuditReceiver {
  readonly id: string;
  /** Whether the operator has named one. */
  readonly isConfigured: boolean;
  /** Sends events, each as a line of JSON. Resolves once the receiver has them, and rejects where that is not certain. */
  send(events: readonly ForwardedEvent[], closing: AbortSignal): Promise<void>;
}

/** An event as it goes out. */
export interface ForwardedEvent {
  readonly seq: number;
  readonly at: Date;
  readonly name: string;
  readonly failed: boolean;
  /** The event by OCSF, in JSON without characters beyond ASCII. */
  readonly json: string;
}
