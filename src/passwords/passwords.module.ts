import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionsModule } from '../sessions/sessions.module.js';
import { PasswordHasher } from './password-hasher.js';
import { Password } from './password.entity.js';
import { PasswordsService } from './passwords.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Password]), SessionsModule],
  providers: [PasswordHasher, PasswordsService],
  exports: [PasswordHasher, PasswordsService],
})
export class PasswordsModule {}
