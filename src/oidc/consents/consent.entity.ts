import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The access of an application that a person has consented to. */
@Entity('consents')
export class Consent {
  @PrimaryColumn({ type: 'uuid', name: 'user_id' })
  userId: string;

  @PrimaryColumn({ type: 'text', name: 'client_id' })
  clientId: string;

  @Column({ type: 'text', array: true })
  scopes: string[];

  @Column({ type: 'text', array: true })
  audiences: string[];

  @Column({ type: 'timestamptz', name: 'granted_at' })
  grantedAt: Date;
}
