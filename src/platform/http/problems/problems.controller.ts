import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../common/access.decorators.js';
import { ApiProblems } from '../../../common/api.decorators.js';
import { AppError, ERRORS, type ErrorCode } from '../../../common/errors.js';

export class ProblemTypeView {
  @ApiProperty({ enum: Object.keys(ERRORS) })
  code: ErrorCode;

  @ApiProperty({ type: 'integer', example: 400 })
  status: number;

  @ApiProperty({ example: 'The request is not valid' })
  title: string;

  /** The advice to the caller. */
  @ApiProperty()
  help: string;
}

export class ProblemTypesView {
  items: ProblemTypeView[];
}

const typeOf = (code: ErrorCode): ProblemTypeView => ({ code, ...ERRORS[code] });

@ApiTags('Problems')
@Public()
@Controller('problems')
export class ProblemsController {
  /** List every type of problem. */
  @Get()
  @Header('Cache-Control', 'public, max-age=300')
  list(): ProblemTypesView {
    return { items: (Object.keys(ERRORS) as ErrorCode[]).map(typeOf) };
  }

  /** What the type of a problem means, and what to do about it. */
  @Get(':code')
  @Header('Cache-Control', 'public, max-age=300')
  @ApiProblems('not_found')
  explain(@Param('code') code: string): ProblemTypeView {
    if (!Object.hasOwn(ERRORS, code)) throw new AppError('not_found');
    return typeOf(code as ErrorCode);
  }
}
