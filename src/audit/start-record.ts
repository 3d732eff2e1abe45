import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Config } from '../platform/config/config.js';
import type { Setting } from '../platform/config/setting.js';
import { SETTINGS } from '../platform/config/settings.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { AuditLog } from './audit-log.js';
import { list } from './audit.statements.js';

type Values = Readonly<Record<string, unknown>>;

const SET = '(set)';

/** Records that an instance has started, with the settings that its operator has chosen. */
@Injectable()
export class StartRecord {
  constructor(
    private readonly config: Config,
    private readonly dataSource: DataSource,
    private readonly log: AuditLog,
  ) {}

  async write(version: string): Promise<void> {
    const settings = chosenSettings(this.config);
    const [last] = await this.dataSource.query<{ details: { settings?: Values } }[]>(
      list(`event = 'service.started'`, '1'),
    );
    const before = last?.details.settings;
    const names = [...new Set([...Object.keys(settings), ...Object.keys(before ?? {})])];
    const changed = before
      ? names.filter((name) => JSON.stringify(settings[name]) !== JSON.stringify(before[name])).sort()
      : [];
    const details = { version, settings, changed };
    await this.log.record({ event: 'service.started', subject: null, details }, ChangeContext.ofSystem('start'));
  }
}

/** Returns the settings that are not as by default, by their variables, without secrets and e-mail addresses. */
function chosenSettings(config: Config): Values {
  const chosen: Record<string, unknown> = {};
  for (const [name, { env, fallback, parse, secret }] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const value = JSON.stringify(config[name as keyof Config]) ?? 'null';
    const byDefault = JSON.stringify(fallback === null ? null : parse(fallback));
    if (value !== byDefault) chosen[env] = secret || value.includes('@') ? SET : (JSON.parse(value) as unknown);
  }
  return chosen;
}
