import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordHook } from './password-hook.js';
import { PasswordSignIn } from './password-sign-in.js';
import { Password } from './password.entity.js';
import { PasswordsService } from './passwords.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Password]), UsersModule, SessionsModule],
  providers: [PasswordHasher, PasswordHook, PasswordSignIn, PasswordsService],
  exports: [PasswordHasher, PasswordSignIn, PasswordsService],
})
export class PasswordsModule {}
