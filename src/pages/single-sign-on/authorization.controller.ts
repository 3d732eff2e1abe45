import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { AuthorizationParametersDto } from '../../oauth/authorization/authorization.dto.js';
import { OAUTH_FORM } from '../../oauth/protocol/form-body.js';
import { AuthorizationEndpoint } from '../../oidc/authorization/authorization-endpoint.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { ApiErrorPage, ApiPage } from './page.decorators.js';
import { PageErrorFilter } from './page-error.filter.js';
import { formOfQuery, redirectToQuery } from './query-form.js';
import { PageSender } from './page-sender.js';

/** The endpoint to which applications send people (RFC 6749 3.1). */
@ApiTags('Single sign-on')
@Public()
@UseFilters(PageErrorFilter)
@Controller('oauth/authorize')
export class AuthorizationController {
  constructor(
    private readonly endpoint: AuthorizationEndpoint,
    private readonly sender: PageSender,
  ) {}

  /**
   * Sign a person in to an application: the browser goes there, and comes back with a code.
   * @remarks Errors go to the application too, except where it or its `redirect_uri` is not known: then they are a page.
   */
  @Get()
  @ApiQuery({ type: AuthorizationParametersDto })
  @ApiPage('A form that goes to the application by itself, with `response_mode=form_post`.')
  @ApiResponse({ status: 303, description: 'To a page of this service, or back to the application.' })
  async authorize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const outcome = await this.endpoint.respond(formOfQuery(request), request, reply);
    this.sender.sendOutcome(reply, this.sender.settingOf(request), outcome);
  }

  /**
   * The same with its parameters in a form.
   * @remarks The browser is sent to the GET: with a form from another site it sends no cookie.
   */
  @Post()
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: AuthorizationParametersDto })
  @ApiErrorPage()
  @ApiResponse({ status: 303, description: 'To the same address, with the parameters in the query.' })
  authorizeByForm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    redirectToQuery('authorize', request, reply);
  }
}
