package io.keelson.agent.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What plugins have made, as the last of them says: of any version. It goes on to the next plugin, and into the cache, as it came.
 *
 * @param json as it came
 */
record CniResult(ObjectNode json) {
    /**
     * The addresses of the sandbox's interface, the first of each family.
     *
     * @throws IOException if one of them is none, or there is none
     */
    PodAddresses addresses() throws IOException {
        Map<String, String> byFamily = new LinkedHashMap<>();
        JsonNode interfaces = json.path("interfaces");
        for (JsonNode ip : json.path("ips")) {
            JsonNode index = ip.path("interface");
            if (!index.isInt() || isPods(interfaces.path(index.asInt()))) {
                add(byFamily, ip.path("address").asText(""));
            }
        }
        for (String old : List.of("ip4", "ip6")) {
            if (json.path(old).has("ip")) {
                add(byFamily, json.path(old).path("ip").asText(""));
            }
        }
        if (byFamily.isEmpty()) {
            throw new IOException("the plugins' result has no address of the pod");
        }
        return new PodAddresses(List.copyOf(byFamily.values()));
    }

    private static boolean isPods(JsonNode one) {
        return !one.path("sandbox").asText("").isEmpty()
                && one.path("name").asText("").equals(SandboxAttachment.INTERFACE);
    }

    private static void add(Map<String, String> byFamily, String text) throws IOException {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IOException("the plugins' result has an address that is none: \"" + text + '"');
        }
        byFamily.putIfAbsent(address.family(), address.toString());
    }

    /** A result that was kept; null if it is none. */
    static @Nullable CniResult of(@Nullable JsonNode json) {
        return json instanceof ObjectNode object ? new CniResult(object) : null;
    }
}
