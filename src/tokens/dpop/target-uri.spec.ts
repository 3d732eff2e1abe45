import { describe } from 'vitest';
import { testTargetUri } from '../../../test/vectors/target-uri.js';
import { targetUriOf } from './target-uri.js';

describe('a target URI', () => {
  testTargetUri(targetUriOf);
});
