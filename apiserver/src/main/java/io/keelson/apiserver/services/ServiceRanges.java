package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ranges of the ServiceCIDR objects, as the cache has them. One that is being deleted, or that somebody has found not
 * to be ready, gives nothing out; what was given out of it stays valid.
 */
final class ServiceRanges {
    private static final Logger log = LoggerFactory.getLogger(ServiceRanges.class);

    /** The range that the server makes from its flags. */
    static final String DEFAULT = "kubernetes";

    private final RestApi rest;
    private final Resource resource;

    ServiceRanges(RestApi rest) {
        this.rest = rest;
        this.resource = rest.resource("networking.k8s.io", "servicecidrs");
    }

    /** Those that addresses of a family are given out from. */
    List<AddressRange> open(IpFamily family) throws InterruptedException {
        List<AddressRange> ranges = new ArrayList<>();
        for (ObjectNode object : rest.all("networking.k8s.io", "servicecidrs", "")) {
            addOpen(object, family, ranges);
        }
        if (ranges.isEmpty()) {
            // A server that has just started may have written the first one and not seen it yet.
            ObjectNode first = rest.read(resource, "", DEFAULT);
            if (first != null) {
                addOpen(first, family, ranges);
            }
        }
        return ranges;
    }

    private static void addOpen(ObjectNode object, IpFamily family, List<AddressRange> ranges) {
        if (ObjectMeta.isBeingDeleted(object) || !isReady(object)) {
            return;
        }
        for (AddressRange range : of(object)) {
            if (range.family() == family && !ranges.contains(range)) {
                ranges.add(range);
            }
        }
    }

    /** Whether any range, open or not, has an address. */
    boolean cover(Address address) throws InterruptedException {
        for (ObjectNode object : rest.all("networking.k8s.io", "servicecidrs", "")) {
            for (AddressRange range : of(object)) {
                if (range.contains(address)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<AddressRange> of(ObjectNode object) {
        List<AddressRange> ranges = new ArrayList<>();
        for (JsonNode text : object.path("spec").path("cidrs")) {
            try {
                ranges.add(AddressRange.of(text.asText()));
            } catch (IllegalArgumentException e) {
                log.warn("ServiceCIDR {}: {}", ObjectMeta.name(object), e.getMessage());
            }
        }
        return ranges;
    }

    /** As long as nobody has said anything, it is. */
    private static boolean isReady(ObjectNode object) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return true;
    }
}
