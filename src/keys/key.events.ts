/** Inside the transaction of its cause: a key has leaked, and nothing that it signed may pass any more. */
export class SigningKeyRevoked {
  constructor(readonly kid: string) {}
}
