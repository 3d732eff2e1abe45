import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EmailFolding } from './email-folding.js';
import { User } from './user.entity.js';
import { UserList } from './user-list.js';
import { ProfileController, UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [ProfileController, UsersController],
  providers: [UsersService, UserList, EmailFolding],
  exports: [UsersService],
})
export class UsersModule {}
