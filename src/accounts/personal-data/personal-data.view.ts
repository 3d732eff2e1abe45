import { ApiProperty } from '@nestjs/swagger';

const rows = { type: 'array', items: { type: 'object', additionalProperties: true } } as const;

type Rows = Record<string, unknown>[];

/** Everything that is held on a person, without secrets and their hashes. The audit log has an export of its own. */
export class PersonalDataView {
  exported_at: Date;

  @ApiProperty(rows)
  account: Rows;

  /** When the password was set; empty where there is none. */
  @ApiProperty(rows)
  password: Rows;

  @ApiProperty(rows)
  sessions: Rows;

  @ApiProperty(rows)
  personal_access_tokens: Rows;

  @ApiProperty(rows)
  authenticator_apps: Rows;

  /** The number of unused recovery codes. */
  @ApiProperty({ type: 'integer', example: 10 })
  recovery_codes: number;

  /** The applications that have access. */
  @ApiProperty(rows)
  consents: Rows;

  /** Access tokens of the person that administrators got, until they have expired. */
  @ApiProperty(rows)
  impersonations: Rows;

  @ApiProperty(rows)
  invitations: Rows;

  /** Links and codes that were sent by mail, with the address that they change to. */
  @ApiProperty(rows)
  mailed_links: Rows;
}
