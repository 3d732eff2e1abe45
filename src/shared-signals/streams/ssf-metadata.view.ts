import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_METHODS } from '../delivery/delivery.service.js';

class AuthorizationSchemeView {
  @ApiProperty({ example: 'urn:ietf:rfc:6749' })
  spec_urn: string;
}

/** Transmitter configuration metadata (SSF 1.0 section 7.1). */
export class SsfMetadataView {
  @ApiProperty({ example: '1_0' })
  spec_version: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com' })
  issuer: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/.well-known/jwks.json' })
  jwks_uri: string;

  @ApiProperty({ type: [String], example: Object.values(DELIVERY_METHODS) })
  delivery_methods_supported: string[];

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/shared-signals/streams' })
  configuration_endpoint: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/shared-signals/status' })
  status_endpoint: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/shared-signals/verification' })
  verification_endpoint: string;

  @ApiProperty({ type: [AuthorizationSchemeView] })
  authorization_schemes: AuthorizationSchemeView[];

  /** Every stream is about everybody. */
  @ApiProperty({ enum: ['ALL'] })
  default_subjects: string;
}
