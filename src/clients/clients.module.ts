import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RevocationModule } from '../revocation/revocation.module.js';
import { ClientChanges } from './client-changes.js';
import { ClientDirectory } from './client-directory.js';
import { ClientSecret } from './client-secret.entity.js';
import { Client } from './client.entity.js';
import { ClientsController } from './clients.controller.js';
import { ClientsService } from './clients.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Client, ClientSecret]), RevocationModule],
  controllers: [ClientsController],
  providers: [ClientDirectory, ClientChanges, ClientsService],
  exports: [ClientDirectory, ClientsService],
})
export class ClientsModule {}
