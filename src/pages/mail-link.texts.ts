import type { Locale } from '../common/locale.js';
import type { MailPage } from '../platform/mail/mail-links.js';

/** The texts of a page that a link in a mail leads to. */
export interface MailLinkTexts {
  title: string;
  intro: string;
  button: string;
  done: string;
}

export const TEXTS: Record<Locale, Record<MailPage, MailLinkTexts>> = {
  en: {
    recover: {
      title: 'Choose a new password',
      intro: 'You are signed out everywhere, and sign in with the new password.',
      button: 'Set the password',
      done: 'Your password is set. You can close this page and sign in.',
    },
    verify: {
      title: 'Confirm your e-mail address',
      intro: 'One more step: confirm with your password that this address and the account are yours.',
      button: 'Confirm the address',
      done: 'Your address is confirmed. You can close this page and sign in.',
    },
    'confirm-email': {
      title: 'Confirm your new e-mail address',
      intro: 'From then on you sign in with this address. You are signed out everywhere.',
      button: 'Use this address',
      done: 'You sign in with this address now. You can close this page.',
    },
    'undo-email': {
      title: 'Take your e-mail address back',
      intro: 'Your account gets its former address again, you are signed out everywhere, and then set a new password.',
      button: 'Take the address back',
      done: 'Your account has its former address again. Now ask for a new password: the mail comes to this address.',
    },
    'accept-invitation': {
      title: 'Accept your invitation',
      intro: 'Choose a password. Then you sign in with the address that this invitation came to.',
      button: 'Accept the invitation',
      done: 'Your account is ready. You can close this page and sign in.',
    },
  },
  de: {
    recover: {
      title: 'Neues Passwort wählen',
      intro: 'Sie werden überall abgemeldet und melden sich mit dem neuen Passwort an.',
      button: 'Passwort festlegen',
      done: 'Ihr Passwort ist festgelegt. Sie können diese Seite schließen und sich anmelden.',
    },
    verify: {
      title: 'E-Mail-Adresse bestätigen',
      intro: 'Noch ein Schritt: Bestätigen Sie mit Ihrem Passwort, dass diese Adresse und das Konto Ihnen gehören.',
      button: 'Adresse bestätigen',
      done: 'Ihre Adresse ist bestätigt. Sie können diese Seite schließen und sich anmelden.',
    },
    'confirm-email': {
      title: 'Neue E-Mail-Adresse bestätigen',
      intro: 'Von da an melden Sie sich mit dieser Adresse an. Sie werden überall abgemeldet.',
      button: 'Diese Adresse verwenden',
      done: 'Sie melden sich jetzt mit dieser Adresse an. Sie können diese Seite schließen.',
    },
    'undo-email': {
      title: 'E-Mail-Adresse zurückholen',
      intro:
        'Ihr Konto bekommt seine frühere Adresse zurück, Sie werden überall abgemeldet und legen dann ein neues Passwort fest.',
      button: 'Adresse zurückholen',
      done: 'Ihr Konto hat wieder seine frühere Adresse. Fordern Sie jetzt ein neues Passwort an: Die E-Mail kommt an diese Adresse.',
    },
    'accept-invitation': {
      title: 'Einladung annehmen',
      intro: 'Wählen Sie ein Passwort. Danach melden Sie sich mit der Adresse an, an die diese Einladung kam.',
      button: 'Einladung annehmen',
      done: 'Ihr Konto ist bereit. Sie können diese Seite schließen und sich anmelden.',
    },
  },
  fr: {
    recover: {
      title: 'Choisir un nouveau mot de passe',
      intro: 'Vous êtes déconnecté partout et vous connectez avec le nouveau mot de passe.',
      button: 'Enregistrer le mot de passe',
      done: 'Votre mot de passe est enregistré. Vous pouvez fermer cette page et vous connecter.',
    },
    verify: {
      title: 'Confirmer votre adresse e-mail',
      intro: 'Encore une étape : confirmez avec votre mot de passe que cette adresse et le compte sont les vôtres.',
      button: 'Confirmer l’adresse',
      done: 'Votre adresse est confirmée. Vous pouvez fermer cette page et vous connecter.',
    },
    'confirm-email': {
      title: 'Confirmer votre nouvelle adresse e-mail',
      intro: 'Vous vous connecterez désormais avec cette adresse. Vous êtes déconnecté partout.',
      button: 'Utiliser cette adresse',
      done: 'Vous vous connectez maintenant avec cette adresse. Vous pouvez fermer cette page.',
    },
    'undo-email': {
      title: 'Reprendre votre adresse e-mail',
      intro:
        'Votre compte retrouve son ancienne adresse, vous êtes déconnecté partout, puis vous choisissez un nouveau mot de passe.',
      button: 'Reprendre l’adresse',
      done: 'Votre compte a retrouvé son ancienne adresse. Demandez maintenant un nouveau mot de passe : le message arrive à cette adresse.',
    },
    'accept-invitation': {
      title: 'Accepter votre invitation',
      intro: 'Choisissez un mot de passe. Vous vous connectez ensuite avec l’adresse qui a reçu cette invitation.',
      button: 'Accepter l’invitation',
      done: 'Votre compte est prêt. Vous pouvez fermer cette page et vous connecter.',
    },
  },
  es: {
    recover: {
      title: 'Elegir una nueva contraseña',
      intro: 'Se cierra su sesión en todas partes e inicia sesión con la nueva contraseña.',
      button: 'Guardar la contraseña',
      done: 'Su contraseña está guardada. Puede cerrar esta página e iniciar sesión.',
    },
    verify: {
      title: 'Confirmar su dirección de correo',
      intro: 'Un paso más: confirme con su contraseña que esta dirección y la cuenta son suyas.',
      button: 'Confirmar la dirección',
      done: 'Su dirección está confirmada. Puede cerrar esta página e iniciar sesión.',
    },
    'confirm-email': {
      title: 'Confirmar su nueva dirección de correo',
      intro: 'Desde entonces inicia sesión con esta dirección. Se cierra su sesión en todas partes.',
      button: 'Usar esta dirección',
      done: 'Ahora inicia sesión con esta dirección. Puede cerrar esta página.',
    },
    'undo-email': {
      title: 'Recuperar su dirección de correo',
      intro:
        'Su cuenta recupera la dirección anterior, se cierra su sesión en todas partes y después elige una nueva contraseña.',
      button: 'Recuperar la dirección',
      done: 'Su cuenta tiene de nuevo la dirección anterior. Pida ahora una nueva contraseña: el mensaje llega a esta dirección.',
    },
    'accept-invitation': {
      title: 'Aceptar su invitación',
      intro: 'Elija una contraseña. Después inicia sesión con la dirección que recibió esta invitación.',
      button: 'Aceptar la invitación',
      done: 'Su cuenta está lista. Puede cerrar esta página e iniciar sesión.',
    },
  },
};

