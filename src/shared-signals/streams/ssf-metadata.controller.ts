import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../../common/access.decorators.js';
import { Config } from '../../platform/config/config.js';
import { DELIVERY_METHODS } from '../delivery/delivery.service.js';
import { SsfMetadataView } from './ssf-metadata.view.js';

@ApiTags('Discovery')
@Public()
@Controller('.well-known')
export class SsfMetadataController {
  constructor(private readonly config: Config) {}

  /** Get the metadata for receivers of shared signals (SSF 1.0 section 7.2). */
  @Get('ssf-configuration')
  @Header('Cache-Control', 'public, max-age=300')
  @Header('Access-Control-Allow-Origin', '*')
  metadata(): SsfMetadataView {
    const { publicUrl } = this.config;
    return {
      spec_version: '1_0',
      issuer: publicUrl,
      jwks_uri: `${publicUrl}/.well-known/jwks.json`,
      delivery_methods_supported: Object.values(DELIVERY_METHODS),
      configuration_endpoint: `${publicUrl}/shared-signals/streams`,
      status_endpoint: `${publicUrl}/shared-signals/status`,
      verification_endpoint: `${publicUrl}/shared-signals/verification`,
      // OAuth is for receivers that manage their own streams, a bearer token for receivers that were given one.
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }, { spec_urn: 'urn:ietf:rfc:6750' }],
      default_subjects: 'ALL',
    };
  }
}
