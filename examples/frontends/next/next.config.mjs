const { COUNTERSIGN = 'http://localhost:3000' } = process.env;

/** @type {import('next').NextConfig} */
export default {
  // In development; in production the gateway stands in front of Next, Countersign and services.
  rewrites: async () => [{ source: '/auth/:path*', destination: `${COUNTERSIGN}/auth/:path*` }],
};
