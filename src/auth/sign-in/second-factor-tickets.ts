import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { Transactions } from '../../platform/database/transactions.js';
import { cookieValuesOf } from '../../platform/http/request/cookies.js';
import { purposeOf } from '../../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import { decideSignIn, isSecondFactorDue, type ProvedUser } from './decide-sign-in.js';
import { SecondFactorMethods } from './second-factor-methods.js';
import { SIGN_IN_PATHS } from './sign-in-paths.js';
import type { SignInProof } from './sign-in-proof.js';

/** Seconds. */
const LIFETIME = 300;

/** The way in which the first step of a sign-in wants its session. */
export interface SignInBinding {
  readonly transport: 'token' | 'cookie';
  /** The thumbprint of the key in the DPoP proof of the first step; null without one. */
  readonly keyThumbprint: string | null;
}

interface StoredTicket extends SignInBinding {
  readonly credentialsVersion: number;
  readonly proofs: readonly (Omit<SignInProof, 'at'> & { readonly at: string })[];
}

/** A sign-in whose first step was right. It opens nothing but the second step. */
export interface SecondFactorTicket {
  readonly user: ProvedUser;
  readonly binding: SignInBinding;
  /** Uses the ticket up. Throws `mfa_token_invalid` where somebody else was first. */
  readonly consume: () => Promise<void>;
}

const MFA_TICKET = purposeOf<StoredTicket>({ name: 'mfa_ticket', lifetime: LIFETIME, codes: null });

const invalid = (reason: string): AppError => new AppError('mfa_token_invalid', { reason: `ticket: ${reason}` });

/** Issues and finds the tickets that lead from the first factor of a sign-in to the second. */
@Injectable()
export class SecondFactorTickets {
  private readonly cookie: string;
  private readonly attributes: string;

  constructor(
    config: Config,
    private readonly values: OneTimeValues,
    private readonly methods: SecondFactorMethods,
    private readonly transactions: Transactions,
  ) {
    const secure = config.publicUrl.startsWith('https:');
    this.cookie = secure ? '__Secure-countersign-mfa' : 'countersign-mfa';
    this.attributes = `; Max-Age=${LIFETIME}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  /**
   * Throws `mfa_required` with a ticket where the user has to show a second factor. Where a cookie is wanted, the ticket
   * works in this browser alone, which gets a cookie for it.
   */
  async requireFactor(user: ProvedUser, binding: SignInBinding, reply: FastifyReply): Promise<void> {
    if (!isSecondFactorDue(decideSignIn(user))) return;
    const { id: subject, credentialsVersion } = user;
    const proofs = user.proofs.map((proof) => ({ ...proof, at: proof.at.toISOString() }));
    const holder = binding.transport === 'cookie' ? this.bind(reply) : undefined;
    const value = { subject, data: { ...binding, credentialsVersion, proofs }, holder };
    const { id } = await this.transactions.run((manager) => this.values.issue(MFA_TICKET, value, manager));
    const methods = await this.methods.of(subject);
    throw new AppError('mfa_required', {
      reason: `sign-in: a second factor was expected, one was shown; there are ${methods.join(', ') || 'none'}`,
      members: { mfa_token: this.values.tokenOf(MFA_TICKET, id), methods, expires_in: LIFETIME },
    });
  }

  /** Finds the ticket of a token. Throws `mfa_token_invalid`; uses nothing up. */
  async find(token: string, request: Pick<FastifyRequest, 'headers'>): Promise<SecondFactorTicket> {
    const [held] = cookieValuesOf(request, this.cookie);
    const { value, refusal } = await this.values.findByToken(MFA_TICKET, token, held ? hashOf(held) : null);
    if (!value) throw invalid(refusal);
    const { subject: id, data } = value;
    const proofs = data.proofs.map((proof) => ({ ...proof, at: new Date(proof.at) }));
    const consume = async () => {
      const isFirst = await this.transactions.run((manager) => this.values.consume(value, manager));
      if (!isFirst) throw invalid('used');
    };
    const facts = { hasTemporaryPassword: false, awaitsVerification: false, hasSecondFactor: true };
    const user = { id, credentialsVersion: data.credentialsVersion, ...facts, proofs };
    return { user, binding: { transport: data.transport, keyThumbprint: data.keyThumbprint }, consume };
  }

  private bind(reply: FastifyReply): Buffer {
    const held = randomBytes(32).toString('base64url');
    for (const path of SIGN_IN_PATHS)
      reply.header('Set-Cookie', `${this.cookie}=${held}; Path=${path}${this.attributes}`);
    return hashOf(held);
  }
}

const hashOf = (held: string): Buffer => createHash('sha256').update(held).digest();
