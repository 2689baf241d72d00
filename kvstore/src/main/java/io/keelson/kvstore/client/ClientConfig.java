package io.keelson.kvstore.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link KvClient} reaches its servers.
 *
 * @param endpoints {@code host:port}, {@code http://host:port}, {@code https://host:port} or {@code unix://path}; at
 *     least one
 * @param dialTimeout how long one endpoint may take to be reached before the next one is tried
 * @param keepAliveTime silence after which a connection is probed (gRPC raises it to 10 s)
 * @param keepAliveTimeout silence after a probe that ends the connection
 * @param tls null for connections without TLS; an {@code https} endpoint then uses what the JDK trusts
 * @param credentials null for none
 * @param requestBytesMax a larger request is refused before it is sent
 * @param responseBytesMax a larger answer ends its call
 * @param nativeTransport epoll where the machine has it; loading it costs a short command more than it gains
 */
public record ClientConfig(
        List<String> endpoints,
        Duration dialTimeout,
        Duration keepAliveTime,
        Duration keepAliveTimeout,
        @Nullable TlsFiles tls,
        @Nullable Credentials credentials,
        int requestBytesMax,
        int responseBytesMax,
        boolean nativeTransport) {
    /** What etcd's clients send at most when they are not told otherwise. */
    public static final int REQUEST_BYTES_MAX = 2 * 1024 * 1024;

    public ClientConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no available endpoints");
        }
    }

    /** Plaintext to these endpoints, with etcdctl's default times. */
    public static ClientConfig of(List<String> endpoints) {
        return new ClientConfig(
                endpoints,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(6),
                null,
                null,
                REQUEST_BYTES_MAX,
                Integer.MAX_VALUE,
                false);
    }

    /** The same with other endpoints. */
    public ClientConfig withEndpoints(List<String> others) {
        return new ClientConfig(
                others,
                dialTimeout,
                keepAliveTime,
                keepAliveTimeout,
                tls,
                credentials,
                requestBytesMax,
                responseBytesMax,
                nativeTransport);
    }

    /** The same with other credentials. */
    public ClientConfig withCredentials(@Nullable Credentials others) {
        return new ClientConfig(
                endpoints,
                dialTimeout,
                keepAliveTime,
                keepAliveTimeout,
                tls,
                others,
                requestBytesMax,
                responseBytesMax,
                nativeTransport);
    }
}
