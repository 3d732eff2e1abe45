import { describe, expect, it } from 'vitest';
import type { FirebaseScrypt } from './firebase-scrypt.js';
import { hashReader } from './hash-formats.js';

const PASSWORD = 'correct horse';
const UNICODE = 'Grüße 🔐 пароль';
// The example of firebase/scrypt.
const PROJECT: FirebaseScrypt = {
  signerKey: Buffer.from(
    'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
    'base64',
  ),
  saltSeparator: Buffer.from('Bw==', 'base64'),
  rounds: 8,
  memoryCost: 14,
};

// By Django 5.2, Werkzeug 3.1, Passlib 1.7, bcrypt 4.0 with Python's hmac, Python's hashlib, Spring Security 6.4.
const MADE_ELSEWHERE: [format: string, password: string, hash: string][] = [
  [
    'argon2 by Django',
    PASSWORD,
    'argon2$argon2id$v=19$m=256,t=1,p=2$c2Vhc2FsdDIyY2hhcmFjdGVyczAwMA$eUlREHfUfW8SJCOTm7Q9cDYMoI9d6T8cRhruct9X2S0',
  ],
  [
    'bcrypt of SHA-256 by Django',
    PASSWORD,
    'bcrypt_sha256$$2b$04$pveFvRiCxsKzgDkiwgaEO./KV7m2z6Xk32fk4GSZg78r79bapouHS',
  ],
  [
    'scrypt by Django',
    PASSWORD,
    'scrypt$512$seasalt22characters000$8$2$Fs/neOIfW/PJb/sY1IP678KHrBEFQ04hO2wcJJ3Ip0OF63+2xWxAx4QxXm3Hzp419eqzuhC7v3DRvzuNbtqgkA==',
  ],
  [
    'scrypt by Werkzeug',
    PASSWORD,
    'scrypt:1024:8:1$EViIqke8UlxlCI3k$f2a2b24bf84d975c718ac7de3be150fbef6cbe48989d2f6e45eb8854af8bab915e8570ade66daabc7265101388bb6cb81fd5329ed366c8e0f4c007c268f2e9f5',
  ],
  [
    'PBKDF2-SHA512 by Werkzeug',
    PASSWORD,
    'pbkdf2:sha512:1000$qIqeb0T2TGeQrMAV$f82a309c926aa89b96b2f1706944854933011a1169b8bb3f976a6686eec6d701e8c28810890a7ebb5fedd9d1592b3b4bf7249e49425cbc8b0ce3a07652063868',
  ],
  ['phpass', PASSWORD, '$P$6YZigW0ac7FddcqFXb9D4bTVihi0i31'],
  ['phpass by phpBB', PASSWORD, '$H$6iSA2n8JJPM/GtzwnuDcGAHM.jDk6R/'],
  [
    'SHA-512-crypt',
    PASSWORD,
    '$6$nVWwKZ.pp3y9fWQq$iNwA1Rejq/9VPFIGbICGHYPq3c6PbYUdo6fWJJHZRapSHxV3X.zErMMmglwWrQ.nEuhocz3bh10C8snuSbwVP.',
  ],
  [
    'SHA-512-crypt with rounds',
    PASSWORD,
    '$6$rounds=1000$eAtPo24DfjCe1a98$dlWU1iYFyuPzBeMy.bvSvONzealqvDz7frjiEIoZnHK9Z8Zt5oHZce6ggomYxtn70ZcCcEuBdy2sNL.7ByCyi0',
  ],
  ['SHA-256-crypt', PASSWORD, '$5$T2u8RHY9jm2bqzhb$6Eq527xqwqZ3ttIIC2eh9MZiksblzoTKR3tVMZPcof8'],
  [
    'SHA-256-crypt with rounds and a short salt',
    PASSWORD,
    '$5$rounds=1234$ab$4D9doLGImK3s8983.C91AH8lfiTAnRoC8O.qZd/Xk18',
  ],
  [
    'bcrypt of SHA-256 by Passlib',
    PASSWORD,
    '$bcrypt-sha256$v=2,t=2b,r=4$FaFrnxkPkqRVBGNZrtvuxO$zHn7/tCZyIOWRDD20boeJCbjrQRGDli',
  ],
  [
    'bcrypt of SHA-256 by Passlib, version 1',
    PASSWORD,
    '$bcrypt-sha256$2b,4$rcD3sqi7mcH6w086EzqQL.$NK9aTQa4MbmMJ8KVmdx6RUsNsvG/7.a',
  ],
  ['{SMD5}', PASSWORD, '{SMD5}Fs1FH5jeac5rsdmWq+m5iMMYY0w='],
  ['{SSHA}', PASSWORD, '{SSHA}x7mdQRljZ5HqaaTfk9Nv8Kank0kyxrj3'],
  ['{SSHA256}', PASSWORD, '{SSHA256}YTmJ4T3KJZ7papqeGBKoPgpTeDJmAQxmR9FZNjK9694IYSxlTCmFcA=='],
  [
    '{SSHA512}',
    PASSWORD,
    '{SSHA512}Z3wv0fFU+ay7zoK16xCIg4v6O4dE+jVe3jtyiKKCvJiaITAeEpwQyFWie3ArVos+1ngy3sK4VyQiZwL+tfJMPQghpLQ2RsiZ',
  ],
  ['{PBKDF2}', PASSWORD, '{PBKDF2}1000$XUtpzTlH6N17z9l7L.V8zw$zU9sm.TTR3PQS3FlPm0SzPNAeNo'],
  [
    '{PBKDF2-SHA256}',
    PASSWORD,
    '{PBKDF2-SHA256}1000$Yax1rlXqHUPoPQeAcG6N8Q$AEVGRWb9Cu2uTSkNTiiQdYUdWroefATi964mjN/TfTs',
  ],
  [
    '{PBKDF2-SHA512}',
    PASSWORD,
    '{PBKDF2-SHA512}1000$GYNw7l2rtXYO4fz/H0MIQQ$.Tw6uT3Ob8NhRJJd7fB7ZOfj5CDlZpiE8nlgzIai2USM11MEZPx8Q5sCxIIxiLeBnVLC4/wZI7zN5IwwG6g2mg',
  ],
  [
    '{CRYPT}',
    PASSWORD,
    '{CRYPT}$6$rounds=1000$QsCsOqAf64xAKWlZ$c5kW6/Sx2LIxhXUCeAgUu7pCHd1xZI.QnIvui0PCEyotZlev7qA1iMQcEoHjfZWNiEZq1agg9gNcK9H8czBvC.',
  ],
  ['WordPress 6.8', PASSWORD, '$wp$2y$04$euJRMYRkCogBS.W7GStZ0utjj/vHUyH4NHED53uyvFyCI.NKrlWJe'],
  [
    'Better Auth',
    PASSWORD,
    '00112233445566778899aabbccddeeff:13af89ff6a88bb0fb3277e79ba724c6c0731b15919ca892969d63abd1534b867d110179e3bc8af39995ede0f9b2ac14b2b97573df10ba3802c498dbeb61e4f64',
  ],
  [
    'bcrypt of SHA-256 by Django, Unicode',
    UNICODE,
    'bcrypt_sha256$$2b$04$MBZxBFng0pN5NLxJjRu2teQRvc8FnIlYX1ZxDfOfm55xrf66OcRx.',
  ],
  [
    'scrypt by Werkzeug, Unicode',
    UNICODE,
    'scrypt:1024:8:1$K4fwUHN5oSAugmQs$80f0eefc5dcfc591811b496ea53a204013d2c479e3e9ea4d9576877590eaa2b626079d1546a26779952fcdd169396b06e111000bf6c19093b4916b747500f235',
  ],
  ['phpass, Unicode', UNICODE, '$P$6NeQ17O6pgUMGa2W4IoyaGotjw13IM.'],
  [
    'SHA-512-crypt, Unicode',
    UNICODE,
    '$6$9vBo7aQAiyvvItUX$HGi.t0GNcblTM5ffOnBbWGMSJLePEeV849YWCF2OpSK6sKScUVTiNokLUJnk9h.s6pqaC/12cmWgjPvDAV7FE1',
  ],
  ['SHA-256-crypt, Unicode', UNICODE, '$5$CsqHJkrQVqJv9fbs$cwlRUqsCsr0JyVwrTLudCDGWixxkBLX3BuOLkNalPK9'],
  ['{SSHA}, Unicode', UNICODE, '{SSHA}Bwa9V9F72N/pfAwfIhqpnGwzqwTA+H/v'],
  ['WordPress 6.8, Unicode', UNICODE, '$wp$2y$04$7PNgt0TtxIgsugxQIYvNou8G1bZLEzboJkqs9vbw2aJekH7ru1i8q'],
  [
    'Better Auth, Unicode',
    UNICODE,
    '00112233445566778899aabbccddeeff:dcfbb584bdf5c992e59571f31d17ec0a12c6f9f4913f917df614a19f1f5b820b92bcbfa1c4d61baf302d8ad89978c6b9293df0238518a8c2536ec1a2b82071d0',
  ],
  ['{bcrypt} of Spring Security', PASSWORD, '{bcrypt}$2a$04$mrnFFWNCbLLCMN.B1kcwCOraX4hm8Oj.8gXmKF/KRF79Foegol0Zy'],
  [
    '{pbkdf2} of Spring Security',
    PASSWORD,
    '{pbkdf2}143b60c20d67ec90a5fc6475d57ea6883efb6e36c90d584233a3cd1a2de39672def40d8bba0e0165',
  ],
  [
    '{pbkdf2@SpringSecurity_v5_8} of Spring Security',
    PASSWORD,
    '{pbkdf2@SpringSecurity_v5_8}3d5bc204f1251a4970188277237fd8930d2fb000dd297f481d8a0a63b57f63673215f9e7af2347b85db481b749158842',
  ],
  [
    '{scrypt} of Spring Security',
    PASSWORD,
    '{scrypt}$e0801$qu1Bx5lcW5C67eA5vfB1v4XG+nqD3Sbmm844G77nRumTYPGVFCwWPpBp7LvatiiFao4tJ8jy4U9PLL8OL8aMag==$Bp164KPmb8DCiK1bwbXxhUe2KJH+8UDNAKp2XKPE4UI=',
  ],
  [
    '{scrypt@SpringSecurity_v5_8} of Spring Security',
    PASSWORD,
    '{scrypt@SpringSecurity_v5_8}$100801$tSM1Y5sq7d45nUsnIej0Sw==$/UKjOp9EEwOZtrQYRZsi/9KazC44a4hd/kJNl/lZSxw=',
  ],
  [
    '{argon2} of Spring Security',
    PASSWORD,
    '{argon2}$argon2id$v=19$m=4096,t=3,p=1$lczhdXsRoJgj8zAoBFyuAw$lKqSVrh5p2cP/W9prIymphAyo+LMpyUp11yr1PWEBjY',
  ],
  [
    '{argon2@SpringSecurity_v5_8} of Spring Security',
    PASSWORD,
    '{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$V9xkDtg/SiS4fJsSrwINLw$eIL/PyjUnIN3SzbYseJ0YjgMbOshrYPOxlV/UA/9CzA',
  ],
  [
    '{sha256} of Spring Security',
    PASSWORD,
    '{sha256}ffdd32ecc6362a0da3daad5563d2d9e28440e86c3e9b3deea82d3043890fd694c63ea759ba737580',
  ],
  [
    '{MD5} of Spring Security',
    PASSWORD,
    '{MD5}{81p9l4riqtMUlUR/vmwwnlcLTHmxTRuR91qrMkfYjeQ=}59d6bc27edd5bf8a466d0b8721d97b4c',
  ],
  [
    '{SHA-256} of Spring Security',
    PASSWORD,
    '{SHA-256}{xXAmzIH7WXMvoa6o3Hy9k0V2T/4aKzRTXV6hiPdjZa4=}515c57668ee1b1420a741f56606d0d86308b954f5c650180a5e4236ed0b9c4c4',
  ],
  ['MD5-crypt', PASSWORD, '$1$1WjENVUC$eCeX/jZaXEOlg0DVhvR0r0'],
  ['MD5-crypt by Apache', PASSWORD, '$apr1$SnKwi0Kg$3gY7GVEznL4p3bP9EtZc7.'],
  ['MD5-crypt by Apache, Unicode', UNICODE, '$apr1$M.vmbtng$DKpZZAgpbX70B89I5H6Ge1'],
];

