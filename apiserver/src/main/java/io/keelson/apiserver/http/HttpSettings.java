package io.keelson.apiserver.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a server listens.
 *
 * @param address port 0 for any that is free
 * @param tls null for a server without TLS, which is for tests
 * @param eventLoops threads that read and write; requests are handled elsewhere
 */
public record HttpSettings(
        InetSocketAddress address, @Nullable TlsSettings tls, HttpLimits limits, int eventLoops) {
    /** What is usual for a machine of this size. */
    public static HttpSettings of(InetSocketAddress address, @Nullable TlsSettings tls) {
        int loops = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
        return new HttpSettings(address, tls, HttpLimits.DEFAULT, loops);
    }

    public HttpSettings withLimits(HttpLimits newLimits) {
        return new HttpSettings(address, tls, newLimits, eventLoops);
    }
}
