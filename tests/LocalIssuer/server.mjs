// A real OpenID provider for the specs: node server.mjs PORT
//
// PUT /specs/people/SUB with claims as JSON says who is there; anybody signs in with SUB as the login and any password. Clients register themselves
// (https://openid.net/specs/openid-connect-registration-1_0.html). As a continuous integration it signs, for a client's own credentials, access tokens for the
// audience in `resource=urn:audience:...` with the claims in the header `specs-claims`.
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

const provider = new Provider(issuer, {
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username', 'groups'],
    email: ['email', 'email_verified'],
  },
  cookies: { keys: ['only for specs'] },
  extraTokenClaims: (ctx, token) => (token.kind === 'ClientCredentials' ? JSON.parse(ctx.get('specs-claims') || '{}') : undefined),
  features: {
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        audience: resource.replace(/^urn:audience:/, ''),
        scope: '',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  findAccount: (_, id) => (people.has(id)
    ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }
    : undefined),
  pkce: { required: () => true },
});

provider.use(async (ctx, next) => {
  const person = /^\/specs\/people\/([^/]+)$/.exec(ctx.path);
  if (!person || ctx.method !== 'PUT') {
    return next();
  }

  const body = [];
  for await (const chunk of ctx.req) {
    body.push(chunk);
  }

  people.set(decodeURIComponent(person[1]), JSON.parse(Buffer.concat(body)));
  ctx.status = 204;
});

provider.listen(port, '127.0.0.1', () => console.log(`listening at ${issuer}`));
