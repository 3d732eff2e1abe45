import { ApiProperty } from '@nestjs/swagger';

/** Status List Aggregation (Token Status List 9.3). */
export class StatusListAggregationView {
  @ApiProperty({ type: [String], example: ['https://auth.example.com/status-lists/0'] })
  status_lists: string[];
}
