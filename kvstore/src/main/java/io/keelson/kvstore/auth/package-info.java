/**
 * Users, roles, permissions and tokens; who may do what to which keys.
 *
 * <p>A request brings a {@link io.keelson.kvstore.auth.Credential} (a token, or the common name of a client
 * certificate), which {@link io.keelson.kvstore.auth.AuthInterceptor} takes off the wire and puts into the {@link
 * io.grpc.Context}. {@link io.keelson.kvstore.auth.Authorizer} makes a {@link io.keelson.kvstore.auth.RequestUser} of it
 * and judges reads; a write carries the user in its command and is judged where it is carried out, by {@link
 * io.keelson.kvstore.auth.AuthGuard}, by the users and roles as all commands before it have left them.
 *
 * <p>{@link io.keelson.kvstore.auth.AuthStore} carries out the commands that change users and roles, and publishes an
 * immutable {@link io.keelson.kvstore.auth.AuthView} after each batch that did. What a range of keys is, a check and the
 * operation it checks learn from the same {@link io.keelson.kvstore.mvcc.KeyRange}, so that they cannot disagree.
 */
@NullMarked
package io.keelson.kvstore.auth;

import org.jspecify.annotations.NullMarked;
