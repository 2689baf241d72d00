package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.request.Headers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ForwardedHeadersTest {
    @Test
    void tokensAmongTheProtocolsOfAWebSocketStayHere() {
        assertEquals(
                Map.of("Sec-WebSocket-Protocol", List.of("v4.channel.k8s.io, chat")),
                ForwardedHeaders.toBackend(new Headers(Map.of(
                        "sec-websocket-protocol",
                        List.of("base64url.bearer.authorization.k8s.io.c2VjcmV0, v4.channel.k8s.io", "chat")))));
        assertEquals(
                Map.of(),
                ForwardedHeaders.toBackend(new Headers(
                        Map.of("Sec-WebSocket-Protocol", List.of("base64url.bearer.authorization.k8s.io.c2VjcmV0")))));
    }

    @Test
    void whatSaysWhoTheClientIsStaysHereInAnySpelling() {
        for (String name : List.of(
                "Authorization",
                "AUTHORIZATION",
                "X-Remote-User",
                "x_remote_user",
                "X-Remote-Extra-a",
                "Impersonate-Uid",
                "impersonate_extra-a")) {
            assertEquals(Map.of(), ForwardedHeaders.toBackend(new Headers(Map.of(name, List.of("x")))), name);
        }
    }

    @Test
    void whatIsAboutTheConnectionStaysOnIt() {
        Headers headers = new Headers(Map.of(
                "connection", List.of("close, X-One", "x-two"),
                "x-one", List.of("1"),
                "x-two", List.of("2"),
                "x-three", List.of("3", "3"),
                "transfer-encoding", List.of("chunked"),
                "keep-alive", List.of("5"),
                "host", List.of("here")));
        assertEquals(Map.of("X-Three", List.of("3", "3")), ForwardedHeaders.toBackend(headers));
        assertEquals(
                Map.of("X-Three", "3, 3", "Set-Cookie", "a\nb", "Content-Length", "7"),
                ForwardedHeaders.toClient(
                        Map.of(
                                "Connection", List.of("X-One"),
                                "X-One", List.of("1"),
                                "X-Three", List.of("3", "3"),
                                "Set-Cookie", List.of("a", "b"),
                                "Content-Length", List.of("7")),
                        true));
    }
}
