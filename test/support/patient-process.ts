// Preloaded into services that tests start as processes of their own.
import { AnswerLimit } from '../../src/platform/http/answer-limit.js';
import { patience } from './patience.js';

patience.give();
AnswerLimit.prototype['tick'] = () => undefined;
