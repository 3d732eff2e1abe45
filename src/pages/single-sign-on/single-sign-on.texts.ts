import type { Locale } from '../../common/locale.js';

/** The texts of the pages of single sign-on. */
export interface SingleSignOnTexts {
  signIn: string;
  toContinue: (application: string) => string;
  email: string;
  password: string;
  newPassword: string;
  hint: string;
  button: string;
  wrong: string;
  wait: string;
  temporary: string;
  refusedPassword: string;
  unverified: string;
  malformed: string;
  failed: string;
  consent: (application: string) => string;
  signedInAs: (email: string) => string;
  gets: string;
  openid: string;
  profile: string;
  emailScope: string;
  scope: (scope: string) => string;
  allow: string;
  deny: string;
  error: string;
  ended: string;
  unknown: string;
  unavailable: string;
  reference: (id: string) => string;
  continuing: string;
  goOn: string;
  signOut: string;
  signOutAsk: string;
  signedOut: string;
  signedOutText: string;
}

export const TEXTS: Record<Locale, SingleSignOnTexts> = {
  en: {
    signIn: 'Sign in',
    toContinue: (application) => `to continue to ${application}`,
    email: 'E-mail address',
    password: 'Password',
    newPassword: 'New password',
    hint: '8 to 256 characters. Several words are easy to remember and hard to guess.',
    button: 'Sign in',
    wrong: 'The address or the password is not right.',
    wait: 'There were too many attempts. Wait some minutes, then try again.',
    temporary: 'Your password is temporary. Type it once more, and choose a password of your own.',
    refusedPassword: 'This new password is not accepted. Take one that is longer or less common.',
    unverified: 'Your address has not been confirmed yet. Open the link in the mail that we sent you.',
    malformed: 'Type your e-mail address and your password.',
    failed: 'That did not work. Try again in a moment.',
    consent: (application) => `${application} asks for access`,
    signedInAs: (email) => `You are signed in as ${email}.`,
    gets: 'The application gets:',
    openid: 'a number that stands for your account',
    profile: 'your name and your language',
    emailScope: 'your e-mail address',
    scope: (scope) => `the right “${scope}”`,
    allow: 'Allow',
    deny: 'Refuse',
    error: 'This did not work',
    ended: 'This sign-in has ended, or began in another browser. Go back to the application and begin again.',
    unknown:
      'The application that sent you here is not known, or may not send people back to where it says. You were not sent back.',
    unavailable: 'The service cannot answer now. Wait a moment, then load this page again.',
    reference: (id) => `For support: ${id}`,
    continuing: 'You are sent back to the application.',
    goOn: 'Continue',
    signOut: 'Sign out',
    signOutAsk: 'You are signed out of all applications in this browser.',
    signedOut: 'You are signed out',
    signedOutText: 'You can close this page.',
  },
  de: {
    signIn: 'Anmelden',
    toContinue: (application) => `weiter zu ${application}`,
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    newPassword: 'Neues Passwort',
    hint: '8 bis 256 Zeichen. Mehrere Wörter sind leicht zu merken und schwer zu erraten.',
    button: 'Anmelden',
    wrong: 'Die Adresse oder das Passwort stimmt nicht.',
    wait: 'Es waren zu viele Versuche. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.',
    temporary: 'Ihr Passwort ist vorläufig. Geben Sie es noch einmal ein und wählen Sie ein eigenes.',
    refusedPassword: 'Dieses neue Passwort wird nicht angenommen. Nehmen Sie ein längeres oder selteneres.',
    unverified: 'Ihre Adresse ist noch nicht bestätigt. Öffnen Sie den Link in der E-Mail, die Sie bekommen haben.',
    malformed: 'Geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.',
    failed: 'Das hat nicht funktioniert. Versuchen Sie es gleich noch einmal.',
    consent: (application) => `${application} bittet um Zugriff`,
    signedInAs: (email) => `Sie sind angemeldet als ${email}.`,
    gets: 'Die Anwendung bekommt:',
    openid: 'eine Nummer, die für Ihr Konto steht',
    profile: 'Ihren Namen und Ihre Sprache',
    emailScope: 'Ihre E-Mail-Adresse',
    scope: (scope) => `das Recht „${scope}“`,
    allow: 'Erlauben',
    deny: 'Ablehnen',
    error: 'Das hat nicht funktioniert',
    ended:
      'Diese Anmeldung ist beendet oder begann in einem anderen Browser. Gehen Sie zurück zur Anwendung und beginnen Sie noch einmal.',
    unknown:
      'Die Anwendung, die Sie hierher geschickt hat, ist nicht bekannt oder darf niemanden dorthin zurückschicken. Sie wurden nicht zurückgeschickt.',
    unavailable:
      'Der Dienst kann gerade nicht antworten. Warten Sie einen Moment und laden Sie diese Seite noch einmal.',
    reference: (id) => `Für den Support: ${id}`,
    continuing: 'Sie werden zur Anwendung zurückgeschickt.',
    goOn: 'Weiter',
    signOut: 'Abmelden',
    signOutAsk: 'Sie werden von allen Anwendungen in diesem Browser abgemeldet.',
    signedOut: 'Sie sind abgemeldet',
    signedOutText: 'Sie können diese Seite schließen.',
  },
  fr: {
    signIn: 'Se connecter',
    toContinue: (application) => `pour continuer vers ${application}`,
    email: 'Adresse e-mail',
    password: 'Mot de passe',
    newPassword: 'Nouveau mot de passe',
    hint: 'De 8 à 256 caractères. Plusieurs mots sont faciles à retenir et difficiles à deviner.',
    button: 'Se connecter',
    wrong: 'L’adresse ou le mot de passe est incorrect.',
    wait: 'Il y a eu trop d’essais. Attendez quelques minutes, puis réessayez.',
    temporary: 'Votre mot de passe est provisoire. Saisissez-le encore une fois et choisissez-en un nouveau.',
    refusedPassword: 'Ce nouveau mot de passe est refusé. Prenez-en un plus long ou moins courant.',
    unverified: 'Votre adresse n’est pas encore confirmée. Ouvrez le lien du message que vous avez reçu.',
    malformed: 'Saisissez votre adresse e-mail et votre mot de passe.',
    failed: 'Cela n’a pas fonctionné. Réessayez dans un instant.',
    consent: (application) => `${application} demande un accès`,
    signedInAs: (email) => `Vous êtes connecté en tant que ${email}.`,
    gets: 'L’application reçoit :',
    openid: 'un numéro qui représente votre compte',
    profile: 'votre nom et votre langue',
    emailScope: 'votre adresse e-mail',
    scope: (scope) => `le droit « ${scope} »`,
    allow: 'Autoriser',
    deny: 'Refuser',
    error: 'Cela n’a pas fonctionné',
    ended:
      'Cette connexion est terminée ou a commencé dans un autre navigateur. Retournez à l’application et recommencez.',
    unknown:
      'L’application qui vous a envoyé ici n’est pas connue, ou ne peut pas renvoyer vers cette adresse. Vous n’avez pas été renvoyé.',
    unavailable: 'Le service ne peut pas répondre pour le moment. Attendez un instant, puis rechargez cette page.',
    reference: (id) => `Pour l’assistance : ${id}`,
    continuing: 'Vous retournez à l’application.',
    goOn: 'Continuer',
    signOut: 'Se déconnecter',
    signOutAsk: 'Vous serez déconnecté de toutes les applications de ce navigateur.',
    signedOut: 'Vous êtes déconnecté',
    signedOutText: 'Vous pouvez fermer cette page.',
  },
  es: {
    signIn: 'Iniciar sesión',
    toContinue: (application) => `para continuar en ${application}`,
    email: 'Correo electrónico',
    password: 'Contraseña',
    newPassword: 'Nueva contraseña',
    hint: 'De 8 a 256 caracteres. Varias palabras son fáciles de recordar y difíciles de adivinar.',
    button: 'Iniciar sesión',
    wrong: 'La dirección o la contraseña no es correcta.',
    wait: 'Hubo demasiados intentos. Espere unos minutos y vuelva a intentarlo.',
    temporary: 'Su contraseña es provisional. Escríbala otra vez y elija una propia.',
    refusedPassword: 'Esta contraseña nueva no se acepta. Use una más larga o menos común.',
    unverified: 'Su dirección aún no está confirmada. Abra el enlace del mensaje que recibió.',
    malformed: 'Escriba su correo electrónico y su contraseña.',
    failed: 'No ha funcionado. Vuelva a intentarlo en un momento.',
    consent: (application) => `${application} pide acceso`,
    signedInAs: (email) => `Ha iniciado sesión como ${email}.`,
    gets: 'La aplicación recibe:',
    openid: 'un número que representa su cuenta',
    profile: 'su nombre y su idioma',
    emailScope: 'su correo electrónico',
    scope: (scope) => `el derecho «${scope}»`,
    allow: 'Permitir',
    deny: 'Rechazar',
    error: 'No ha funcionado',
    ended: 'Este inicio de sesión ha terminado o empezó en otro navegador. Vuelva a la aplicación y empiece de nuevo.',
    unknown:
      'La aplicación que le envió aquí no es conocida, o no puede enviar a nadie a esa dirección. No se le ha enviado de vuelta.',
    unavailable: 'El servicio no puede responder ahora. Espere un momento y vuelva a cargar esta página.',
    reference: (id) => `Para soporte: ${id}`,
    continuing: 'Vuelve a la aplicación.',
    goOn: 'Continuar',
    signOut: 'Cerrar sesión',
    signOutAsk: 'Se cerrará su sesión en todas las aplicaciones de este navegador.',
    signedOut: 'Ha cerrado la sesión',
    signedOutText: 'Puede cerrar esta página.',
  },
};
