/**
 * Ways out of this server: {@code --egress-selector-config-file} says for each kind of other side ({@link
 * io.keelson.apiserver.egress.EgressType}) whether it is connected to directly or through a proxy. {@link
 * io.keelson.apiserver.egress.EgressSelector} knows which; an {@link io.keelson.apiserver.egress.EgressProxy} makes the
 * connections: one that speaks HTTP CONNECT over TCP, TLS or a unix socket, or a konnectivity server that is spoken to with
 * gRPC over a unix socket. Names of hosts are left to a proxy, which may be in a network that has other ones.
 *
 * <p>What is behind: the agents of nodes, pods, Services, aggregated API servers and webhooks that are Services ({@code
 * cluster}); webhooks that are URLs, those of authentication, authorization and the audit log ({@code controlplane}); the
 * store ({@code etcd}).
 */
@NullMarked
package io.keelson.apiserver.egress;

import org.jspecify.annotations.NullMarked;
