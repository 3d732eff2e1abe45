import { Module } from '@nestjs/common';
import { PagesController } from './pages.controller.js';

/** What people look at. */
@Module({ controllers: [PagesController] })
export class PagesModule {}
