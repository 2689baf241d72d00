package io.keelson.apiserver.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a server listens.
 *
 * @param address port 0 for any that is free
 * @param tls null for a server without TLS, which is for tests
 * @param eventLoops threads that read and write; requests are handled elsewhere
 * @param http2 whether clients may have HTTP/2 by TLS, and not only HTTP/1.1
 * @param goAwayChance how likely a request of HTTP/2 is the last one but those under way on its connection, from 0 to 1
 * @param sharesPort whether others that share theirs may listen on the same port at the same time; the system divides new
 *     connections among them
 */
public record HttpSettings(
        InetSocketAddress address,
        @Nullable TlsSettings tls,
        HttpLimits limits,
        int eventLoops,
        boolean http2,
        double goAwayChance,
        boolean sharesPort) {
    /** What is usual for a machine of this size. */
    public static HttpSettings of(InetSocketAddress address, @Nullable TlsSettings tls) {
        int loops = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
        return new HttpSettings(address, tls, HttpLimits.DEFAULT, loops, true, 0, false);
    }

    public HttpSettings withLimits(HttpLimits newLimits) {
        return new HttpSettings(address, tls, newLimits, eventLoops, http2, goAwayChance, sharesPort);
    }

    /** Without HTTP/2. */
    public HttpSettings withoutHttp2() {
        return new HttpSettings(address, tls, limits, eventLoops, false, goAwayChance, sharesPort);
    }

    public HttpSettings withGoAwayChance(double chance) {
        return new HttpSettings(address, tls, limits, eventLoops, http2, chance, sharesPort);
    }

    public HttpSettings withSharedPort(boolean shared) {
        return new HttpSettings(address, tls, limits, eventLoops, http2, goAwayChance, shared);
    }
}
