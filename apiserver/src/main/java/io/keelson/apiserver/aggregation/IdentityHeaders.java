package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.request.UserInfo;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who asks, in the header fields that front proxies send. */
final class IdentityHeaders {
    /** This server, when it asks for itself. */
    static final UserInfo SELF = new UserInfo("system:kube-aggregator", "", List.of(UserInfo.MASTERS), Map.of());

    /** What names of header fields may have; a percent sign is none of it, as it begins an escape. */
    private static final String LEGAL = "!#$&'*+-.^_`|~";

    private static final String HEX = "0123456789ABCDEF";

    private IdentityHeaders() {}

    static Map<String, List<String>> of(UserInfo user) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("X-Remote-User", List.of(user.name()));
        if (!user.uid().isEmpty()) {
            fields.put("X-Remote-Uid", List.of(user.uid()));
        }
        if (!user.groups().isEmpty()) {
            fields.put("X-Remote-Group", user.groups());
        }
        user.extra().forEach((key, values) -> {
            if (!values.isEmpty()) {
                fields.put("X-Remote-Extra-" + escaped(key), List.copyOf(values));
            }
        });
        return fields;
    }

    private static String escaped(String key) {
        StringBuilder escaped = new StringBuilder();
        for (byte octet : key.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (alphanumeric || LEGAL.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            }
        }
        return escaped.toString();
    }
}
