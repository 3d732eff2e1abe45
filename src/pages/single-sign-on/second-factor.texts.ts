import type { Locale } from '../../common/locale.js';

interface SecondFactorTexts {
  title: string;
  from: string;
  app: string;
  recoveryCode: string;
  code: string;
  hint: string;
  button: string;
  wrong: string;
  wait: string;
  failed: string;
}

/** The texts of the form of the second factor. */
export const SECOND_FACTOR_TEXTS: Record<Locale, SecondFactorTexts> = {
  en: {
    title: 'Your second factor',
    from: 'The code is from',
    app: 'your authenticator app',
    recoveryCode: 'your list of recovery codes',
    code: 'Code',
    hint: 'Each code works once.',
    button: 'Continue',
    wrong: 'The code is wrong, or was used before. Type the code that the app shows now.',
    wait: 'There were too many attempts. Wait some minutes, then try again.',
    failed: 'That did not work. Go back to the application and begin again.',
  },
  de: {
    title: 'Ihr zweiter Faktor',
    from: 'Der Code kommt aus',
    app: 'Ihrer Authenticator-App',
    recoveryCode: 'Ihrer Liste von Wiederherstellungscodes',
    code: 'Code',
    hint: 'Jeder Code funktioniert einmal.',
    button: 'Weiter',
    wrong: 'Der Code ist falsch oder wurde schon verwendet. Geben Sie den ein, den die App gerade zeigt.',
    wait: 'Es waren zu viele Versuche. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.',
    failed: 'Das hat nicht funktioniert. Gehen Sie zurück zur Anwendung und beginnen Sie noch einmal.',
  },
  fr: {
    title: 'Votre second facteur',
    from: 'Le code vient de',
    app: 'votre application d’authentification',
    recoveryCode: 'votre liste de codes de secours',
    code: 'Code',
    hint: 'Chaque code fonctionne une seule fois.',
    button: 'Continuer',
    wrong: 'Le code est faux, ou a déjà servi. Saisissez celui que l’application affiche maintenant.',
    wait: 'Il y a eu trop d’essais. Attendez quelques minutes, puis réessayez.',
    failed: 'Cela n’a pas fonctionné. Retournez à l’application et recommencez.',
  },
  es: {
    title: 'Su segundo factor',
    from: 'El código es de',
    app: 'su aplicación de autenticación',
    recoveryCode: 'su lista de códigos de recuperación',
    code: 'Código',
    hint: 'Cada código funciona una sola vez.',
    button: 'Continuar',
    wrong: 'El código es incorrecto o ya se usó. Escriba el que la aplicación muestra ahora.',
    wait: 'Hubo demasiados intentos. Espere unos minutos y vuelva a intentarlo.',
    failed: 'No ha funcionado. Vuelva a la aplicación y empiece de nuevo.',
  },
};
