package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Events as they are written, to the byte. */
class AuditEventTest {
    private static final AuditEvent EVENT = new AuditEvent(
            Level.REQUEST_RESPONSE,
            "8d1c",
            Stage.RESPONSE_COMPLETE,
            "/api/v1/namespaces/a/configmaps?pretty=true",
            "create",
            new UserInfo("jane", "u", List.of("dev", "say \"ops\""), Map.of("k", List.of("v"))),
            new UserInfo("joe", "", List.of("g"), Map.of()),
            "impersonate:user-info",
            List.of("10.0.0.1", "::1"),
            "kubectl",
            Json.object().put("resource", "configmaps").put("namespace", "a").put("apiVersion", "v1"),
            Json.parseObject("{\"metadata\":{},\"code\":201}".getBytes(StandardCharsets.UTF_8)),
            "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
            "{\"b\":2}".getBytes(StandardCharsets.UTF_8),
            Events.TIME,
            Events.TIME.plusMillis(5),
            Map.of("z/z", "2", "a/a", "1\n2"));

    @Test
    void asJson() {
        assertEquals(
                "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"RequestResponse\",\"auditID\":\"8d1c\","
                        + "\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/namespaces/a/configmaps?pretty=true\","
                        + "\"verb\":\"create\",\"user\":{\"username\":\"jane\",\"uid\":\"u\",\"groups\":[\"dev\","
                        + "\"say \\\"ops\\\"\"],\"extra\":{\"k\":[\"v\"]}},\"impersonatedUser\":{\"username\":\"joe\","
                        + "\"groups\":[\"g\"]},\"authenticationMetadata\":{\"impersonationConstraint\":"
                        + "\"impersonate:user-info\"},\"sourceIPs\":[\"10.0.0.1\",\"::1\"],\"userAgent\":\"kubectl\","
                        + "\"objectRef\":{\"resource\":\"configmaps\",\"namespace\":\"a\",\"apiVersion\":\"v1\"},"
                        + "\"responseStatus\":{\"metadata\":{},\"code\":201},\"requestObject\":{\"a\":1},"
                        + "\"responseObject\":{\"b\":2},\"requestReceivedTimestamp\":\"2026-01-31T10:00:00.123456Z\","
                        + "\"stageTimestamp\":\"2026-01-31T10:00:00.128456Z\",\"annotations\":{\"a/a\":\"1\\n2\","
                        + "\"z/z\":\"2\"}}",
                new String(EVENT.json(true), StandardCharsets.UTF_8));
    }

    @Test
    void inAListItDoesNotSayWhatItIs() {
        assertTrue(new String(EVENT.json(false), StandardCharsets.UTF_8).startsWith("{\"level\":"));
    }

    @Test
    void asALineOfText() {
        assertEquals(
                "2026-01-31T10:00:00.123456789Z AUDIT: id=\"8d1c\" stage=\"ResponseComplete\" ip=\"10.0.0.1\""
                        + " method=\"create\" user=\"jane\" groups=\"\\\"dev\\\",\\\"say \\\\\\\"ops\\\\\\\"\\\"\" as=\"joe\""
                        + " asgroups=\"\\\"g\\\"\" user-agent=\"kubectl\" namespace=\"a\""
                        + " uri=\"/api/v1/namespaces/a/configmaps?pretty=true\" response=\"201\"",
                EVENT.legacy());
        assertEquals(
                "2026-01-31T10:00:00.123456789Z AUDIT: id=\"x\" stage=\"RequestReceived\" ip=\"127.0.0.1\""
                        + " method=\"get\" user=\"jane\" groups=\"<none>\" as=\"<self>\" asgroups=\"<lookup>\""
                        + " user-agent=\"test\" namespace=\"<none>\" uri=\"/version\" response=\"<deferred>\"",
                Events.of("x", 0).legacy());
    }

    @Test
    void truncatedItSaysSo() {
        String text = new String(EVENT.truncated().json(true), StandardCharsets.UTF_8);
        assertTrue(text.contains("\"audit.k8s.io/truncated\":\"true\""));
        assertTrue(!text.contains("requestObject") && !text.contains("responseObject"));
    }

    @Test
    void tooLargeABatchIsSplitAndTooLargeAnEventCutOrDropped() {
        AuditCounts counts = new AuditCounts();
        int plain = Events.of("id", 0).json(true).length;
        Truncation truncation = new Truncation(
                new AuditSettings.Truncate(true, 2L * plain + 350, plain + 120), "log", counts, new Complaints());
        AuditEvent small = Events.of("id", 50);
        AuditEvent large = Events.of("id", 5_000);
        List<List<AuditEvent>> batches = truncation.fitted(List.of(small, large, small));
        assertEquals(List.of(2, 1), batches.stream().map(List::size).toList());
        assertEquals(null, batches.getFirst().get(1).requestObject());
        assertEquals("true", batches.getFirst().get(1).annotations().get(AuditEvent.TRUNCATED));
        Truncation narrow = new Truncation(new AuditSettings.Truncate(true, 100, 100), "log", counts, new Complaints());
        assertEquals(List.of(), narrow.fitted(List.of(small)));
        assertEquals(1, counts.dropped());
    }
}
