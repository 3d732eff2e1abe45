/** The paths at which people sign in. Cookies for a sign-in have these, so that no service behind a gateway gets them. */
export const SIGN_IN_PATHS = ['/auth', '/sign-in', '/interactions'] as const;
