import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The password of a user, if they have one. */
@Entity('passwords')
export class Password {
  @PrimaryColumn({ type: 'uuid', name: 'user_id' })
  userId: string;

  /** PHC string or modular crypt format. */
  @Column({ type: 'text' })
  hash: string;

  /** Whether it is temporary: then it opens no session, and only allows to set another one. */
  @Column({ type: 'boolean', name: 'must_change' })
  mustChange: boolean;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}