/** What all these pages say where something fails. */
export const COMMON: Record<
  Locale,
  Record<
    'password' | 'current' | 'replace' | 'hint' | 'refused' | 'wrong' | 'link' | 'wait' | 'failed' | 'script',
    string
  >
> = {
  en: {
    password: 'New password',
    current: 'Your password',
    replace: 'I did not choose one, or do not know it: make this my new password',
    hint: '8 to 256 characters. Several words are easy to remember and hard to guess.',
    refused: 'This password is not accepted. Take one that is longer or less common, and without your address in it.',
    wrong: 'That is not the password of this account. Try again, or make it your new one.',
    link: 'This link does not work any more, or is not complete. Take the one of the newest mail, or ask for another mail.',
    wait: 'There were too many attempts. Wait some minutes, then try again.',
    failed: 'That did not work. Try again in a moment.',
    script: 'This page needs JavaScript. You can also type the code of the mail where you asked for it.',
  },
  de: {
    password: 'Neues Passwort',
    current: 'Ihr Passwort',
    replace: 'Ich habe keines gewählt oder kenne es nicht: Dies soll mein neues Passwort sein',
    hint: '8 bis 256 Zeichen. Mehrere Wörter sind leicht zu merken und schwer zu erraten.',
    refused:
      'Dieses Passwort wird nicht angenommen. Nehmen Sie ein längeres oder selteneres, in dem Ihre Adresse nicht vorkommt.',
    wrong: 'Das ist nicht das Passwort dieses Kontos. Versuchen Sie es noch einmal oder machen Sie es zu Ihrem neuen.',
    link: 'Dieser Link funktioniert nicht mehr oder ist nicht vollständig. Nehmen Sie den der neuesten E-Mail oder fordern Sie eine neue an.',
    wait: 'Es waren zu viele Versuche. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.',
    failed: 'Das hat nicht funktioniert. Versuchen Sie es gleich noch einmal.',
    script:
      'Diese Seite braucht JavaScript. Sie können auch den Code aus der E-Mail dort eingeben, wo Sie sie angefordert haben.',
  },
  fr: {
    password: 'Nouveau mot de passe',
    current: 'Votre mot de passe',
    replace: 'Je n’en ai pas choisi, ou je ne le connais pas : en faire mon nouveau mot de passe',
    hint: 'De 8 à 256 caractères. Plusieurs mots sont faciles à retenir et difficiles à deviner.',
    refused: 'Ce mot de passe est refusé. Prenez-en un plus long ou moins courant, qui ne contient pas votre adresse.',
    wrong: 'Ce n’est pas le mot de passe de ce compte. Réessayez, ou faites-en votre nouveau mot de passe.',
    link: 'Ce lien ne fonctionne plus, ou n’est pas complet. Prenez celui du dernier message, ou demandez-en un autre.',
    wait: 'Il y a eu trop d’essais. Attendez quelques minutes, puis réessayez.',
    failed: 'Cela n’a pas fonctionné. Réessayez dans un instant.',
    script: 'Cette page a besoin de JavaScript. Vous pouvez aussi saisir le code du message là où vous l’avez demandé.',
  },
  es: {
    password: 'Nueva contraseña',
    current: 'Su contraseña',
    replace: 'No elegí ninguna, o no la conozco: usar esta como mi nueva contraseña',
    hint: 'De 8 a 256 caracteres. Varias palabras son fáciles de recordar y difíciles de adivinar.',
    refused: 'Esta contraseña no se acepta. Elija una más larga o menos común, que no contenga su dirección.',
    wrong: 'Esa no es la contraseña de esta cuenta. Vuelva a intentarlo, o úsela como su nueva contraseña.',
    link: 'Este enlace ya no funciona o no está completo. Use el del último mensaje o pida otro.',
    wait: 'Hubo demasiados intentos. Espere unos minutos y vuelva a intentarlo.',
    failed: 'No ha funcionado. Vuelva a intentarlo en un momento.',
    script: 'Esta página necesita JavaScript. También puede escribir el código del mensaje donde lo pidió.',
  },
};