// Of the projects' own tests: ASP.NET Core, Drepper's specification of SHA-crypt, phpass, phpBB, WordPress, Firebase.
const PUBLISHED: [format: string, password: string, hash: string][] = [
  ['ASP.NET Identity 2', 'my password', 'AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg=='],
  [
    'ASP.NET Identity 3',
    'my password',
    'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==',
  ],
  ['ASP.NET Identity 3, SHA-512', 'my password', 'AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'],
  [
    'ASP.NET Identity 3, salt of 32 bytes',
    'my password',
    'AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=',
  ],
  ['SHA-256-crypt', 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    'SHA-256-crypt with rounds',
    'Hello world!',
    '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA',
  ],
  [
    'SHA-256-crypt of a long text',
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    '$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1',
  ],
  ['SHA-256-crypt without salt', '', '$5$$3c2QQ0KjIU1OLtB29cl8Fplc2WN7X89bnoEjaR7tWu.'],
  [
    'SHA-512-crypt',
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'SHA-512-crypt with rounds',
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  ['phpass', 'test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ['phpass by phpBB', '123456', '$H$9PE8jEklgZhgLmZl5.HYJAzfGCQtzi1'],
  ['phpass by Drupal', 'password', '$S$CFURCPa.k6FAEbJPgejaW4nijv7rYgGc4dUJtChQtV4KLJTPTC/u'],
  ['WordPress 6.8', 'admin', '$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES'],
  [
    'Firebase',
    'user1password',
    '$firebase-scrypt$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  ],
];

const read = hashReader(PROJECT);
describe('a hash of another system', () => {
  it.each([...MADE_ELSEWHERE, ...PUBLISHED])('%s of %j verifies, and no other password does', (_, password, hash) => {
    const stored = read(hash);
    expect(stored.verify(password)).toBe(true);
    for (const other of [`${password} `, password.slice(0, -1) || 'x', `X${password}`]) {
      expect(stored.verify(other)).toBe(false);
    }
  });

  it.each([
    [
      'SHA-crypt',
      '$6$rounds=1000$8L6iAuvabEpLHVAa$L3Lw4YNrHzY.C8hbKGCLMchJcWd3nZ/PR6rnHDb.OCAEhOnOYn/KxrwfpJPkwERXyZfqVr72ZA/JH3AMVYItX.',
      '$6$rounds=1000$VhwKA5.x0wUlMlww$lpEQBxgZByBWDPnsNR5C4XxvHIdPGCOEoAcGHmtLJATZPaPsQ./hnDQhyFI7.KE3R2OBlKGMUAzSMk5NFsFnx/',
    ],
    ['phpass', '$P$6I2AbYuNHxby2eU1r6ew5s7mGe1FsU/', '$P$6wLQKrVV.jadkynCIpEx2XAl48fDOB1'],
  ])('of %s is not of a password longer than 511 bytes, which it would read again and again', (_, of511, of512) => {
    expect(read(of511).verify('a'.repeat(511))).toBe(true);
    expect(read(of512).verify('a'.repeat(512))).toBe(false);
  });

  it('of bcrypt may have anything in its spare bits', () => {
    // Of the salt four, of the digest two; the text of KNOWN ends in zeros.
    const KNOWN = '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';
    for (const salt of 'OPQRSTUVWXYZabcd') {
      expect(read(KNOWN.replace('kOj', `k${salt}j`)).verify(PASSWORD)).toBe(true);
    }
    for (const digest of 'WXYZ') expect(read(`${KNOWN.slice(0, -1)}${digest}`).verify(PASSWORD)).toBe(true);
    expect(read(`${KNOWN.slice(0, -1)}a`).verify(PASSWORD)).toBe(false);
    expect(read(KNOWN.replace('kOj', 'kej')).verify(PASSWORD)).toBe(false);
  });

  it.each([
    ['spare bits', '$pbkdf2-sha256$i=1000$8PHy8/T19vf4+fr7/P3+/x$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMX'],
    ['padding', '$pbkdf2-sha256$i=1000$8PHy8/T19vf4+fr7/P3+/w==$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU='],
    ['base64url', '$pbkdf2-sha256$i=1000$8PHy8_T19vf4-fr7_P3-_w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx_8XwH97PVwMU'],
  ])('may have %s in its base64', (_, hash) => expect(read(hash).verify(PASSWORD)).toBe(true));

  it.each([
    [
      'as one object',
      { value: 'JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU=', salt: '8PHy8/T19vf4+fr7/P3+/w==' },
      { algorithm: 'pbkdf2-sha256', hashIterations: 1000 },
    ],
    [
      'with argon2',
      { value: 'q29Z7pkPzCEz7YEAkAr19uTJnmrkXiaep4ozEu76VGY=', salt: '8PHy8/T19vf4+fr7/P3+/w==' },
      {
        algorithm: 'argon2',
        hashIterations: 3,
        additionalParameters: {
          hashLength: ['32'],
          memory: ['256'],
          type: ['id'],
          version: ['1.3'],
          parallelism: ['2'],
        },
      },
    ],
  ])('may be a credential of Keycloak, %s', (_, secret, credential) => {
    const merged = JSON.stringify({ ...secret, ...credential });
    const nested = JSON.stringify(
      { secretData: JSON.stringify(secret), credentialData: JSON.stringify(credential) },
      null,
      ' ',
    ).replaceAll('\n', ' ');
    for (const text of [merged, nested]) {
      expect(read(text).verify(PASSWORD)).toBe(true);
      expect(read(text).verify(UNICODE)).toBe(false);
    }
  });
});
