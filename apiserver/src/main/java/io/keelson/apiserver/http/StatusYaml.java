package io.keelson.apiserver.http;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** A {@code Status} in YAML, its fields sorted by name, as the API sorts them. */
final class StatusYaml {
    private static final DumpSettings SETTINGS = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndent(2)
            .setWidth(Integer.MAX_VALUE / 2)
            .build();

    private StatusYaml() {}

    static byte[] encode(ApiException failure) {
        Map<String, Object> status = new TreeMap<>();
        status.put("kind", "Status");
        status.put("apiVersion", "v1");
        Map<String, Object> metadata = new TreeMap<>();
        optional(metadata, "continue", failure.continueToken());
        status.put("metadata", metadata);
        status.put("status", "Failure");
        optional(status, "message", failure.message());
        optional(status, "reason", failure.reasonText());
        if (!failure.details().equals(StatusDetails.NONE)) {
            status.put("details", details(failure.details()));
        }
        status.put("code", failure.code());
        return new Dump(SETTINGS).dumpToString(status).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> details(StatusDetails details) {
        Map<String, Object> map = new TreeMap<>();
        optional(map, "name", details.name());
        optional(map, "group", details.group());
        optional(map, "kind", details.kind());
        optional(map, "uid", details.uid());
        List<Map<String, Object>> causes =
                details.causes().stream().map(StatusYaml::cause).toList();
        if (!causes.isEmpty()) {
            map.put("causes", causes);
        }
        if (details.retryAfterSeconds() > 0) {
            map.put("retryAfterSeconds", details.retryAfterSeconds());
        }
        return map;
    }

    private static Map<String, Object> cause(StatusCause cause) {
        Map<String, Object> map = new TreeMap<>();
        optional(map, "reason", cause.reason());
        optional(map, "message", cause.message());
        optional(map, "field", cause.field());
        return map;
    }

    private static void optional(Map<String, Object> map, String field, String value) {
        if (!value.isEmpty()) {
            map.put(field, value);
        }
    }
}
