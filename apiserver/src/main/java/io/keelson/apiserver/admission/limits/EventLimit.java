package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One limit of the plugin {@code EventRateLimit}: a bucket for everything, or one for each namespace, user, or source and
 * object of events. The buckets that were used longest ago are forgotten when there are too many.
 */
final class EventLimit {
    private static final int CACHE_DEFAULT = 4096;
    private static final int CACHE_MAX = 1_000_000;
    private static final String VERSION = "eventratelimit.admission.k8s.io/v1alpha1";

    /** What is counted together. */
    enum Type {
        SERVER("Server"),
        NAMESPACE("Namespace"),
        USER("User"),
        SOURCE_AND_OBJECT("SourceAndObject");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }

    private final Type type;
    private final int perSecond;
    private final int burst;
    private final Map<String, TokenBucket> buckets;

    private EventLimit(Type type, int perSecond, int burst, int bucketsMax) {
        this.type = type;
        this.perSecond = perSecond;
        this.burst = burst;
        this.buckets = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
                return size() > bucketsMax;
            }
        };
    }

    /**
     * Reads a {@code Configuration} of that group.
     *
     * @throws IllegalArgumentException saying all that is wrong with it
     */
    static List<EventLimit> parse(JsonNode configuration) {
        if (!configuration.path("apiVersion").asText("").equals(VERSION)
                || !configuration.path("kind").asText("").equals("Configuration")) {
            throw new IllegalArgumentException("not a Configuration of " + VERSION);
        }
        List<String> wrong = new ArrayList<>();
        List<EventLimit> limits = new ArrayList<>();
        JsonNode list = configuration.path("limits");
        if (list.isEmpty()) {
            wrong.add("limits: Invalid value: []: must not be empty");
        }
        for (int i = 0; i < list.size(); i++) {
            String path = "limits[" + i + "].";
            int before = wrong.size();
            Type type = type(list.get(i).path("type").asText(""), path, wrong);
            int perSecond = positive(list.get(i), "qps", path, wrong);
            int burst = positive(list.get(i), "burst", path, wrong);
            int cache = list.get(i).path("cacheSize").asInt(0);
            if (cache < 0 || cache > CACHE_MAX) {
                wrong.add(path + "cacheSize: Invalid value: " + cache + ": must be between 0 and " + CACHE_MAX);
            }
            if (wrong.size() == before) {
                limits.add(new EventLimit(type, perSecond, burst, cache == 0 ? CACHE_DEFAULT : cache));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", wrong));
        }
        return limits;
    }

    private static Type type(String text, String path, List<String> wrong) {
        for (Type type : Type.values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        wrong.add(path + "type: Unsupported value: \"" + text
                + "\": supported values: \"Namespace\", \"Server\", \"SourceAndObject\", \"User\"");
        return Type.SERVER;
    }

    private static int positive(JsonNode limit, String field, String path, List<String> wrong) {
        int number = limit.path(field).asInt(0);
        if (number <= 0) {
            wrong.add(path + field + ": Invalid value: " + number + ": must be positive");
        }
        return number;
    }

    /** Counts an event; false if it is one too many. */
    boolean admits(AdmissionRequest request, ObjectNode event, long nowNanos) {
        return bucket(key(request, event), nowNanos).take(nowNanos);
    }

    private TokenBucket bucket(String key, long nowNanos) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(key, _ -> new TokenBucket(perSecond, burst, nowNanos));
        }
    }

    /** {@code limit reached on type Namespace for key default}. */
    String refusal(AdmissionRequest request, ObjectNode event) {
        return "limit reached on type " + type.text + " for key " + key(request, event);
    }

    private String key(AdmissionRequest request, ObjectNode event) {
        return switch (type) {
            case SERVER -> "";
            case NAMESPACE -> request.namespace();
            case USER -> request.user().name();
            case SOURCE_AND_OBJECT -> {
                StringBuilder key = new StringBuilder();
                for (String field : new String[] {"component", "host"}) {
                    key.append(event.path("source").path(field).asText(""));
                }
                for (String field : new String[] {"kind", "namespace", "name", "uid", "apiVersion"}) {
                    key.append(event.path("involvedObject").path(field).asText(""));
                }
                yield key.toString();
            }
        };
    }
}
