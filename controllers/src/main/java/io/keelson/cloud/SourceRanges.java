package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * From where a Service's load balancer takes traffic.
 *
 * @param ranges empty for from everywhere
 */
public record SourceRanges(List<IpPrefix> ranges) {
    /** Where the ranges were written before the Service had a field for them; it counts if that is empty. */
    public static final String ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";

    public SourceRanges {
        ranges = List.copyOf(ranges);
    }

    /**
     * The ranges of a Service.
     *
     * @throws CloudException if one of them is none
     */
    public static SourceRanges of(Service service) {
        List<String> written = OrEmpty.of(service.getSpec().getLoadBalancerSourceRanges());
        if (!written.isEmpty()) {
            return parsed(
                    written,
                    "service.Spec.LoadBalancerSourceRanges: [" + String.join(" ", written)
                            + "] is not valid. Expecting a list of IP ranges. For example, 10.0.0.0/24.");
        }
        String annotation = OrEmpty.of(
                        OrEmpty.of(service.getMetadata().getAnnotations()).get(ANNOTATION))
                .strip();
        if (annotation.isEmpty()) {
            return new SourceRanges(List.of());
        }
        return parsed(
                Arrays.asList(annotation.split(",", -1)),
                "service annotation " + ANNOTATION + ":" + annotation
                        + " is not valid. Expecting a comma-separated list of source IP ranges. For example,"
                        + " 10.0.0.0/24,192.168.2.0/24");
    }

    private static SourceRanges parsed(List<String> texts, String complaint) {
        List<IpPrefix> ranges = new ArrayList<>();
        for (String text : texts) {
            IpPrefix range = IpPrefix.parse(text.strip());
            if (range == null) {
                throw new CloudException(complaint);
            }
            ranges.add(range);
        }
        return new SourceRanges(ranges);
    }

    /** Whether traffic from an address is taken. One of a family that no range is of comes from outside all ranges. */
    public boolean allow(IpAddress source) {
        return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.contains(source));
    }
}
