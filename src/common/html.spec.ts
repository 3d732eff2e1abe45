import { describe, expect, it } from 'vitest';
import { Html, html } from './html.js';

describe('markup', () => {
  it('has every text escaped, in contents and in attributes', () => {
    const evil = `<b title="x" id='y'>&amp;</b>`;
    expect(html`<p title="${evil}">${evil}</p>`.markup).toBe(
      '<p title="&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;">' +
        '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;</p>',
    );
  });

  it('takes markup, lists of it and nothing as they are', () => {
    const items = ['a', '<', 'c'].map((item) => html`<b>${item}</b>`);
    expect(html`<p>${items}${null}${new Html('<hr>')}${7}</p>`.markup).toBe('<p><b>a</b><b>&lt;</b><b>c</b><hr>7</p>');
  });

  it('does not evaluate what a text holds', () => expect(html`${'${1 + 1}'}`.markup).toBe('${1 + 1}'));
});
