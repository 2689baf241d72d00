/**
 * Who asks. An {@link io.keelson.apiserver.authn.Authenticator} finds out from a request who sent it; there is one for
 * each way to show it, and they are asked in this order: a proxy's headers, the client's certificate, a bearer token
 * (listed in a file, of a service account, of a bootstrapping node, of an OpenID provider, or known to a webhook), nobody.
 * {@link io.keelson.apiserver.authn.AuthenticationFilter} and {@link io.keelson.apiserver.authn.ImpersonationFilter} put
 * it into the request. Tokens are made here too, and what they rest on is looked up by way of {@link
 * io.keelson.apiserver.authn.AccountLookup}. No token, nor any part of one, is ever logged or named in an error.
 */
@NullMarked
package io.keelson.apiserver.authn;

import org.jspecify.annotations.NullMarked;
