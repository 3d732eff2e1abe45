import { Module } from '@nestjs/common';
import { RevocationService } from './revocation.service.js';

@Module({ providers: [RevocationService], exports: [RevocationService] })
export class RevocationModule {}
