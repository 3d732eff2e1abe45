import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ApiErrorContent } from '../../common/api.decorators.js';

const HTML = { 'text/html': { schema: { type: 'string' } } };

/** Documents a route that answers with pages, also where something did not work. */
export const ApiPage = (description: string) =>
  applyDecorators(ApiResponse({ status: 200, description, content: HTML }), ApiErrorContent(HTML));

/** Documents a route that sends the browser elsewhere, and answers with a page where something did not work. */
export const ApiErrorPage = () => ApiErrorContent(HTML);
