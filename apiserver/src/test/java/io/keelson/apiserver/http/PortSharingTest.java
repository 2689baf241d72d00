package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Servers that want to listen on the same port. */
final class PortSharingTest {
    private static HttpSettings on(int port, boolean shared) {
        return HttpSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), null)
                .withSharedPort(shared);
    }

    @Test
    void aPortIsSharedOnlyIfAllSay() throws Exception {
        try (HttpFront first = HttpFront.start(on(0, true), request -> TestServer.ok("first"))) {
            try (HttpFront second = HttpFront.start(on(first.port(), true), request -> TestServer.ok("second"))) {
                assertEquals(first.port(), second.port());
            }
            assertThrows(
                    IOException.class,
                    () -> HttpFront.start(on(first.port(), false), request -> TestServer.ok("third"))
                            .close());
        }
        try (HttpFront alone = HttpFront.start(on(0, false), request -> TestServer.ok("alone"))) {
            assertThrows(
                    IOException.class,
                    () -> HttpFront.start(on(alone.port(), true), request -> TestServer.ok("other"))
                            .close());
        }
    }
}
