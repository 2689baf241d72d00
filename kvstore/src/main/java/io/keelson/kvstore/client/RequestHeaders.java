package io.keelson.kvstore.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/** Adds what etcd's servers read from request headers: the token of the user, and the wish for a member with leader. */
final class RequestHeaders implements ClientInterceptor {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final @Nullable String token;
    private final boolean requireLeader;

    RequestHeaders(@Nullable String token, boolean requireLeader) {
        this.token = token;
        this.requireLeader = requireLeader;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                if (token != null) {
                    headers.put(TOKEN, token);
                }
                if (requireLeader) {
                    headers.put(HAS_LEADER, "true");
                }
                super.start(listener, headers);
            }
        };
    }
}
