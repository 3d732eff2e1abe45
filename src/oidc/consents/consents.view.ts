import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../../common/pagination.js';

/** An application that has access to the account. */
export class ConsentView {
  @ApiProperty({ example: 'svc_q3kXlN0bJ1cAb9-Z' })
  client_id: string;

  /** @example Portal */
  name: string;

  @ApiProperty({ type: [String], example: ['openid', 'email'] })
  scopes: string[];

  @ApiProperty({ type: [String], example: ['api'] })
  audiences: string[];

  granted_at: Date;
}

export class ConsentsView extends Page {
  items: ConsentView[];
}
