import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiHideProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { validateBody } from '../../common/validation.js';
import { parametersOf } from '../../oauth/protocol/form-parameters.js';
import { InteractionFormDto, InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import type { InteractionRequest } from '../../oidc/interactions/interaction-sign-in.js';
import { InteractionSignInDto } from '../../oidc/interactions/interactions.dto.js';
import { hangUpOf } from '../../platform/http/request/hang-up.js';

class SignInFormDto extends InteractionFormDto {
  @ApiHideProperty()
  @IsOptional()
  @IsString()
  @MaxLength(254)
  email?: string;

  @ApiHideProperty()
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  password?: string;

  @ApiHideProperty()
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  new_password?: string;
}

/** Accepts the sign-in form of a page of ours, before its password is tested. */
@Injectable()
export class SignInFormGuard implements CanActivate {
  constructor(private readonly forms: InteractionForms) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const request = http.getRequest<InteractionRequest & { enteredEmail?: string }>();
    request.hangUp = hangUpOf(request, http.getResponse<FastifyReply>());
    const form = parametersOf(SignInFormDto, request.body);
    request.interaction = await this.forms.accept(form, request);
    const { email, password, new_password: next } = form;
    request.enteredEmail = email ?? '';
    const entered = { email, password, ...(next !== undefined && { new_password: next }) };
    request.credentials = { ...(await validateBody(InteractionSignInDto, entered)), transport: 'cookie' };
    // The strategy reads the credentials from the body.
    request.body = entered;
    return true;
  }
}
