import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, Repository } from 'typeorm';
import { foldCase } from '../common/email.js';
import { countingUpTo, partOf, startOf, type Part } from '../common/pagination.js';
import { User, type UserStatus } from './user.entity.js';

export interface UserFilter {
  cursor?: string | undefined;
  limit: number;
  search?: string | undefined;
  status?: UserStatus | undefined;
  role?: string | undefined;
}

/** Lists and searches users, for administrators. */
@Injectable()
export class UserList {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /** Lists users, the newest first. Throws `invalid_request` for a cursor that is not ours. */
  async list(filter: UserFilter): Promise<Part<User>> {
    const query = this.users
      .createQueryBuilder('user')
      .orderBy('user.id', 'DESC')
      .limit(filter.limit + 1);
    const after = startOf(filter, null);
    if (after !== null) query.andWhere('user.id < :after', { after });
    if (filter.status) query.andWhere('user.status = :status', { status: filter.status });
    if (filter.role) query.andWhere(':role = ANY (user.roles)', { role: filter.role });
    if (filter.search) {
      const prefix = prefixPattern(filter.search.normalize('NFKC').toLowerCase());
      const folded = prefixPattern(foldCase(filter.search));
      query.andWhere(
        new Brackets((either) =>
          either
            .where('user.email_canonical LIKE :prefix', { prefix })
            .orWhere('user.email_folded <> user.email_canonical AND user.email_folded LIKE :folded', { folded })
            .orWhere('lower(user.email) LIKE :prefix')
            .orWhere('lower(user.display_name) LIKE :prefix'),
        ),
      );
    }
    return partOf(await query.getMany(), filter.limit, await this.totalOf(filter));
  }

  /** Counts all users; null with a filter, because counting its matches would read all rows. */
  private async totalOf({ search, status, role }: UserFilter): Promise<number | null> {
    if (search || status || role) return null;
    const [counted] = await this.users.query<[{ total: number | null }]>(countingUpTo('SELECT 1 FROM users'));
    return counted.total;
  }
}

const prefixPattern = (text: string): string => `${text.replace(/[\\%_]/g, '\\$&')}%`;
