import { Module } from '@nestjs/common';
import { RemoteKeySets } from './remote-key-sets.js';

@Module({ providers: [RemoteKeySets], exports: [RemoteKeySets] })
export class JoseModule {}
