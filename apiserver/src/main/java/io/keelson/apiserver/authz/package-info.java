/**
 * Who may do what. A request becomes {@link io.keelson.apiserver.authz.Attributes}; a chain of {@link
 * io.keelson.apiserver.authz.Authorizer}s decides about them: members of {@code system:masters} may do everything, nodes
 * what their pods need ({@link io.keelson.apiserver.authz.NodeAuthorizer}), others what roles grant them ({@link
 * io.keelson.apiserver.authz.RbacAuthorizer}) or a file ({@link io.keelson.apiserver.authz.AbacAuthorizer}), or another
 * server says ({@link io.keelson.apiserver.authz.WebhookAuthorizer}). What decisions rest on (roles, bindings, pods,
 * volumes) is handed in by calls that follow the watches; nothing here reads the store.
 *
 * <p>What a request does is not always known when it comes. {@link io.keelson.apiserver.authz.WriteCheck} is asked again
 * while a write is under way: when an update turns out to create something, and before something is written that grants
 * permissions ({@link io.keelson.apiserver.authz.Escalation}).
 */
@NullMarked
package io.keelson.apiserver.authz;

import org.jspecify.annotations.NullMarked;
