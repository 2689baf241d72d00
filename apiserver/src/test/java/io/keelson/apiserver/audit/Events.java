package io.keelson.apiserver.audit;

import io.keelson.apiserver.request.UserInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events for tests. */
final class Events {
    static final Instant TIME = Instant.parse("2026-01-31T10:00:00.123456789Z");

    private Events() {}

    /** One with an id, and an object of a size. */
    static AuditEvent of(String id, int objectBytes) {
        return of(
                id, objectBytes == 0 ? null : ("\"" + "x".repeat(objectBytes) + "\"").getBytes(StandardCharsets.UTF_8));
    }

    private static AuditEvent of(String id, byte @Nullable [] object) {
        return new AuditEvent(
                Level.REQUEST,
                id,
                Stage.REQUEST_RECEIVED,
                "/version",
                "get",
                new UserInfo("jane", "", List.of(), Map.of()),
                null,
                "",
                List.of("127.0.0.1"),
                "test",
                null,
                null,
                object,
                null,
                TIME,
                TIME.plusMillis(5),
                Map.of());
    }
}
