import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { KeyRotationService } from '../keys/key-rotation.service.js';
import { RotateKeysDto } from '../keys/keys.dto.js';
import { KeyView, KeysView } from '../keys/keys.view.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from './revocation-receipt.interceptor.js';

@ApiTags('Key administration')
@Roles('admin')
@Controller('keys')
export class KeyRotationController {
  constructor(private readonly rotation: KeyRotationService) {}

  /** Rotate the signing key: staged by default, at once for a leaked key. */
  @Post('rotate')
  @HttpCode(200)
  @Revokes()
  @ApiProblems('invalid_request', 'keys_not_rotatable')
  async rotate(@Body() { emergency }: RotateKeysDto, @Cause() cause: ChangeContext): Promise<KeysView> {
    const keys = emergency ? await this.rotation.replace(cause) : await this.rotation.rotate(cause);
    return { keys: keys.map((key) => KeyView.of(key)) };
  }
}
