import { Foundation1795400000000 } from './1795400000000-foundation.js';
import { RevocationFeed1795420000000 } from './1795420000000-revocation-feed.js';
import { SharedSignals1795430000000 } from './1795430000000-shared-signals.js';
import { ProofOfPossession1795440000000 } from './1795440000000-proof-of-possession.js';
import { Clients1795450000000 } from './1795450000000-clients.js';
import { WorkloadIdentities1795460000000 } from './1795460000000-workload-identities.js';
import { ApiKeys1795470000000 } from './1795470000000-api-keys.js';
import { CaseFolding1795480000000 } from './1795480000000-case-folding.js';
import { JobLeases1795490000000 } from './1795490000000-job-leases.js';
import { RefreshReplay1795500000000 } from './1795500000000-refresh-replay.js';
import { SignalReceivers1795510000000 } from './1795510000000-signal-receivers.js';
import { EventSigningKeys1795520000000 } from './1795520000000-event-signing-keys.js';
import { TemporaryPasswords1795530000000 } from './1795530000000-temporary-passwords.js';
import { SessionsOfAnyClient1795560000000 } from './1795560000000-sessions-of-any-client.js';
import { SessionParentsIndex1795570000000 } from './1795570000000-session-parents-index.js';
import { Outbox1795580000000 } from './1795580000000-outbox.js';
import { OneTimeValues1795590000000 } from './1795590000000-one-time-values.js';
import { Audit1795610000000 } from './1795610000000-audit.js';
import { Mail1795600000000 } from './1795600000000-mail.js';
import { Impersonations1795640000000 } from './1795640000000-impersonations.js';
import { SecondFactors1795700000000 } from './1795700000000-second-factors.js';
import { Invitations1795800000000 } from './1795800000000-invitations.js';
import { AuditForwarding1796000000000 } from './1796000000000-audit-forwarding.js';
import { SingleSignOnClients1796100000000 } from './1796100000000-single-sign-on-clients.js';
import { Consents1796110000000 } from './1796110000000-consents.js';
import { PushedRequests1796120000000 } from './1796120000000-pushed-requests.js';

/** All migrations, oldest first. They only add, so that the previous version keeps running on the new schema. */
export const MIGRATIONS = [
  Foundation1795400000000,
  RevocationFeed1795420000000,
  SharedSignals1795430000000,
  ProofOfPossession1795440000000,
  Clients1795450000000,
  WorkloadIdentities1795460000000,
  ApiKeys1795470000000,
  CaseFolding1795480000000,
  JobLeases1795490000000,
  RefreshReplay1795500000000,
  SignalReceivers1795510000000,
  EventSigningKeys1795520000000,
  TemporaryPasswords1795530000000,
  SessionsOfAnyClient1795560000000,
  SessionParentsIndex1795570000000,
  Outbox1795580000000,
  OneTimeValues1795590000000,
  Mail1795600000000,
  Audit1795610000000,
  Impersonations1795640000000,
  SecondFactors1795700000000,
  Invitations1795800000000,
  AuditForwarding1796000000000,
  SingleSignOnClients1796100000000,
  Consents1796110000000,
  PushedRequests1796120000000,
];
